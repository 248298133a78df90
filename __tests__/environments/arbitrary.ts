import fc from "fast-check";
import { accounts } from "../../environments/accounts";
import { mostApiTasks, privateSubnetLoad, subnetPrefix } from "../../environments/capacity";
import type { Account, Backend, Environment, Size } from "../../environments/environment";
import { enclosingCidrBlock, formatCidrBlock, parseCidrBlock } from "../../environments/subnets";
import {
  dedicatedMasterCounts,
  elasticsearchGp3MaximumGiB,
  fargateMemoryMiB,
  interfaceEndpointServices,
  logRetentionDays,
  reservedUsernamePrefix,
  reservedUsernames,
  wafManagedRules,
  wafOwnRules,
} from "../../facts/aws-limits";
import { connectionsNeeded, databaseConnections, privateAddressesNeeded, usableAddresses } from "../../facts/capacity";
import { databaseClass } from "../../facts/instance-classes";
import { logstashLargestBatch, logstashMaximumBatchSize, logstashMinimumMemoryMiB } from "../../facts/logstash";

const letters = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const lower = [...letters, ...digits];

function word(first: readonly string[] | string, rest: readonly string[] | string, minimum: number, maximum: number) {
  return fc
    .tuple(
      fc.constantFrom(...first),
      fc.string({ unit: fc.constantFrom(...rest), minLength: minimum - 1, maxLength: maximum - 1 }),
    )
    .map(([head, tail]) => head + tail);
}

/** Lower-case letters and digits in one or two parts with a hyphen between them. */
function name(maximum: number) {
  const half = Math.floor((maximum - 1) / 2);
  return fc.oneof(
    word(letters, lower, 2, maximum),
    fc.tuple(word(letters, lower, 1, half), word(lower, lower, 1, half)).map((parts) => parts.join("-")),
  );
}

const accountIds = fc.string({ unit: fc.constantFrom(...digits), minLength: 12, maxLength: 12 });
const regions = fc.constantFrom("us-east-1", "us-west-2", "eu-north-1", "eu-central-1", "ap-southeast-2");

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/** Canonical private CIDR blocks of /16 to /19. */
export const vpcCidrBlocks: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...privateRanges), fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: 16, max: 19 }))
  .map(([range, offset, prefix]) => {
    const outer = parseCidrBlock(range) as { address: number; prefix: number };
    const address = outer.address + (offset % 2 ** (32 - outer.prefix));
    return formatCidrBlock(enclosingCidrBlock({ address, prefix }, prefix));
  });

/** Distinct networks of one size, so that none covers another. */
const allowedIps = fc.integer({ min: 8, max: 32 }).chain((prefix) =>
  fc
    .uniqueArray(fc.nat({ max: 2 ** 32 - 1 }), {
      maxLength: 4,
      selector: (address) => enclosingCidrBlock({ address, prefix }, prefix).address,
    })
    .map((addresses) => addresses.map((address) => formatCidrBlock(enclosingCidrBlock({ address, prefix }, prefix)))),
);

const elasticsearchTypes = Object.entries(elasticsearchGp3MaximumGiB).flatMap(([family, sizes]) =>
  Object.entries(sizes).map(([size, maximum]) => ({ type: `${family}.${size}.elasticsearch`, maximum })),
);

const amounts = fc.integer({ min: 1, max: 10_000_000 }).map((cents) => cents / 100);

function sizes(zoneCount: number): fc.Arbitrary<Size> {
  return fc
    .record({
      apiDesiredCount: fc.integer({ min: 1, max: 25 }),
      more: fc.integer({ min: 0, max: 25 }),
      databaseInstanceClass: fc.constantFrom("db.t3.medium", "db.t4g.micro", "db.r5.large", "db.m6g.12xlarge"),
      databaseMultiAz: fc.boolean(),
      databaseReadReplicas: fc.constantFrom(0, 0, 0, 1, 2),
      redisNodeType: fc.constantFrom("cache.t3.micro", "cache.t4g.small", "cache.r5.large", "cache.m6g.4xlarge"),
      data: fc.constantFrom(...elasticsearchTypes),
      masters: fc.constantFrom(...elasticsearchTypes),
      nodes: fc.integer({ min: 1, max: 40 }),
      volume: fc.nat(),
      priceClass: fc.constantFrom("PriceClass_100", "PriceClass_200", "PriceClass_All"),
      monthlyBudgetUsd: amounts,
    })
    .map(({ more, data, masters, nodes, volume, ...rest }) => {
      const count = zoneCount === 2 ? 2 * nodes : nodes + 2;
      return {
        apiDesiredCount: rest.apiDesiredCount,
        apiMaximumCount: rest.apiDesiredCount + more,
        databaseInstanceClass: rest.databaseInstanceClass,
        databaseMultiAz: rest.databaseMultiAz,
        databaseReadReplicas: rest.databaseReadReplicas,
        redisNodeType: rest.redisNodeType,
        elasticsearchInstanceType: data.type,
        elasticsearchInstanceCount: count,
        elasticsearchMasterInstanceType:
          count > 10 && masters.type.startsWith("t3.") ? "m5.large.elasticsearch" : masters.type,
        elasticsearchVolumeSizeGiB: 10 + (volume % (data.maximum - 9)),
        priceClass: rest.priceClass,
        monthlyBudgetUsd: rest.monthlyBudgetUsd,
      };
    });
}

const fargate = fc
  .constantFrom(...Object.entries(fargateMemoryMiB))
  .chain(([cpu, memory]) => fc.record({ cpu: fc.constant(Number(cpu)), memoryMiB: fc.constantFrom(...memory) }));

const imageTags = fc.oneof(
  word([...letters, ...digits, "_"], [...lower, "_", ".", "-"], 1, 40).filter((tag) => tag !== "latest"),
  fc
    .string({ unit: fc.constantFrom(...digits, ..."abcdef"), minLength: 64, maxLength: 64 })
    .map((digest) => `sha256:${digest}`),
);

const usernames = word(letters, [...lower, "_"], 1, 63).filter(
  (username) => !username.startsWith(reservedUsernamePrefix) && !reservedUsernames.has(username),
);

/** Windows that lie apart whatever their zones, each with its day's end. */
const schedules: readonly (readonly [start: string, end: string])[] = [
  ["cron(45 3 ? * SUN *)", "cron(15 6 ? * SUN *)"],
  ["cron(0/15 8-18 ? JAN,JUL WED 2027)", "cron(59 23 ? * WED *)"],
  ["at(2027-01-29T02:00:00)", "at(2027-01-29T22:00:00)"],
];

const scalingWindows = fc.shuffledSubarray([...schedules], { maxLength: 2 }).chain((chosen) =>
  fc
    .tuple(
      ...chosen.map(([start, end], index) =>
        fc
          .record({
            name: name(30),
            timezone: fc.constantFrom("UTC", "Europe/Stockholm", "America/New_York"),
            minimum: fc.integer({ min: 1, max: 40 }),
            more: fc.nat({ max: 40 }),
          })
          .map(({ more, ...window }) => ({
            ...window,
            name: `${window.name}-${index}`,
            start,
            end,
            maximum: window.minimum + more,
          })),
      ),
    )
    .map((windows) => [...windows]),
);

const versions = fc.integer({ min: 1, max: 1000 });
const emails = fc
  .tuple(word(letters, lower, 1, 20), word(letters, lower, 1, 20))
  .map(([a, b]) => `${a}@${b}.example.com`);

/** The same with a database and subnets that are large enough, where what was drawn is not. */
function roomy(environment: Environment): Environment {
  const { tasks } = mostApiTasks(environment);
  const memoryGiB = databaseClass(environment.size.databaseInstanceClass)?.memoryGiB ?? 0;
  const prefix = subnetPrefix(environment.network.vpcCidrBlock) ?? 0;
  const block = parseCidrBlock(environment.network.vpcCidrBlock) as { address: number; prefix: number };
  return {
    ...environment,
    size: {
      ...environment.size,
      ...(connectionsNeeded(tasks) > databaseConnections(memoryGiB)
        ? { databaseInstanceClass: "db.m6g.12xlarge" }
        : {}),
    },
    network: {
      ...environment.network,
      ...(privateAddressesNeeded(privateSubnetLoad(environment)) > usableAddresses(prefix)
        ? { vpcCidrBlock: formatCidrBlock(enclosingCidrBlock(block, 16)) }
        : {}),
    },
  };
}

/** A whole environment that AWS would take: every rule of the schema holds for it. */
export const environmentArbitrary: fc.Arbitrary<Environment> = fc
  .record({
    name: name(16).filter((candidate) => !/^(account|state)-/.test(candidate)),
    accountId: accountIds,
    region: regions,
    zoneLetters: fc.shuffledSubarray(["a", "b", "c", "d"], { minLength: 2, maxLength: 3 }),
  })
  .chain(({ zoneLetters, ...identity }) => {
    const backends: fc.Arbitrary<Backend> = fc.oneof(
      fc.constant({ type: "local" } as const),
      fc.constant({
        type: "s3",
        bucket: `skymanuals-terraform-state-${identity.accountId}`,
        key: `skymanuals-${identity.name}/terraform.tfstate`,
        region: identity.region,
        kmsKeyId: "alias/skymanuals-terraform-state",
      } as const),
      fc.record({
        type: fc.constant("cloud" as const),
        organization: fc.constant("skymanuals"),
        project: fc.constantFrom(null, "Aviation Platform"),
        workspace: fc.constantFrom({ name: `skymanuals-${identity.name}` }, { tags: ["skymanuals", identity.name] }),
      }),
    );
    return fc.record<Environment>({
      name: fc.constant(identity.name),
      accountId: fc.constant(identity.accountId),
      region: fc.constant(identity.region),
      zones: fc.constant(zoneLetters.map((letter) => identity.region + letter)),
      size: sizes(zoneLetters.length),
      names: fc.record({
        prefix: name(23).filter((prefix) => !/^(internal-|aws|ssm|sg-)/.test(prefix)),
        chunksBucket: fc.constant(`${identity.name}-skymanuals-chunks`),
        logsBucket: fc.constant(`${identity.name}-skymanuals-logs`),
      }),
      backend: backends,
      network: fc.record({
        vpcCidrBlock: vpcCidrBlocks,
        natGateways: fc.constantFrom("one", "per-zone"),
        interfaceEndpoints: fc.subarray(interfaceEndpointServices, { maxLength: 6 }),
        flowLogRetentionDays: fc.constantFrom(null, ...logRetentionDays),
        allowedIps,
      }),
      edge: fc.constantFrom(...logRetentionDays).chain((kept) =>
        fc.record({
          origin: fc.constantFrom("vpc", "public"),
          standby: fc.boolean(),
          publicPaths: fc.subarray(["/static/*", "/favicon.ico", "/docs/*/index.html", "/a?pi/*"]),
          logRetentionDays: fc.constant(kept),
          loadBalancerLogRetentionDays: fc.integer({ min: 1, max: kept }),
          restrictToAllowedIps: fc.constant(false),
          waf: fc.record({
            countOnly: fc.oneof(
              fc.subarray([...Object.keys(wafManagedRules), ...wafOwnRules]),
              fc.subarray(Object.values(wafManagedRules).flat(), { maxLength: 6 }),
            ),
            rateLimit: fc.integer({ min: 10, max: 2_000_000_000 }),
            uploadPaths: fc.subarray(["/api/manuals", "/api/manuals/*/revisions", "/upload/v1.0"]),
          }),
        }),
      ),
      api: fargate.chain((pair) =>
        fc.record({
          ecrRepositoryUrl: fc.constantFrom(
            null,
            `${identity.accountId}.dkr.ecr.${identity.region}.amazonaws.com/skymanuals/${identity.name}`,
          ),
          imageTag: imageTags,
          cpu: fc.constant(pair.cpu),
          memoryMiB: fc.constant(pair.memoryMiB),
          jwtSecretVersion: versions,
          originSecretVersion: versions,
          waitForSteadyState: fc.boolean(),
          requestsPerMinutePerTask: fc.integer({ min: 1, max: 1_000_000 }),
          scheduledScaling: scalingWindows,
        }),
      ),
      tracing: fc.record({
        reservoirPerSecond: fc.integer({ min: 0, max: 1000 }),
        sampledPercent: fc.integer({ min: 0, max: 100 }),
        slowSeconds: fc.integer({ min: 1, max: 60 }),
      }),
      encryption: fc.constantFrom("aws", "customer-managed", "adopted"),
      database: fc.record({
        username: usernames,
        engineVersion: fc.constantFrom("15", "15.4", "15.13"),
        backupRetentionDays: fc.integer({ min: 1, max: 35 }),
        applyImmediately: fc.boolean(),
        passwordVersion: versions,
        applicationUsername: usernames.map((username) => `${username.slice(0, 57)}_app`),
        applicationPasswordVersion: versions,
      }),
      backup: fc.record({
        monthlyRetentionDays: fc.integer({ min: 2557, max: 3653 }),
        vaultLock: fc.option(
          fc.record({
            mode: fc.constant("GOVERNANCE"),
            minimumRetentionDays: fc.integer({ min: 1, max: 2557 }),
            maximumRetentionDays: fc.integer({ min: 3653, max: 36_500 }),
            changeableForDays: fc.constant(null),
          }),
        ),
        restoreTestValidationHours: fc.option(fc.integer({ min: 1, max: 168 })),
      }),
      redis: fc.record({
        snapshotRetentionDays: fc.integer({ min: 0, max: 35 }),
        authTokenUpdateStrategy: fc.constantFrom("SET", "ROTATE"),
        authTokenVersion: versions,
      }),
      storage: fc.record({
        currentChunks: fc.constantFrom("keep", "expire"),
        coldPrefixes: fc.constantFrom([], ["archive/", "superseded/manuals/"]),
      }),
      elasticsearch: fc.record({
        dedicatedMasterCount: fc.constantFrom(...dedicatedMasterCounts),
        operatorRoleArns: fc.constantFrom([], ["arn:aws:iam::111111111111:role/operators"]),
        retentionDays: fc.integer({ min: 3, max: 500 }),
        snapshotsBucket: fc.constant(`${identity.name}-skymanuals-log-snapshots`),
      }),
      logstash: fargate
        .filter(({ memoryMiB }) => memoryMiB >= logstashMinimumMemoryMiB)
        .chain((pair) =>
          fc.record({
            imageTag: imageTags,
            capacity: fc.constantFrom("FARGATE", "FARGATE_SPOT"),
            cpu: fc.constant(pair.cpu),
            memoryMiB: fc.constant(pair.memoryMiB),
            batchSize: fc.integer({
              min: 1,
              max: Math.min(logstashLargestBatch, logstashMaximumBatchSize(pair.memoryMiB)),
            }),
            streamShards: fc.integer({ min: 1, max: 1000 }),
          }),
        ),
      audit: fc.record({
        bucket: fc.constant(`${identity.name}-skymanuals-audit`),
        lockMode: fc.constant("GOVERNANCE"),
        retentionDays: fc.integer({ min: 2557, max: 36500 }),
        contentTypes: fc.uniqueArray(fc.constantFrom("application/pdf", "text/plain", "image/svg+xml"), {
          minLength: 1,
        }),
        maximumChunkMiB: fc.integer({ min: 1, max: 1024 }),
      }),
      archive: fc.integer({ min: 2557, max: 36500 }).chain((retentionDays) =>
        fc.record({
          bucket: fc.constant(`${identity.name}-skymanuals-log-archive`),
          lockMode: fc.constant("GOVERNANCE"),
          lockDays: fc.integer({ min: 2557, max: retentionDays }),
          retentionDays: fc.constant(retentionDays),
        }),
      ),
      // Its rules are of a pair: recovery.test.ts has them.
      recovery: fc.constant(null),
      protection: fc
        .record({
          preventDestroy: fc.boolean(),
          deletionProtection: fc.boolean(),
          finalSnapshot: fc.boolean(),
          forceDestroy: fc.boolean(),
          secretRecoveryDays: fc.oneof(fc.constant(0), fc.integer({ min: 7, max: 30 })),
        })
        .map((protection) => ({ ...protection, forceDestroy: protection.forceDestroy && !protection.preventDestroy })),
      domain: fc.constantFrom(null, {
        apiName: `api.${identity.name}.skymanuals.com`,
        zoneName: `${identity.name}.skymanuals.com`,
        zone: "create",
        viewerCertificateArn: null,
        originCertificateArn: null,
      } as const),
      budget: fc.record({
        limitUsd: fc.option(amounts),
        costOf: fc.constantFrom("account", "environment"),
        email: emails,
      }),
      alerts: fc.record({ pageEmail: emails, ticketEmail: emails }),
      complianceEmail: emails,
      adopted: fc.constant({ keep: {}, renamed: {}, moved: [], removed: [] }),
    });
  })
  .map(roomy);

/** The account that keeps the states of an environment. */
export function accountOf(environment: Environment): Account {
  const [committed] = accounts as [Account];
  return {
    ...committed,
    name: "generated",
    accountId: environment.accountId,
    region: environment.region,
    stateBucket: {
      bucket: `skymanuals-terraform-state-${environment.accountId}`,
      kmsKeyAlias: "alias/skymanuals-terraform-state",
    },
    backend: { type: "local" },
  };
}
