import * as v from "valibot";
import {
  databaseReadReplicas,
  dedicatedMasterCounts,
  elasticsearchGp3MaximumGiB,
  elasticsearchNodes,
  elasticsearchVolumeGiB,
  fargateMemoryMiB,
  logRetentionDays,
  objectLockDays,
  publicPathMaximum,
  tasksPerService,
  wafManagedRules,
  wafRateLimit,
  wafRegexMaximum,
} from "../facts/aws-limits";
import { sevenYearsInDays } from "../facts/retention";
import { backendSchema } from "./backend-schema";
import type { Account, Environment } from "./environment";
import {
  accountId,
  accountName,
  address,
  addressAllowed,
  addressResourceType,
  allowedIp,
  apiName,
  bucketName,
  databaseInstanceClass,
  databaseUsername,
  ecrRepositoryUrl,
  elasticsearchInstanceType,
  elasticsearchMasterType,
  elasticsearchTypeParts,
  email,
  engineVersion,
  environmentName,
  imageTag,
  interfaceEndpoint,
  isAddress,
  keyPrefix,
  kmsKeyAlias,
  mediaType,
  namePrefix,
  originCertificateArn,
  publicPath,
  redisNodeType,
  region,
  regionOfZone,
  removedAddress,
  roleArn,
  scalingSchedule,
  scalingWindowName,
  stateAddress,
  timezone,
  uploadPath,
  viewerCertificateArn,
  vpcCidrBlock,
  wafRule,
  zone,
  zoneName,
} from "./fields";
import { cidrBlocksOverlap, containsCidrBlock, parseCidrBlock } from "./subnets";
import { uploadPathRegex } from "./validation/path-patterns";
import {
  across,
  type Finding,
  flag,
  formatPath,
  integer,
  listOf,
  mapOf,
  oneOf,
  orNull,
  record,
  rule,
} from "./validation/rules";

const version = integer("a whole number, 1 or more", 1);
const cpuUnits = Object.keys(fargateMemoryMiB).map(Number);

const size = record({
  apiDesiredCount: integer(`a whole number from 1 to ${tasksPerService}`, 1, tasksPerService),
  apiMaximumCount: integer(`a whole number from apiDesiredCount to ${tasksPerService}`, 1, tasksPerService),
  databaseInstanceClass,
  databaseMultiAz: flag,
  databaseReadReplicas: integer(`a whole number from 0 to ${databaseReadReplicas}`, 0, databaseReadReplicas),
  redisNodeType,
  elasticsearchInstanceType,
  elasticsearchInstanceCount: integer(
    `a whole number from 1 to ${elasticsearchNodes.maximum}, even over 2 zones, at least 3 over 3`,
    1,
    elasticsearchNodes.maximum,
  ),
  elasticsearchMasterInstanceType: elasticsearchMasterType,
  elasticsearchVolumeSizeGiB: integer(
    `a whole number of GiB from ${elasticsearchVolumeGiB.minimum} to what the instance type allows, at most ${elasticsearchVolumeGiB.maximum}`,
    elasticsearchVolumeGiB.minimum,
    elasticsearchVolumeGiB.maximum,
  ),
  priceClass: oneOf(["PriceClass_100", "PriceClass_200", "PriceClass_All"]),
});

const zones = listOf(zone, "2 or 3 availability zones of the region");

const network = record({
  vpcCidrBlock,
  natGateways: oneOf(["one", "per-zone"]),
  interfaceEndpoints: listOf(interfaceEndpoint, "a list of service names, such as ecr.api and logs; empty for none"),
  flowLogRetentionDays: orNull(
    logRetention(", or null for no flow logs"),
    `a retention of CloudWatch Logs (${logRetentionDays.join(", ")} days), or null for no flow logs`,
  ),
  allowedIps: listOf(allowedIp, "a list of IPv4 CIDR blocks; empty for none"),
});

function logRetention(otherwise = "") {
  const allowed = `${logRetentionDays.join(", ")} days${otherwise}`;
  return v.pipe(
    v.number(allowed),
    v.description(allowed),
    rule(allowed, (days: number) => {
      const longer = logRetentionDays.find((known) => known > days) ?? logRetentionDays.at(-1);
      return logRetentionDays.includes(days) || `use ${longer}, the next that CloudWatch Logs knows`;
    }),
  );
}

const edge = record({
  publicPaths: listOf(publicPath, "a list of path patterns, such as /static/*; empty for none"),
  logRetentionDays: logRetention(),
  restrictToAllowedIps: flag,
  waf: record({
    countOnly: listOf(wafRule, "a list of rules or rule groups that only count; empty for none"),
    rateLimit: integer(
      `a whole number of requests in five minutes, ${wafRateLimit.minimum} to ${wafRateLimit.maximum}`,
      wafRateLimit.minimum,
      wafRateLimit.maximum,
    ),
    uploadPaths: listOf(uploadPath, "a list of paths, such as /api/manuals; empty for none"),
  }),
});

const cpu = oneOf(cpuUnits);
const memoryMiB = integer("a memory in MiB that Fargate pairs with cpu", 512, 122880);

const masterCount = v.pipe(
  v.number("0, 3 or 5"),
  v.description("0, 3 or 5"),
  rule(
    "0, 3 or 5: AWS refuses one master and more than 5, and an even number has no majority of its own",
    (count: number) => dedicatedMasterCounts.includes(count) || `use ${count > 3 ? 5 : count === 2 ? 3 : 0}`,
  ),
);

const audit = record({
  bucket: bucketName,
  lockMode: oneOf(["COMPLIANCE", "GOVERNANCE"]),
  retentionDays: integer(`a whole number of days from 1 to ${objectLockDays}`, 1, objectLockDays),
  contentTypes: listOf(mediaType, "a list of media types, such as application/pdf"),
  maximumChunkMiB: integer("a whole number of MiB from 1 to 1024", 1, 1024),
});

const protection = record({
  preventDestroy: flag,
  deletionProtection: flag,
  finalSnapshot: flag,
  forceDestroy: flag,
  secretRecoveryDays: v.pipe(
    v.number("0, or 7 to 30 days"),
    v.description("0, or 7 to 30 days"),
    rule("0 (deleted at once), or 7 to 30 days", (days: number) => {
      if (days === 0 || (Number.isInteger(days) && days >= 7 && days <= 30)) {
        return true;
      }
      return `use ${days > 30 ? 30 : 7}, or 0 to delete at once`;
    }),
  ),
});

const scalingWindow = record({
  name: scalingWindowName,
  start: scalingSchedule,
  end: scalingSchedule,
  timezone,
  minimum: integer(`a whole number of tasks from 1 to ${tasksPerService}`, 1, tasksPerService),
  maximum: integer(`a whole number of tasks from minimum to ${tasksPerService}`, 1, tasksPerService),
});

const tracing = record({
  reservoirPerSecond: integer("0 to 1000 requests per second", 0, 1000),
  sampledPercent: integer("0 to 100 percent, a whole number", 0, 100),
  slowSeconds: integer("1 to 60 seconds", 1, 60),
});

/** Spot takes tasks away on two minutes' notice, and a change of a running service's capacity replaces it. */
const noSpotForTheApi =
  "remove it: the API runs on FARGATE, because Spot takes tasks away while they serve; logstash.capacity may be FARGATE_SPOT";

const amount = "an amount in USD above 0, with at most two decimals";

const adopted = record({
  keep: mapOf(
    mapOf(v.unknown(), "an object of Terraform's arguments and the values to keep"),
    "an object of addresses, each with the arguments to keep; empty for a new environment",
  ),
  renamed: mapOf(address, "an object from our address to the one to use instead; empty for a new environment"),
  moved: listOf(record({ from: stateAddress, to: address }), "a list of { from, to }; empty for a new environment"),
  removed: listOf(removedAddress, "a list of addresses; empty for a new environment"),
});

const environmentFields: v.GenericSchema<Environment> = record({
  name: environmentName,
  accountId,
  region,
  zones,
  size,
  names: record({ prefix: namePrefix, chunksBucket: bucketName, logsBucket: bucketName }),
  backend: backendSchema,
  network,
  edge,
  api: record(
    {
      ecrRepositoryUrl: orNull(
        ecrRepositoryUrl,
        "<account id>.dkr.ecr.<region>.amazonaws.com/<repository>, without tag or digest, or null for a repository of our own",
      ),
      imageTag,
      cpu,
      memoryMiB,
      jwtSecretVersion: version,
      originSecretVersion: version,
      requestsPerMinutePerTask: integer("a whole number of requests from 1 to 1000000", 1, 1_000_000),
      scheduledScaling: listOf(scalingWindow, "a list of scaling windows; empty for none"),
    },
    {
      capacity: noSpotForTheApi,
      spot: noSpotForTheApi,
      capacityProvider: noSpotForTheApi,
      launchType: noSpotForTheApi,
    },
  ),
  tracing,
  database: record({
    username: databaseUsername,
    engineVersion,
    backupRetentionDays: integer("1 to 35 days", 1, 35),
    applyImmediately: flag,
    passwordVersion: version,
    applicationUsername: databaseUsername,
    applicationPasswordVersion: version,
  }),
  redis: record({
    snapshotRetentionDays: integer("0 to 35 days; 0 takes no snapshots", 0, 35),
    authTokenUpdateStrategy: oneOf(["SET", "ROTATE"]),
    authTokenVersion: version,
  }),
  storage: record({
    encryption: oneOf(["AES256", "aws:kms"]),
    coldPrefixes: listOf(keyPrefix, "a list of beginnings of keys, each ending in a slash; empty for none"),
  }),
  elasticsearch: record({
    dedicatedMasterCount: masterCount,
    operatorRoleArns: listOf(roleArn, "a list of IAM role ARNs; empty for none"),
  }),
  logstash: record({ imageTag, capacity: oneOf(["FARGATE", "FARGATE_SPOT"]), cpu, memoryMiB }),
  audit,
  protection,
  domain: orNull(
    record({
      apiName,
      zoneName,
      zone: oneOf(["lookup", "create"]),
      viewerCertificateArn: orNull(viewerCertificateArn, "the ARN of a certificate in us-east-1, or null"),
      originCertificateArn: orNull(originCertificateArn, "the ARN of a certificate in the region, or null"),
    }),
    "an object with apiName, zoneName, zone and the two certificates, or null for CloudFront's own domain name",
  ),
  budget: record({
    limitUsd: v.pipe(
      v.number(amount),
      v.description(amount),
      rule(
        amount,
        (limit: number) =>
          (Number.isFinite(limit) && limit > 0 && Number(limit.toFixed(2)) === limit) ||
          `use ${Number.isFinite(limit) && limit >= 0.01 ? limit.toFixed(2) : "an amount such as 1000"}`,
      ),
    ),
    email,
  }),
  complianceEmail: email,
  adopted,
});

/** One environment by itself: the form of each field and the rules across its fields. */
export const environmentSchema: v.GenericSchema<Environment> = v.pipe(
  environmentFields,
  across<Environment>([
    { reads: ["zones"], find: zoneCount },
    { reads: ["zones", "region"], find: zonesInRegion },
    { reads: ["zones", "size.elasticsearchInstanceCount"], find: dataNodesOverZones },
    { reads: ["size.elasticsearchInstanceType", "size.elasticsearchVolumeSizeGiB"], find: volumeOfType },
    {
      reads: [
        "elasticsearch.dedicatedMasterCount",
        "size.elasticsearchMasterInstanceType",
        "size.elasticsearchInstanceCount",
      ],
      find: burstableMasters,
    },
    { reads: ["size.apiDesiredCount", "size.apiMaximumCount"], find: autoscalingBounds },
    { reads: ["api.scheduledScaling"], find: scalingWindows },
    { reads: ["network.interfaceEndpoints"], find: distinctEndpoints },
    { reads: ["network.allowedIps"], find: distinctAllowedIps },
    { reads: ["api.cpu", "api.memoryMiB"], find: ({ api }) => fargatePair("api", api) },
    { reads: ["logstash.cpu", "logstash.memoryMiB"], find: ({ logstash }) => fargatePair("logstash", logstash) },
    { reads: ["database.username", "database.applicationUsername"], find: distinctUsernames },
    { reads: ["storage.coldPrefixes"], find: separatePrefixes },
    { reads: ["protection.preventDestroy", "protection.forceDestroy"], find: protectionAgreement },
    {
      reads: ["audit.retentionDays", "audit.lockMode", "protection.forceDestroy", "protection.preventDestroy"],
      find: auditLock,
    },
    { reads: ["audit.contentTypes"], find: distinctContentTypes },
    { reads: ["domain"], find: namesInZone },
    { reads: ["domain", "accountId", "region"], find: certificatesInPlace },
    { reads: ["edge.publicPaths"], find: distinctPublicPaths },
    { reads: ["edge.waf.countOnly"], find: distinctCountOnly },
    { reads: ["edge.waf.uploadPaths"], find: uploadPathsInOneRule },
    { reads: ["edge.restrictToAllowedIps", "network.allowedIps"], find: somebodyAllowed },
    { reads: ["adopted.keep"], find: keptArguments },
    { reads: ["adopted.renamed"], find: renamedAddresses },
    { reads: ["adopted.moved", "adopted.removed"], find: movedAddresses },
  ]),
);

/** One account by itself. */
export const accountSchema: v.GenericSchema<Account> = record({
  name: accountName,
  accountId,
  region,
  elasticsearchServiceLinkedRole: oneOf(["create", "adopt"]),
  stateBucket: record({ bucket: bucketName, kmsKeyAlias }),
  backend: backendSchema,
});

function auditLock({ audit: { lockMode, retentionDays }, protection }: Environment): Finding[] {
  const forceDestroy = protection.forceDestroy && !protection.preventDestroy;
  const findings: Finding[] = [];
  if (lockMode === "COMPLIANCE" && forceDestroy)
    findings.push({
      path: ["audit", "lockMode"],
      value: lockMode,
      allowed:
        "GOVERNANCE where protection.forceDestroy is true: nobody can delete a bucket that holds a locked record",
      fix: "use GOVERNANCE, or set protection.forceDestroy to false",
    });
  if (retentionDays < sevenYearsInDays && !(lockMode === "GOVERNANCE" && forceDestroy))
    findings.push({
      path: ["audit", "retentionDays"],
      value: retentionDays,
      allowed: `at least ${sevenYearsInDays} days, which cover any seven years; fewer with GOVERNANCE and protection.forceDestroy only`,
      fix: `use ${sevenYearsInDays}`,
    });
  return findings;
}

function distinctContentTypes({ audit: { contentTypes } }: Environment): Finding[] {
  const findings = repeated(contentTypes).map(({ index, value, first }) => ({
    path: ["audit", "contentTypes", index],
    value,
    allowed: "distinct media types",
    fix: `remove it: contentTypes[${first}] is ${value} already`,
  }));
  return contentTypes.length > 0
    ? findings
    : [
        {
          path: ["audit", "contentTypes"],
          value: contentTypes,
          allowed: "one media type or more",
          fix: "add application/pdf",
        },
      ];
}

function zoneCount({ zones: names }: Environment): Finding[] {
  const findings = repeated(names).map(({ index, value, first }) => ({
    path: ["zones", index],
    value,
    allowed: "distinct zones",
    fix: `name another zone: zones[${first}] is ${value} already`,
  }));
  if (names.length < 2 || names.length > 3) {
    return [
      {
        path: ["zones"],
        value: names,
        allowed: "2 or 3 zones: the load balancer, database and cache need two, and Elasticsearch spans at most three",
        fix: names.length < 2 ? "add a zone of the region" : `remove ${names.slice(3).join(", ")}`,
      },
      ...findings,
    ];
  }
  return findings;
}

function zonesInRegion({ zones: names, region: code }: Environment): Finding[] {
  return names.flatMap((name, index) =>
    regionOfZone(name) === code
      ? []
      : [
          {
            path: ["zones", index],
            value: name,
            allowed: `a zone of ${code}, such as ${code}a`,
            fix: `use ${code}${name.at(-1)}, or set region: "${regionOfZone(name)}"`,
          },
        ],
  );
}

const instanceCountPath = ["size", "elasticsearchInstanceCount"];

function dataNodesOverZones({ zones: names, size: { elasticsearchInstanceCount: count } }: Environment): Finding[] {
  if (names.length === 2 && count % 2 !== 0) {
    return [
      {
        path: instanceCountPath,
        value: count,
        allowed: "an even number of data nodes over 2 zones",
        fix: `use ${count + 1}, or 3 zones and at least 3 data nodes`,
      },
    ];
  }
  if (names.length === 3 && count < 3) {
    return [
      {
        path: instanceCountPath,
        value: count,
        allowed: "at least 3 data nodes over 3 zones",
        fix: count === 2 ? "use 3, or 2 zones" : "use 3",
      },
    ];
  }
  return [];
}

/** Types that the table lacks have no limit of their own. */
function volumeOfType({
  size: { elasticsearchInstanceType: type, elasticsearchVolumeSizeGiB: volume },
}: Environment): Finding[] {
  const parts = elasticsearchTypeParts(type);
  const family = parts && elasticsearchGp3MaximumGiB[parts.family];
  const maximum = parts && family?.[parts.size];
  if (parts === undefined || family === undefined || maximum === undefined || volume <= maximum) {
    return [];
  }
  const larger = Object.entries(family).find(([, limit]) => limit >= volume)?.[0];
  return [
    {
      path: ["size", "elasticsearchVolumeSizeGiB"],
      value: volume,
      allowed: `${elasticsearchVolumeGiB.minimum} to ${maximum} GiB of gp3 for ${type}`,
      fix: `use ${maximum} or less${larger === undefined ? ", more data nodes, or a larger type" : `, or ${parts.family}.${larger}.elasticsearch`}`,
    },
  ];
}

function burstableMasters({
  elasticsearch,
  size: { elasticsearchMasterInstanceType: type, elasticsearchInstanceCount: count },
}: Environment): Finding[] {
  const { maximumWithBurstableMasters: maximum } = elasticsearchNodes;
  if (elasticsearch.dedicatedMasterCount === 0 || !/^t[23]\./.test(type) || count <= maximum) {
    return [];
  }
  return [
    {
      path: ["size", "elasticsearchMasterInstanceType"],
      value: type,
      allowed: `T3 masters only with at most ${maximum} data nodes; there are ${count}`,
      fix: `use m5.large.elasticsearch, or at most ${maximum} data nodes`,
    },
  ];
}

function autoscalingBounds({ size: { apiDesiredCount, apiMaximumCount } }: Environment): Finding[] {
  return apiMaximumCount >= apiDesiredCount
    ? []
    : [
        {
          path: ["size", "apiMaximumCount"],
          value: apiMaximumCount,
          allowed: `at least apiDesiredCount, ${apiDesiredCount}`,
          fix: `use ${apiDesiredCount} or more, or lower apiDesiredCount to ${apiMaximumCount}`,
        },
      ];
}

function scalingWindows({ api: { scheduledScaling } }: Environment): Finding[] {
  const crossed = scheduledScaling.flatMap(({ minimum, maximum }, index) =>
    maximum >= minimum
      ? []
      : [
          {
            path: ["api", "scheduledScaling", index, "maximum"],
            value: maximum,
            allowed: `at least minimum, ${minimum}`,
            fix: `use ${minimum} or more, or lower minimum to ${maximum}`,
          },
        ],
  );
  const named = repeated(scheduledScaling.map(({ name }) => name)).map(({ index, value, first }) => ({
    path: ["api", "scheduledScaling", index, "name"],
    value,
    allowed: "distinct names",
    fix: `choose another: api.scheduledScaling[${first}] is ${value} already`,
  }));
  const endless = scheduledScaling.flatMap(({ start, end }, index) =>
    start !== end
      ? []
      : [
          {
            path: ["api", "scheduledScaling", index, "end"],
            value: end,
            allowed: "another time than start",
            fix: "name the time at which the service's own bounds hold again",
          },
        ],
  );
  return [...crossed, ...named, ...endless];
}

function distinctEndpoints({ network: { interfaceEndpoints } }: Environment): Finding[] {
  return repeated(interfaceEndpoints).map(({ index, value, first }) => ({
    path: ["network", "interfaceEndpoints", index],
    value,
    allowed: "distinct services",
    fix: `remove it: network.interfaceEndpoints[${first}] is ${value} already`,
  }));
}

function distinctAllowedIps({ network: { allowedIps } }: Environment): Finding[] {
  const blocks = allowedIps.map((text) => parseCidrBlock(text));
  return blocks.flatMap((block, index) => {
    const other = blocks.findIndex(
      (candidate, at) =>
        at !== index &&
        block !== undefined &&
        candidate !== undefined &&
        cidrBlocksOverlap(candidate, block) &&
        containsCidrBlock(candidate, block) &&
        (candidate.prefix < block.prefix || at < index),
    );
    return other === -1
      ? []
      : [
          {
            path: ["network", "allowedIps", index],
            value: allowedIps[index],
            allowed: "CIDR blocks that do not overlap",
            fix: `remove it: network.allowedIps[${other}], ${allowedIps[other]}, covers it`,
          },
        ];
  });
}

function fargatePair(
  task: "api" | "logstash",
  { cpu: units, memoryMiB: memory }: { cpu: number; memoryMiB: number },
): Finding[] {
  const fitting = fargateMemoryMiB[units] ?? [];
  if (fitting.includes(memory)) {
    return [];
  }
  const nearestMemory = fitting.reduce(
    (best, each) => (Math.abs(each - memory) < Math.abs(best - memory) ? each : best),
    fitting[0] ?? 0,
  );
  const otherCpu = cpuUnits.filter((each) => fargateMemoryMiB[each]?.includes(memory));
  return [
    {
      path: [task, "memoryMiB"],
      value: memory,
      allowed: `with cpu ${units}: ${describeMemory(fitting)}`,
      fix: `use memoryMiB ${nearestMemory}${otherCpu.length > 0 ? `, or cpu ${otherCpu.join(" or ")}` : ""}`,
    },
  ];
}

function describeMemory(values: readonly number[]): string {
  if (values.length <= 3) {
    return `${values.join(", ")} MiB`;
  }
  const [first = 0, second = 0] = values;
  return `${first} to ${values.at(-1)} MiB in steps of ${second - first}`;
}

function protectionAgreement({ protection: { preventDestroy, forceDestroy } }: Environment): Finding[] {
  return preventDestroy && forceDestroy
    ? [
        {
          path: ["protection", "forceDestroy"],
          value: forceDestroy,
          allowed: "false where preventDestroy is true",
          fix: "set forceDestroy: false to keep the data, or preventDestroy: false to be able to delete it",
        },
      ]
    : [];
}

function namesInZone({ domain }: Environment): Finding[] {
  if (domain === null) {
    return [];
  }
  const { apiName: name, zoneName: parent } = domain;
  if (name === `origin.${parent}`) {
    return [
      {
        path: ["domain", "apiName"],
        value: name,
        allowed: `a name other than origin.${parent}, which is the load balancer's`,
        fix: `use api.${parent}`,
      },
    ];
  }
  return name === parent || name.endsWith(`.${parent}`)
    ? []
    : [
        {
          path: ["domain", "apiName"],
          value: name,
          allowed: `a name in the zone ${parent}`,
          fix: `use api.${parent}, or the zone ${name.split(".").slice(1).join(".")}`,
        },
      ];
}

function certificatesInPlace({ domain, accountId: account, region: code }: Environment): Finding[] {
  if (domain === null) {
    return [];
  }
  const { viewerCertificateArn: viewer, originCertificateArn: origin } = domain;
  const elsewhere = (field: string, arn: string | null): Finding[] =>
    arn === null || arn.split(":")[4] === account
      ? []
      : [
          {
            path: ["domain", field],
            value: arn,
            allowed: `a certificate of account ${account}`,
            fix: `import or request the certificate in account ${account}, or write null to have one requested`,
          },
        ];
  const regional =
    origin === null || origin.split(":")[3] === code
      ? []
      : [
          {
            path: ["domain", "originCertificateArn"],
            value: origin,
            allowed: `a certificate in ${code}, the load balancer's region`,
            fix: `import or request the certificate in ${code}, or write null to have one requested there`,
          },
        ];
  return [...elsewhere("viewerCertificateArn", viewer), ...elsewhere("originCertificateArn", origin), ...regional];
}

function distinctPublicPaths({ edge: { publicPaths } }: Environment): Finding[] {
  const tooMany =
    publicPaths.length > publicPathMaximum
      ? [
          {
            path: ["edge", "publicPaths"],
            value: publicPaths,
            allowed: `at most ${publicPathMaximum} patterns: CloudFront takes 75 cache behaviours`,
            fix: "put the public files below fewer folders",
          },
        ]
      : [];
  return [
    ...tooMany,
    ...repeated(publicPaths).map(({ index, value, first }) => ({
      path: ["edge", "publicPaths", index],
      value,
      allowed: "distinct patterns",
      fix: `remove it: edge.publicPaths[${first}] is ${value} already`,
    })),
  ];
}

function distinctCountOnly({ edge: { waf } }: Environment): Finding[] {
  const { countOnly } = waf;
  const path = ["edge", "waf", "countOnly"];
  const twice = repeated(countOnly).map(({ index, value, first }) => ({
    path: [...path, index],
    value,
    allowed: "each rule once",
    fix: `remove it: edge.waf.countOnly[${first}] is ${value} already`,
  }));
  const covered = countOnly.flatMap((rule, index) => {
    const group = Object.keys(wafManagedRules).find((name) => wafManagedRules[name]?.includes(rule));
    return group !== undefined && countOnly.includes(group)
      ? [
          {
            path: [...path, index],
            value: rule,
            allowed: "either a group or some of its rules",
            fix: `remove it, or ${group}, all of whose rules count already`,
          },
        ]
      : [];
  });
  return [...twice, ...covered];
}

function uploadPathsInOneRule({ edge: { waf } }: Environment): Finding[] {
  const { length } = uploadPathRegex(waf.uploadPaths);
  return length <= wafRegexMaximum
    ? []
    : [
        {
          path: ["edge", "waf", "uploadPaths"],
          value: waf.uploadPaths,
          allowed: `paths that fit one rule of ${wafRegexMaximum} characters; these take ${length}`,
          fix: "name fewer or shorter paths, such as what several of them lie below",
        },
      ];
}

function somebodyAllowed({ edge: { restrictToAllowedIps }, network: { allowedIps } }: Environment): Finding[] {
  return restrictToAllowedIps && allowedIps.length === 0
    ? [
        {
          path: ["edge", "restrictToAllowedIps"],
          value: restrictToAllowedIps,
          allowed: "false where network.allowedIps is empty: nobody would be let in",
          fix: "name the office's or VPN's networks in network.allowedIps, or set restrictToAllowedIps: false",
        },
      ]
    : [];
}

function distinctUsernames({ database: { username, applicationUsername } }: Environment): Finding[] {
  return username.toLowerCase() === applicationUsername.toLowerCase()
    ? [
        {
          path: ["database", "applicationUsername"],
          value: applicationUsername,
          allowed: `a user other than database.username, ${username}: that one owns the tables`,
          fix: `use ${username}_app`,
        },
      ]
    : [];
}

function separatePrefixes({ storage: { coldPrefixes } }: Environment): Finding[] {
  return coldPrefixes.flatMap((prefix, index) => {
    const other = coldPrefixes.findIndex(
      (candidate, at) => at !== index && prefix.startsWith(candidate) && (candidate !== prefix || at < index),
    );
    return other === -1
      ? []
      : [
          {
            path: ["storage", "coldPrefixes", index],
            value: prefix,
            allowed: "prefixes that do not lie in one another",
            fix: `remove it: storage.coldPrefixes[${other}], ${coldPrefixes[other]}, covers it`,
          },
        ];
  });
}

function keptArguments({ adopted: { keep } }: Environment): Finding[] {
  return Object.entries(keep).flatMap(([key, values]) => {
    const path = ["adopted", "keep", key];
    const findings: Finding[] = Object.keys(values)
      .filter((argument) => !/^[a-z][a-z0-9_]*$/.test(argument))
      .map((argument) => ({
        path: [...path, argument],
        value: values[argument],
        allowed: "arguments in Terraform's own names: lower-case letters, digits and underscores",
        fix: `write ${argument.replace(/([A-Z])/g, "_$1").toLowerCase()}`,
      }));
    return isAddress(key) ? findings : [misplacedAddress(path, key), ...findings];
  });
}

function misplacedAddress(path: (string | number)[], value: string): Finding {
  return { path, value, allowed: addressAllowed, fix: "write it as aws_lb.main or aws_subnet.private[0]" };
}

function renamedAddresses({ adopted: { renamed } }: Environment): Finding[] {
  const entries = Object.entries(renamed);
  const targets = entries.map(([, to]) => to);
  return entries.flatMap(([from, to], index) => {
    const path = ["adopted", "renamed", from];
    if (!isAddress(from)) {
      return [misplacedAddress(path, from)];
    }
    const first = targets.indexOf(to);
    if (first !== index) {
      const other = formatPath(["adopted", "renamed", entries[first]?.[0] ?? ""]);
      return [
        { path, value: to, allowed: "one address for one resource", fix: `choose another: ${other} is ${to} already` },
      ];
    }
    if (from === to || addressResourceType(from) !== addressResourceType(to)) {
      return [
        {
          path,
          value: to,
          allowed: `another address of the type ${addressResourceType(from)}`,
          fix: `choose another name, such as ${from.replace(/(\[.*)?$/, "_platform$1")}`,
        },
      ];
    }
    return [];
  });
}

function movedAddresses({ adopted: { moved, removed } }: Environment): Finding[] {
  const twice = (field: "from" | "to") =>
    repeated(moved.map((move) => move[field])).map(({ index, value, first }) => ({
      path: ["adopted", "moved", index, field],
      value,
      allowed: `each address in one move`,
      fix: `keep one: adopted.moved[${first}].${field} is ${value} already`,
    }));
  const toItself = moved.flatMap(({ from, to }, index) =>
    from === to
      ? [
          {
            path: ["adopted", "moved", index, "to"],
            value: to,
            allowed: "an address other than from",
            fix: "remove the move: the object is at that address already",
          },
        ]
      : [],
  );
  const removedTwice = repeated(removed).map(({ index, value, first }) => ({
    path: ["adopted", "removed", index],
    value,
    allowed: "each address once",
    fix: `remove it: adopted.removed[${first}] is ${value} already`,
  }));
  const movedAndRemoved = removed.flatMap((address, index) => {
    const move = moved.findIndex(({ from }) => from === address || from.startsWith(`${address}[`));
    return move === -1
      ? []
      : [
          {
            path: ["adopted", "removed", index],
            value: address,
            allowed: "an address that no move continues",
            fix: `keep either this or adopted.moved[${move}]`,
          },
        ];
  });
  return [...twice("from"), ...twice("to"), ...toItself, ...removedTwice, ...movedAndRemoved];
}

/** Values that stand in a list before, with where. */
function repeated(values: readonly string[]): { index: number; value: string; first: number }[] {
  return values.flatMap((value, index) => {
    const first = values.indexOf(value);
    return first < index ? [{ index, value, first }] : [];
  });
}
