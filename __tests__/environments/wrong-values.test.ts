import { accounts, environments, validateEnvironments } from "../../environments";
import type { Environment } from "../../environments/environment";
import { timeZones } from "../../facts/time-zones";
import { withValues } from "./edit";

const [, staging, paired] = environments as [Environment, Environment, Environment];
/** By itself: the rules between it and what stands in for it are in recovery.test.ts. */
const production = withValues(paired, { recovery: null });

/** Every rule: those of the environment by itself, and those between it and the accounts. */
function found(environment: Environment, values: Readonly<Record<string, unknown>>) {
  return validateEnvironments([withValues(environment, values)], accounts).map(({ path, value, allowed, fix }) => [
    path,
    value,
    allowed,
    fix,
  ]);
}

type Problem = readonly [path: string, value: unknown, allowed: string, fix: string];

const window = {
  name: "night",
  start: "cron(0 1 * * ? *)",
  end: "cron(0 4 * * ? *)",
  timezone: "UTC",
  minimum: 2,
  maximum: 4,
};

const scheduleAllowed =
  "cron(<minute> <hour> <day of month> <month> <day of week> <year>) with one ? for a day, or at(<yyyy-mm-dd>T<hh:mm:ss>)";

describe("schedules", () => {
  const weekday = "1 (Sunday) to 7 or SUN to SAT, L, # or ?";
  const over = "name a time to come, or remove the window: AWS refuses a time that is over";

  test.each([
    ["cron(75 1 * * ? *)", "write the minute as 0 to 59 instead of 75"],
    ["cron(0 24 * * ? *)", "write the hour as 0 to 23 instead of 24"],
    ["cron(0 1 32 * ? *)", "write the day of month as 1 to 31, L, W or ? instead of 32"],
    ["cron(0 1 0W * ? *)", "write the day of month as 1 to 31, L, W or ? instead of 0W"],
    ["cron(0 1 1 13 ? *)", "write the month as 1 to 12 or JAN to DEC instead of 13"],
    ["cron(0 1 1 MARCH ? *)", "write MAR instead of MARCH"],
    ["cron(45 3 ? * 0 *)", `write the day of week as ${weekday} instead of 0: AWS counts from 1, which is Sunday`],
    ["cron(45 3 ? * 8 *)", `write the day of week as ${weekday} instead of 8`],
    ["cron(45 3 ? * SUNDAY *)", "write SUN instead of SUNDAY"],
    ["cron(45 3 ? * sun *)", `write the day of week as ${weekday} instead of sun`],
    ["cron(45 3 ? * MON#6 *)", `write the day of week as ${weekday} instead of MON#6`],
    ["cron(45 3 ? * 2/2 *)", `write the day of week as ${weekday} instead of 2/2`],
    ["cron(0 1 * * ? 1969)", "write the year as 1970 to 2199 instead of 1969"],
    ["cron(0 1 * * ? 2200)", "write the year as 1970 to 2199 instead of 2200"],
    ["cron(0/0 1 * * ? *)", "write the minute as 0 to 59 instead of 0/0"],
    ["cron(0,60 1 * * ? *)", "write the minute as 0 to 59 instead of 60"],
    ["cron(0 22-2 * * ? *)", "write two ranges instead of 22-2: the hour goes from 0 to 23"],
    ["cron(0 1 30 FEB ? *)", "name a day that there is: none of FEB fits 30"],
    ["cron(0 1 31 4,6 ? *)", "name a day that there is: none of 4,6 fits 31"],
    ["cron(0 1 29 2 ? 2027)", "name a day that there is: none of 2 fits 29"],
    ["cron(0 1 1 1 ? 2020-2024)", over],
    ["cron(0 1 * * * *)", "write ? for one of day of month and day of week: cron(45 3 ? * SUN *)"],
    ["cron(0 1 ? * ? *)", "write ? for one of day of month and day of week: cron(45 3 ? * SUN *)"],
    ["at(2027-02-30T22:00:00)", "name a day that there is: FEB 2027 ends on 28"],
    ["at(2027-02-29T22:00:00)", "name a day that there is: FEB 2027 ends on 28"],
    ["at(2027-04-31T22:00:00)", "name a day that there is: APR 2027 ends on 30"],
    ["at(2020-02-03T22:00:00)", over],
    ["at(2027-02-03T24:00:00)", "write it as cron(45 3 ? * SUN *) or at(2027-01-31T22:00:00)"],
  ])("%s is refused", (start, fix) => {
    expect(found(production, { "api.scheduledScaling": [{ ...window, start }] })).toEqual([
      ["api.scheduledScaling[0].start", start, scheduleAllowed, fix],
    ]);
  });

  test.each([
    "cron(0/15 8-18 1 JAN,JUL ? 2027)",
    "cron(*/5 * * * ? *)",
    "cron(0 1 L * ? *)",
    "cron(0 1 LW * ? *)",
    "cron(0 1 15W * ? *)",
    "cron(0 1 29 2 ? *)",
    "cron(0 1 29 2 ? 2027,2028)",
    "cron(0 1 ? * MON-FRI *)",
    "cron(0 1 ? * 2#1 *)",
    "cron(0 1 ? * 6L *)",
    "cron(0 1 ? * L 2199)",
    "cron(0 1 ? 2 SUN#5 *)",
    "at(2028-02-29T00:00:00)",
  ])("%s is taken", (start) => {
    const end = "cron(59 23 ? * SAT *)";
    expect(found(production, { "api.scheduledScaling": [{ ...window, start, end }] })).toEqual([]);
  });

  const forEver = "a time after every start: the window's bounds hold until it ends";
  test.each([
    [
      "at(2027-02-03T22:00:00)",
      "at(2027-02-01T22:00:00)",
      "name a time after at(2027-02-03T22:00:00), in the last of its years",
    ],
    ["cron(0 1 * * ? *)", "at(2027-02-01T22:00:00)", "name a time after cron(0 1 * * ? *), in the last of its years"],
    [
      "cron(0 1 31 12 ? 2027)",
      "cron(0 4 1 * ? 2027)",
      "name a time after cron(0 1 31 12 ? 2027), in the last of its years",
    ],
  ])("a window from %s to %s never closes", (start, end, fix) => {
    expect(found(production, { "api.scheduledScaling": [{ ...window, start, end }] })).toEqual([
      ["api.scheduledScaling[0].end", end, forEver, fix],
    ]);
  });

  const apart = "windows that neither overlap nor touch: where one ends, the service's own bounds hold again";
  const after = "open it after night, api.scheduledScaling[0], has ended, or make the two one window";
  test.each([
    ["inside", window, { start: "cron(0 2 * * ? *)", end: "cron(0 5 * * ? *)" }],
    ["around", window, { start: "cron(30 0 * * ? *)", end: "cron(0 5 * * ? *)" }],
    ["touching", window, { start: "cron(0 4 * * ? *)", end: "cron(0 5 * * ? *)" }],
    ["on one day of the week", window, { start: "cron(0 0 ? * SUN *)", end: "cron(0 2 ? * SUN *)" }],
    ["over midnight", window, { start: "cron(0 22 ? * FRI *)", end: "cron(30 1 ? * SAT *)" }],
    ["once, in a year to come", window, { start: "at(2031-05-01T01:30:00)", end: "at(2031-05-01T02:00:00)" }],
    ["in another zone", window, { start: "cron(30 4 * * ? *)", end: "cron(0 5 * * ? *)", timezone: "Europe/Helsinki" }],
  ])("two windows that overlap are refused: %s", (_, first, changes) => {
    const second = { ...window, name: "deep", ...changes };
    expect(found(production, { "api.scheduledScaling": [first, second] })).toEqual([
      ["api.scheduledScaling[1].start", second.start, apart, after],
    ]);
  });

  test.each([
    ["later on the same day", { start: "cron(1 4 * * ? *)", end: "cron(0 5 * * ? *)" }],
    ["earlier in another zone", { timezone: "Asia/Tokyo" }],
    ["once, between two nights", { start: "at(2027-05-01T04:30:00)", end: "at(2027-05-01T23:30:00)" }],
  ])("two windows that do not overlap are taken: %s", (_, changes) => {
    const second = { ...window, name: "day", ...changes };
    expect(found(production, { "api.scheduledScaling": [window, second] })).toEqual([]);
  });
});

describe("time zones", () => {
  const allowed = "UTC, or the IANA name of a time zone such as Europe/Stockholm";

  test.each([
    "UTC",
    "CET",
    "Asia/Kolkata",
    "Etc/GMT+9",
    "Etc/UTC",
    "Europe/Kyiv",
    "Pacific/Tahiti",
    "Europe/Stockholm",
    "America/Argentina/Buenos_Aires",
    "America/Port-au-Prince",
  ])("%s is taken", (timezone) => {
    expect(found(production, { "api.scheduledScaling": [{ ...window, timezone }] })).toEqual([]);
  });

  test.each([
    ["Asia/Calcutta", 'write "Asia/Kolkata", the canonical name: Application Auto Scaling documents no other'],
    ["Europe/Kiev", 'write "Europe/Kyiv", the canonical name: Application Auto Scaling documents no other'],
    ["US/Eastern", 'write "America/New_York", the canonical name: Application Auto Scaling documents no other'],
    ["europe/stockholm", 'did you mean "Europe/Stockholm"?'],
    ["Mars/Olympus_Mons", "use UTC"],
  ])("%s is refused", (timezone, fix) => {
    expect(found(production, { "api.scheduledScaling": [{ ...window, timezone }] })).toEqual([
      ["api.scheduledScaling[0].timezone", timezone, allowed, fix],
    ]);
  });

  test("are a table, not what this Node.js knows", () => {
    expect(timeZones.size).toBe(458);
    const unknown = Intl.supportedValuesOf("timeZone").filter((name) => !timeZones.has(name));
    // Old names, which Node.js lists in the place of canonical ones.
    expect(unknown.every((name) => found(production, zone(name))[0]?.[3]?.toString().startsWith("write "))).toBe(true);
  });

  function zone(timezone: string) {
    return { "api.scheduledScaling": [{ ...window, timezone }] };
  }
});

const prefixAllowed =
  "2 to 23 lower-case letters, digits and single hyphens, a letter first, not beginning with internal-, aws, ssm, sg-";
const ecrAllowed = "<account id>.dkr.ecr.<region>.amazonaws.com/<repository>, without tag or digest";
const versionAllowed = "15, or 15 and a minor version, such as 15.4";
const keyAllowed = "a KMS key id, key ARN, alias/... or alias ARN";
const keyIdFix =
  "copy the key id: aws kms list-keys. The third part of an id begins with 4, the fourth with 8, 9, a or b";

const classAllowed = "an RDS instance class, db.<family>.<size>, such as db.t3.medium";
const nodeAllowed =
  "an ElastiCache node type, cache.<family>.<size>, of a family other than t1, m1, m3, c1, m2, r3, r6gd";
const dataAllowed =
  "<family>.<size>.elasticsearch, such as t3.medium.elasticsearch, of a family other than t2, m3, m4, c4, r3, r4, i2, i3, r6gd, ultrawarm1, d2, i4g, i4i, i7i, i8g, im4gn, r7gd, or1, or2, om2, oi2";
const masterAllowed =
  "<family>.<size>.elasticsearch, such as t3.medium.elasticsearch, of a family other than t2, m3, r3, or1, or2, om2, oi2, ultrawarm1";
const manyTypes = Array.from({ length: 200 }, (_, index) => `application/vnd.x-${index}`);

/** Values that AWS or Terraform refuses, by kind, each with everything that is said of it. */
const refused: (readonly [
  kind: string,
  environment: Environment,
  values: Readonly<Record<string, unknown>>,
  ...problems: Problem[],
])[] = [
  ...(
    [
      [
        "size.databaseInstanceClass",
        "db.m5.medium",
        classAllowed,
        "use db.m5 in large, xlarge, 2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge, 24xlarge",
      ],
      [
        "size.databaseInstanceClass",
        "db.r5.9xlarge",
        classAllowed,
        "use db.r5 in large, xlarge, 2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge, 24xlarge",
      ],
      [
        "size.databaseInstanceClass",
        "db.t2.medium",
        classAllowed,
        "use db.t3, db.m5 or db.r5: db.t2 runs no PostgreSQL 15",
      ],
      ["size.redisNodeType", "cache.t3.large", nodeAllowed, "use cache.t3 in micro, small, medium"],
      [
        "size.redisNodeType",
        "cache.r5.8xlarge",
        nodeAllowed,
        "use cache.r5 in large, xlarge, 2xlarge, 4xlarge, 12xlarge, 24xlarge",
      ],
      [
        "size.elasticsearchInstanceType",
        "i4i.large.elasticsearch",
        dataAllowed,
        "use t3, m5, c5, r5, m6g, c6g or r6g: i4i has no gp3 volumes",
      ],
      [
        "size.elasticsearchInstanceType",
        "or1.medium.elasticsearch",
        dataAllowed,
        "use t3, m5, c5, r5, m6g, c6g or r6g: or1 has no Elasticsearch, only OpenSearch",
      ],
      [
        "size.elasticsearchMasterInstanceType",
        "ultrawarm1.medium.elasticsearch",
        masterAllowed,
        "use t3, m5, c5, r5, m6g, c6g or r6g: ultrawarm1 has no masters, only warm nodes",
      ],
    ] as const
  ).map((problem) => ["a class or type", production, { [problem[0]]: problem[1] }, problem] as const),
  [
    "Logstash in less than its heap",
    staging,
    { "logstash.cpu": 256, "logstash.memoryMiB": 512 },
    [
      "logstash.memoryMiB",
      512,
      "with cpu 256: 2048 MiB; Logstash does not run in less than 2048",
      "use memoryMiB 2048",
    ],
  ],
  [
    "more media types than a function's variables hold",
    production,
    { "audit.contentTypes": manyTypes },
    [
      "audit.contentTypes",
      manyTypes,
      `media types of 3500 characters together, commas included; these take ${manyTypes.join(",").length}`,
      "name fewer: a function has 4 KB for all its variables",
    ],
  ],
  ...(
    [
      ["aws-skymanuals", "aws is reserved in parameter names"],
      ["ssm-manuals", "ssm is reserved in parameter names"],
      ["sg-skymanuals", "sg- is reserved in security group names"],
    ] as const
  ).map(
    ([value, why]) =>
      [
        "a beginning that AWS reserves",
        production,
        { "names.prefix": value },
        ["names.prefix", value, prefixAllowed, `choose another beginning: ${why}`],
      ] as const,
  ),
  ...["arn:aws:iam::222222222222:role/team/", "arn:aws:iam::222222222222:role//x"].map(
    (value) =>
      [
        "a role without a name",
        production,
        { "elasticsearch.operatorRoleArns": [value] },
        [
          "elasticsearch.operatorRoleArns[0]",
          value,
          "the ARN of an IAM role, arn:aws:iam::<12 digits>:role/<name>",
          "copy it from `aws iam get-role --role-name <name>`",
        ],
      ] as const,
  ),
  ...(
    [
      [
        "222222222222.dkr.ecr.us-east-1.amazonaws.com/SkyManuals",
        'write "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals"',
      ],
      [
        "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals//api",
        'write "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals/api"',
      ],
      [
        "222222222222.dkr.ecr.eu-north-9.amazonaws.com/skymanuals-api",
        "name the region of the repository: there is no eu-north-9",
      ],
    ] as const
  ).map(
    ([value, fix]) =>
      [
        "a repository that ECR cannot have",
        production,
        { "api.ecrRepositoryUrl": value },
        ["api.ecrRepositoryUrl", value, ecrAllowed, fix],
      ] as const,
  ),
  ...["15.0", "15.1", "15.27", "15.99"].map(
    (value) =>
      [
        "a minor version that RDS has not",
        production,
        { "database.engineVersion": value },
        [
          "database.engineVersion",
          value,
          versionAllowed,
          `use "15", which follows AWS's minor versions: RDS has 15.2 and later, and no ${value}`,
        ],
      ] as const,
  ),
  [
    "more connections than the database takes",
    staging,
    { "size.apiMaximumCount": 100 },
    [
      "size.apiMaximumCount",
      100,
      "tasks whose connections db.t3.medium has: about 405, and 100 tasks need 4030, 2 times as many tasks in a deployment included",
      "use 9 or fewer, or another class",
    ],
  ],
  [
    "more connections than the database takes, in a window",
    staging,
    { "api.scheduledScaling": [window, { ...window, name: "day", timezone: "Asia/Tokyo", maximum: 20 }] },
    [
      "api.scheduledScaling[1].maximum",
      20,
      "tasks whose connections db.t3.medium has: about 405, and 20 tasks need 830, 2 times as many tasks in a deployment included",
      'use 9 or fewer, or set size.databaseInstanceClass: "db.t3.xlarge"',
    ],
  ],
  [
    "subnets that a load balancer cannot use",
    production,
    { "network.vpcCidrBlock": "10.0.0.0/20" },
    [
      "network.vpcCidrBlock",
      "10.0.0.0/20",
      "a private IPv4 CIDR block (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10), /16 to /19, without host bits: each subnet takes 8 more bits, and a load balancer needs /27",
      "use 10.0.0.0/16, which holds every size, or a smaller block, /19 at least: /20 is too small for its subnets",
    ],
  ],
  [
    "subnets without addresses for the platform",
    production,
    { "network.vpcCidrBlock": "10.0.32.0/19" },
    [
      "network.vpcCidrBlock",
      "10.0.32.0/19",
      "a block whose subnets hold the platform: 36 addresses in each private subnet, for 16 API tasks in a deployment and the log store in a change; a /27 has 27",
      "use 10.0.0.0/18 or a larger block",
    ],
  ],
  [
    "networks beyond the rules of a group",
    production,
    { "network.allowedIps": Array.from({ length: 70 }, (_, index) => `198.51.${index}.0/24`) },
    [
      "network.allowedIps",
      Array.from({ length: 70 }, (_, index) => `198.51.${index}.0/24`),
      "at most 58 networks: a security group takes 60 rules, and two of them admit Logstash and the bootstrap",
      "remove 12, or name larger blocks that cover several",
    ],
  ],
  [
    "the state's key in another region",
    production,
    { "backend.kmsKeyId": "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-44cd-96ef-1234567890ab" },
    [
      "backend.kmsKeyId",
      "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-44cd-96ef-1234567890ab",
      "a key in us-east-1, the bucket's region",
      "use the key in us-east-1",
    ],
  ],
  ...(
    [
      ["alias/skymanuals-terraform-sate", "alias/skymanuals-terraform-state"],
      [
        "arn:aws:kms:us-east-1:222222222222:alias/skymanuals",
        "arn:aws:kms:us-east-1:222222222222:alias/skymanuals-terraform-state",
      ],
    ] as const
  ).map(
    ([value, right]) =>
      [
        "the state's key by another alias",
        production,
        { "backend.kmsKeyId": value },
        [
          "backend.kmsKeyId",
          value,
          "the key of the state bucket, alias/skymanuals-terraform-state in environments/accounts.ts",
          `use "${right}"`,
        ],
      ] as const,
  ),
  ...[
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-east-1:222222222222:key/1234abcd-12ab-74cd-86ef-1234567890ab",
  ].map(
    (value) =>
      [
        "a key id that Terraform refuses",
        production,
        { "backend.kmsKeyId": value },
        ["backend.kmsKeyId", value, keyAllowed, keyIdFix],
      ] as const,
  ),
  [
    "an account id of 11 digits",
    production,
    { accountId: "22222222222", domain: null },
    [
      "accountId",
      "22222222222",
      "12 digits, as a string",
      "copy the account id: aws sts get-caller-identity --query Account",
    ],
  ],
  [
    "a region that AWS has not",
    production,
    {
      region: "us-east-9",
      zones: ["us-east-9a", "us-east-9b", "us-east-9c"],
      backend: { type: "local" },
      "api.ecrRepositoryUrl": null,
    },
    [
      "region",
      "us-east-9",
      "a region code of the partition aws, such as us-east-1",
      "use a code that aws ec2 describe-regions lists, such as us-east-1",
    ],
  ],
  ...(
    [
      ["image/*", "name each type, such as image/png: chunks are compared with whole types"],
      ["*/*", "name each type, such as application/pdf: chunks are compared with whole types"],
    ] as const
  ).map(
    ([value, fix]) =>
      [
        "a media type with a wildcard",
        production,
        { "audit.contentTypes": [value] },
        ["audit.contentTypes[0]", value, "a media type in lower case without parameters, such as application/pdf", fix],
      ] as const,
  ),
];

test.each(refused.map(([kind, environment, values, ...problems]) => ({ kind, environment, values, problems })))(
  "$kind is refused: $values",
  ({ environment, values, problems }) => {
    expect(found(environment, values)).toEqual(problems);
  },
);

test.each([
  ["a size that there is not, as sizes.tiny", undefined],
  ["a size's name", "medium"],
])("%s: the four are named", (_, size) => {
  expect(found(production, { size })).toEqual([
    [
      "size",
      size,
      `an object with the fields ${Object.keys(production.size).join(", ")}`,
      "use sizes.small, sizes.medium, sizes.large or sizes.enterprise of environments/sizes.ts, without quotation marks",
    ],
  ]);
  expect(found({ ...production, size: undefined } as unknown as Environment, {})).toEqual(
    found(production, { size: undefined }),
  );
});

test.each(["300.1.1.1/32", "1.2.3.4/33", "203.0.113.256"])("%s: no network of somebody else is named", (block) => {
  expect(found(production, { "network.allowedIps": [block] })).toEqual([
    [
      "network.allowedIps[0]",
      block,
      "an IPv4 CIDR block, /8 to /32, without host bits",
      "correct the block: four numbers from 0 to 255, and a prefix length behind the slash",
    ],
  ]);
});

test.each<[kind: string, environment: Environment, values: Readonly<Record<string, unknown>>]>([
  ["a role with a path", production, { "elasticsearch.operatorRoleArns": ["arn:aws:iam::222222222222:role/team/ops"] }],
  ["the first minor version", production, { "database.engineVersion": "15.2" }],
  ["the most tasks that the connections are enough for", staging, { "size.apiMaximumCount": 9 }],
  ["the smallest VPC of production", production, { "network.vpcCidrBlock": "10.0.0.0/18" }],
  [
    "the smallest VPC of a small environment",
    staging,
    { "network.vpcCidrBlock": "10.0.0.0/19", "network.interfaceEndpoints": [] },
  ],
  [
    "as many networks as a group has rules for",
    production,
    { "network.allowedIps": Array.from({ length: 58 }, (_, index) => `198.51.${index}.0/24`) },
  ],
  [
    "the state's key by its ARN",
    production,
    { "backend.kmsKeyId": "arn:aws:kms:us-east-1:222222222222:key/1234abcd-12ab-44cd-96ef-1234567890ab" },
  ],
])("%s is taken", (_, environment, values) => {
  expect(found(environment, values)).toEqual([]);
});

describe("workspaces by tags", () => {
  const allowed =
    "tags by which no other stack's workspaces are found: a workspace is offered to every stack whose tags it all has";
  const tagged = (environment: Environment, ...tags: string[]) =>
    withValues(environment, {
      backend: { type: "cloud", organization: "sky", project: null, workspace: { tags } },
    });
  const between = (...list: Environment[]) =>
    validateEnvironments(list, accounts).map(({ source, path, value, allowed: what, fix }) => [
      source,
      path,
      value,
      what,
      fix,
    ]);

  test("one tag of two environments is refused", () => {
    expect(between(tagged(staging, "sky"), tagged(production, "sky"))).toEqual([
      [
        "environments/production.ts",
        "backend.workspace.tags",
        ["sky"],
        allowed,
        "add a tag that only this one has, such as production, or name one workspace (environments/staging.ts, backend.workspace.tags has sky)",
      ],
    ]);
  });

  test("tags that are some of another's are refused, whichever stands first", () => {
    const problem = [
      "environments/staging.ts",
      "backend.workspace.tags",
      ["sky"],
      allowed,
      "add a tag that only this one has, such as staging, or name one workspace (environments/production.ts, backend.workspace.tags has sky, production)",
    ];
    const [few, more] = [tagged(staging, "sky"), tagged(production, "sky", "production")];
    expect(between(few, more)).toEqual([problem]);
    expect(between(more, few)).toEqual([problem]);
  });

  test("a tag of its own for each is taken", () => {
    expect(between(tagged(staging, "sky", "staging"), tagged(production, "sky", "production"))).toEqual([]);
  });
});
