import {
  allowedNetworks,
  gatewayEndpointServices,
  interfaceEndpointServices,
  logRetentionDays,
  privateRanges,
  securityGroupRules,
  vpcPrefixLengths,
} from "../../facts/aws-limits";
import { allowedIpPrefixMinimum } from "../../facts/forms";
import { containsCidrBlock, enclosingCidrBlock, formatCidrBlock, parseCidrBlock } from "../subnets";
import { didYouMean } from "../validation/problems";
import { apart, distinct, listOf, number, oneOf, orNull, record, ruled, text } from "../validation/rules";

const { minimum: shortestVpc, maximum: longestVpc } = vpcPrefixLengths;

const vpcCidrBlock = text(
  `a private IPv4 CIDR block (${privateRanges.join(", ")}), /${shortestVpc} to /${longestVpc}, without host bits: each subnet takes 8 more bits, and a load balancer needs /27`,
  (value) => {
    const block = parseCidrBlock(value);
    if (!block) {
      return "write it as 10.0.0.0/16";
    }
    const tooSmall = block.prefix > longestVpc;
    const prefix = tooSmall ? shortestVpc : Math.max(shortestVpc, block.prefix);
    const right = enclosingCidrBlock(block, prefix);
    if (!privateRanges.some((range) => isWithin(right, range))) {
      return `use a private block, such as 10.0.0.0/${prefix}`;
    }
    const spelling = formatCidrBlock(right);
    if (tooSmall) {
      return `use ${spelling}, which holds every size, or a smaller block, /${longestVpc} at least: /${block.prefix} is too small for its subnets`;
    }
    if (block.prefix < shortestVpc) {
      return `use ${spelling}: a VPC is at most /${shortestVpc}`;
    }
    return value === spelling || `write ${spelling}`;
  },
);

function isWithin(block: { address: number; prefix: number }, range: string): boolean {
  const outer = parseCidrBlock(range);
  return outer !== undefined && containsCidrBlock(outer, block);
}

const allowedIp = text(`an IPv4 CIDR block, /${allowedIpPrefixMinimum} to /32, without host bits`, (value) => {
  const block = parseCidrBlock(value);
  if (!block) {
    if (/^\d+(\.\d+){3}(\/\d+)?$/.test(value)) {
      return parseCidrBlock(`${value}/32`)
        ? `write ${value}/32`
        : "correct the block: four numbers from 0 to 255, and a prefix length behind the slash";
    }
    return "write it as 203.0.113.0/24";
  }
  if (block.prefix < allowedIpPrefixMinimum) {
    return `name the networks of the office or VPN, each /${allowedIpPrefixMinimum} or smaller: this admits a large part of the internet`;
  }
  const spelling = formatCidrBlock(enclosingCidrBlock(block, block.prefix));
  return value === spelling || `write ${spelling}`;
});

const interfaceEndpoint = text(`one of ${interfaceEndpointServices.join(", ")}`, (service) => {
  if (interfaceEndpointServices.includes(service)) {
    return true;
  }
  if (gatewayEndpointServices.includes(service)) {
    return "remove it: this service has a gateway endpoint, which costs nothing (S3's is always there)";
  }
  const short = /^com\.amazonaws\.[a-z0-9-]+\.(.+)$/.exec(service)?.[1];
  if (short !== undefined && interfaceEndpointServices.includes(short)) {
    return `write "${short}"`;
  }
  return didYouMean(service, interfaceEndpointServices) || "remove it, or choose one of the list";
});

/** A retention that a log group can have. */
export function logRetention(otherwise = "") {
  return number(`${logRetentionDays.join(", ")} days${otherwise}`, (days) => {
    const longer = logRetentionDays.find((known) => known > days) ?? logRetentionDays.at(-1);
    return logRetentionDays.includes(days) || `use ${longer}, the next that CloudWatch Logs knows`;
  });
}

export const network = record({
  /** IPv4 CIDR block of the VPC: each subnet takes 8 more bits, so a /16 gives /24 subnets. */
  vpcCidrBlock,
  /** One NAT gateway for all zones (about 36 USD a month each, its public IPv4 address included), or one in each zone. */
  natGateways: oneOf(["one", "per-zone"]),
  /** AWS services reached inside the VPC rather than through NAT: `ecr.api`, `logs`, ... (about 7 USD a month and zone each). */
  interfaceEndpoints: ruled(
    listOf(interfaceEndpoint, "a list of service names, such as ecr.api and logs; empty for none"),
    distinct("distinct services", "network.interfaceEndpoints"),
  ),
  /** Days that VPC flow logs are kept, or null: no flow logs. A retention that CloudWatch Logs knows. */
  flowLogRetentionDays: orNull(
    logRetention(", or null for no flow logs"),
    `a retention of CloudWatch Logs (${logRetentionDays.join(", ")} days), or null for no flow logs`,
  ),
  /** Default of the variable `allowed_ips`: IPv4 CIDR blocks (an office, a VPN) that may reach the Elasticsearch domain on port 443. */
  allowedIps: ruled(
    listOf(allowedIp, "a list of IPv4 CIDR blocks; empty for none"),
    apart("CIDR blocks that do not overlap", "network.allowedIps", (outer, inner) => {
      const block = parseCidrBlock(inner);
      return block !== undefined && isWithin(block, outer);
    }),
    {
      find: (blocks) =>
        blocks.length > allowedNetworks && {
          path: [],
          allowed: `at most ${allowedNetworks} networks: a security group takes ${securityGroupRules} rules, and two of them admit Logstash and the bootstrap`,
          fix: `remove ${blocks.length - allowedNetworks}, or name larger blocks that cover several`,
        },
    },
  ),
});
