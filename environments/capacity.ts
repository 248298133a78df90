import {
  apiTasksWithin,
  connectionsNeeded,
  databaseConnections,
  dataNodesWithin,
  deploymentFactor,
  memoryGiBFor,
  type PrivateSubnetLoad,
  privateAddressesNeeded,
  tasksWithin,
  usableAddresses,
} from "../facts/capacity";
import { databaseClass, databaseClassWith } from "../facts/instance-classes";
import type { Environment } from "./environment";
import { enclosingCidrBlock, formatCidrBlock, parseCidrBlock, subnetBits } from "./subnets";
import type { CrossRule, Finding } from "./validation/rules";

/** What the platform needs at its largest: everything that the rules below, the variables and the checks before an apply compare. */
type Sized = Pick<Environment, "zones" | "size" | "api" | "network" | "elasticsearch">;

/** Where the most API tasks are asked for: the size, or a scaling window. */
export function mostApiTasks({ size, api }: Pick<Environment, "size" | "api">): {
  readonly tasks: number;
  readonly path: readonly (string | number)[];
} {
  return api.scheduledScaling.reduce<ReturnType<typeof mostApiTasks>>(
    (most, { maximum }, index) =>
      maximum > most.tasks ? { tasks: maximum, path: ["api", "scheduledScaling", index, "maximum"] } : most,
    { tasks: size.apiMaximumCount, path: ["size", "apiMaximumCount"] },
  );
}

/** What lies in the private subnets at the platform's largest. */
export function privateSubnetLoad(environment: Sized): PrivateSubnetLoad {
  const { zones, size, network, elasticsearch } = environment;
  return {
    zones: zones.length,
    interfaceEndpoints: network.interfaceEndpoints.length,
    apiTasks: mostApiTasks(environment).tasks,
    elasticsearchDataNodes: size.elasticsearchInstanceCount,
    elasticsearchMasters: elasticsearch.dedicatedMasterCount,
    databases: 1 + (size.databaseMultiAz ? 1 : 0) + size.databaseReadReplicas,
  };
}

/** The prefix length of the VPC's subnets. */
export function subnetPrefix(vpcCidrBlock: string): number | undefined {
  const vpc = parseCidrBlock(vpcCidrBlock);
  return vpc && vpc.prefix + subnetBits;
}

/** What a variable may be raised or lowered to without leaving what the rules below allow. */
export function variableLimits(environment: Sized): {
  /** GiB of a database for the connections of all tasks. */
  readonly databaseMemoryGiB: number;
  /** Data nodes that the private subnets have addresses for. */
  readonly elasticsearchDataNodes: number;
} {
  return {
    databaseMemoryGiB: memoryGiBFor(connectionsNeeded(mostApiTasks(environment).tasks)),
    elasticsearchDataNodes: dataNodesWithin(
      subnetPrefix(environment.network.vpcCidrBlock) ?? largestSubnet,
      privateSubnetLoad(environment),
    ),
  };
}

/** The pools of all API tasks fit into the database's connections. */
const connections: CrossRule<Environment> = {
  reads: ["size", "api.scheduledScaling"],
  find: ({ size, api }) => {
    const { memoryGiB } = databaseClass(size.databaseInstanceClass) ?? {};
    const { tasks, path } = mostApiTasks({ size, api });
    const needed = connectionsNeeded(tasks);
    const given = databaseConnections(memoryGiB ?? 0);
    if (memoryGiB === undefined || needed <= given) {
      return undefined;
    }
    const fits = tasksWithin(given);
    const larger = databaseClassWith(
      size.databaseInstanceClass,
      (candidate) => databaseConnections(candidate) >= needed,
    );
    const fewer = fits < 1 ? [] : [`use ${fits} or fewer`];
    return {
      path,
      allowed: `tasks whose connections ${size.databaseInstanceClass} has: about ${given}, and ${tasks} tasks need ${needed}, ${deploymentFactor} times as many tasks in a deployment included`,
      fix: [...fewer, larger === undefined ? "another class" : `set size.databaseInstanceClass: "${larger}"`].join(
        ", or ",
      ),
    };
  },
};

/** Everything in a private subnet has an address. */
const addresses: CrossRule<Environment> = {
  reads: [
    "zones",
    "size",
    "api.scheduledScaling",
    "network.vpcCidrBlock",
    "network.interfaceEndpoints",
    "elasticsearch.dedicatedMasterCount",
  ],
  find: (environment) => {
    const prefix = subnetPrefix(environment.network.vpcCidrBlock);
    const load = privateSubnetLoad(environment);
    const needed = privateAddressesNeeded(load);
    if (prefix === undefined || needed <= usableAddresses(prefix)) {
      return undefined;
    }
    const why = `${needed} addresses in each private subnet, for ${load.apiTasks} API tasks in a deployment and the log store in a change; a /${prefix} has ${usableAddresses(prefix)}`;
    const larger = Array.from({ length: prefix - largestSubnet }, (_, index) => prefix - 1 - index).find(
      (candidate) => usableAddresses(candidate) >= needed,
    );
    return larger === undefined ? tooMany(environment, load, why) : tooSmall(environment, larger - subnetBits, why);
  },
};

/** Of the largest VPC, a /16. */
const largestSubnet = 16 + subnetBits;

function tooSmall({ network }: Environment, prefix: number, why: string): Finding {
  const block = parseCidrBlock(network.vpcCidrBlock);
  const larger = block ? formatCidrBlock(enclosingCidrBlock(block, prefix)) : `a /${prefix}`;
  return {
    path: ["network", "vpcCidrBlock"],
    allowed: `a block whose subnets hold the platform: ${why}`,
    fix: `use ${larger} or a larger block`,
  };
}

/** No VPC is large enough. */
function tooMany(environment: Environment, load: PrivateSubnetLoad, why: string): Finding {
  const dataNodes = dataNodesWithin(largestSubnet, load);
  if (dataNodes >= load.zones) {
    return {
      path: ["size", "elasticsearchInstanceCount"],
      allowed: `data nodes that the largest VPC has addresses for: ${why}`,
      fix: `use ${dataNodes - (dataNodes % load.zones)} or fewer of a larger type`,
    };
  }
  return {
    path: mostApiTasks(environment).path,
    allowed: `tasks that the largest VPC has addresses for: ${why}`,
    fix: `use ${apiTasksWithin(largestSubnet, load)} or fewer`,
  };
}

export const capacityRules: readonly CrossRule<Environment>[] = [connections, addresses];
