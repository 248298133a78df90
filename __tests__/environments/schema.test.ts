import { accounts, environments, validateEnvironments } from "../../environments";
import type { Account, Environment } from "../../environments/environment";
import { production } from "../../environments/production";
import { accountSchema, environmentSchema } from "../../environments/schema";
import { problemsOf } from "../../environments/validation/rules";
import { withValue, withValues } from "./edit";

const source = "environments/production.ts";

function problemsIn(environment: Environment) {
  return problemsOf(environmentSchema, environment, source);
}

test.each(environments.map((environment) => [environment.name, environment] as const))(
  "environments/%s.ts is valid by itself",
  (_, environment) => {
    expect(problemsIn(environment)).toEqual([]);
  },
);

test("the committed environments and accounts are valid together", () => {
  expect(validateEnvironments(environments, accounts)).toEqual([]);
});

const scalingWindow = {
  name: "maintenance",
  start: "cron(45 3 ? * SUN *)",
  end: "cron(15 6 ? * SUN *)",
  timezone: "UTC",
  minimum: 8,
  maximum: 16,
};

/** What each field allows, and bad values with the fix reported. */
const fields: readonly { path: string; allowed: string; bad: readonly (readonly [unknown, string])[] }[] = [
  {
    path: "name",
    allowed:
      "2 to 16 lower-case letters, digits and single hyphens, a letter first, not beginning with account- or state-",
    bad: [
      ["Production", "use a name such as staging or test-2"],
      ["prod--eu", "use a name such as staging or test-2"],
      ["prod-", "use a name such as staging or test-2"],
      ["1prod", "use a name such as staging or test-2"],
      ["", "use a name such as staging or test-2"],
      ["p", "use 2 to 16 characters instead of 1"],
      ["production-of-the-north", "use 2 to 16 characters instead of 23"],
      [
        "account-x",
        "choose another beginning: stacks named skymanuals-account-... and skymanuals-state-... belong to the accounts",
      ],
      [
        "state-production",
        "choose another beginning: stacks named skymanuals-account-... and skymanuals-state-... belong to the accounts",
      ],
      [undefined, "add the field name"],
    ],
  },
  {
    path: "accountId",
    allowed: "12 digits, as a string",
    bad: [
      ["2222-2222-2222", 'write "222222222222"'],
      ["12345", "copy the account id: aws sts get-caller-identity --query Account"],
      [222222222222, 'write "222222222222", in quotation marks'],
      [null, "replace null by what is allowed"],
      [undefined, "add the field accountId"],
    ],
  },
  {
    path: "region",
    allowed: "a region code of the partition aws, such as us-east-1",
    bad: [
      ["us-east-1a", 'write "us-east-1": the letter belongs to the zones'],
      [
        "us-gov-west-1",
        "use a commercial region: CloudFront and the ARNs of this platform are those of the partition aws",
      ],
      ["us-eats-1", "use a code that aws ec2 describe-regions lists, such as us-east-1"],
      ["N. Virginia", "use a code that aws ec2 describe-regions lists, such as us-east-1"],
      ["us-east-1 ", 'write "us-east-1": the letter belongs to the zones'],
    ],
  },
  {
    path: "zones[1]",
    allowed: "an availability zone name: the region and one letter",
    bad: [
      ["use1-az1", "write the zone's name, such as us-east-1a: this is a zone id"],
      [
        "us-east-1-bos-1a",
        "use a zone of the region itself: RDS, ElastiCache and NAT gateways are not offered alike in local and Wavelength zones",
      ],
      [
        "us-east-1-wl1-bos-wlz-1",
        "use a zone of the region itself: RDS, ElastiCache and NAT gateways are not offered alike in local and Wavelength zones",
      ],
      ["b", "use a name such as us-east-1a"],
      [1, 'write "1", in quotation marks'],
    ],
  },
  {
    path: "names.prefix",
    allowed:
      "2 to 23 lower-case letters, digits and single hyphens, a letter first, not beginning with internal-, aws, ssm, sg-",
    bad: [
      ["internal-skymanuals", "choose another beginning: internal- is reserved in load balancer names"],
      ["Sky_Manuals", "write it as sky-manuals"],
      ["sky--manuals", "write it as sky-manuals"],
      ["skymanuals-", "write it as skymanuals"],
      ["1sky", "write it as sky"],
      ["s", "use at least 2 characters"],
      [
        "skymanuals-production-eu",
        "use at most 23 characters instead of 24 (Elasticsearch domain skymanuals-production-eu-logs: 28; load balancer skymanuals-production-eu-internal: 32)",
      ],
      [
        "skymanuals-production-of-europe",
        "use at most 23 characters instead of 31 (Elasticsearch domain skymanuals-production-of-europe-logs: 28; load balancer skymanuals-production-of-europe-alb: 32; load balancer skymanuals-production-of-europe-internal: 32; target group skymanuals-production-of-europe-api: 32; X-Ray sampling rule skymanuals-production-of-europe-health: 32)",
      ],
    ],
  },
  {
    path: "audit.bucket",
    allowed:
      "3 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends, no dots, not beginning with xn--, sthree-, amzn-s3-demo-, not ending in -s3alias, --ol-s3, --x-s3, --table-s3",
    bad: [["Audit_Bucket", "write it as audit-bucket"]],
  },
  {
    path: "archive.bucket",
    allowed:
      "3 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends, no dots, not beginning with xn--, sthree-, amzn-s3-demo-, not ending in -s3alias, --ol-s3, --x-s3, --table-s3",
    bad: [["logs.archive", "write it as logs-archive"]],
  },
  {
    path: "archive.lockMode",
    allowed: '"COMPLIANCE", "GOVERNANCE"',
    bad: [["NONE", "use one of these"]],
  },
  ...["archive.lockDays", "archive.retentionDays"].map((path) => ({
    path,
    allowed: "a whole number of days from 1 to 36500",
    bad: [
      [0, "use 1"],
      [2557.5, "use 2558"],
      [40000, "use 36500"],
    ] as [unknown, string][],
  })),
  {
    path: "backup",
    allowed: "an object with the fields monthlyRetentionDays, vaultLock, restoreTestValidationHours",
    bad: [
      [undefined, "write backup: { monthlyRetentionDays: 2557, vaultLock: null, restoreTestValidationHours: null }"],
    ],
  },
  {
    path: "backup.monthlyRetentionDays",
    allowed: "a whole number of days from 1 to 36500",
    bad: [
      [0, "use 1"],
      [40000, "use 36500"],
    ],
  },
  {
    path: "backup.vaultLock.mode",
    allowed: '"COMPLIANCE", "GOVERNANCE"',
    bad: [["governance", 'did you mean "GOVERNANCE"?']],
  },
  {
    path: "backup.vaultLock.changeableForDays",
    allowed: "a whole number of days from 3 to 36500: AWS leaves 72 hours at least, in which the lock can be removed",
    bad: [
      [2, "use 3"],
      [0, "use 3"],
      [36_501, "use 36500"],
    ],
  },
  {
    path: "backup.restoreTestValidationHours",
    allowed: "a whole number of hours from 1 to 168",
    bad: [
      [0, "use 1"],
      [169, "use 168"],
    ],
  },
  {
    path: "audit.lockMode",
    allowed: '"COMPLIANCE", "GOVERNANCE"',
    bad: [["compliance", 'did you mean "COMPLIANCE"?']],
  },
  {
    path: "audit.retentionDays",
    allowed: "a whole number of days from 1 to 36500",
    bad: [
      [0, "use 1"],
      [2557.5, "use 2558"],
      [40000, "use 36500"],
    ],
  },
  {
    path: "audit.contentTypes[0]",
    allowed: "a media type in lower case without parameters, such as application/pdf",
    bad: [
      ["Application/PDF", "write it as application/pdf"],
      ["text/html; charset=utf-8", "write it as text/html"],
      ["pdf", "write it as application/pdf"],
    ],
  },
  {
    path: "audit.maximumChunkMiB",
    allowed: "a whole number of MiB from 1 to 1024",
    bad: [
      [0, "use 1"],
      [5000, "use 1024"],
    ],
  },
  {
    path: "names.chunksBucket",
    allowed:
      "3 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends, no dots, not beginning with xn--, sthree-, amzn-s3-demo-, not ending in -s3alias, --ol-s3, --x-s3, --table-s3",
    bad: [
      ["Production_Chunks", "write it as production-chunks"],
      ["production.chunks", "write it as production-chunks"],
      ["chunks-", "write it as chunks"],
      ["-chunks", "write it as chunks"],
      ["ab", "use 3 to 63 characters instead of 2"],
      ["a".repeat(64), "use 3 to 63 characters instead of 64"],
      ["xn--chunks", "choose another beginning: S3 reserves xn--"],
      ["sthree-chunks", "choose another beginning: S3 reserves sthree-"],
      ["amzn-s3-demo-chunks", "choose another beginning: S3 reserves amzn-s3-demo-"],
      ["chunks-s3alias", "choose another ending: S3 reserves -s3alias"],
      ["chunks--ol-s3", "choose another ending: S3 reserves --ol-s3"],
      ["chunks--x-s3", "choose another ending: S3 reserves --x-s3"],
    ],
  },
  {
    path: "network.vpcCidrBlock",
    allowed:
      "a private IPv4 CIDR block (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10), /16 to /19, without host bits: each subnet takes 8 more bits, and a load balancer needs /27",
    bad: [
      ["10.0.0.0", "write it as 10.0.0.0/16"],
      ["10.0.0.0/33", "write it as 10.0.0.0/16"],
      ["10.0.0.300/16", "write it as 10.0.0.0/16"],
      ["10.0.0.1/16", "write 10.0.0.0/16"],
      ["172.16.99.0/19", "write 172.16.96.0/19"],
      ...(
        [
          ["172.16.96.0/20", "172.16.0.0/16", 20],
          ["10.7.0.0/24", "10.7.0.0/16", 24],
          ["10.7.200.0/21", "10.7.0.0/16", 21],
          ["10.0.0.0/29", "10.0.0.0/16", 29],
        ] as const
      ).map(
        ([value, right, prefix]) =>
          [
            value,
            `use ${right}, which holds every size, or a smaller block, /19 at least: /${prefix} is too small for its subnets`,
          ] as const,
      ),
      ["10.0.0.0/8", "use 10.0.0.0/16: a VPC is at most /16"],
      ["8.8.0.0/16", "use a private block, such as 10.0.0.0/16"],
      ["172.32.0.0/18", "use a private block, such as 10.0.0.0/18"],
      ["169.254.0.0/16", "use a private block, such as 10.0.0.0/16"],
      ["fd00::/56", "write it as 10.0.0.0/16"],
    ],
  },
  {
    path: "network.allowedIps[0]",
    allowed: "an IPv4 CIDR block, /8 to /32, without host bits",
    bad: [
      [
        "0.0.0.0/0",
        "name the networks of the office or VPN, each /8 or smaller: this admits a large part of the internet",
      ],
      [
        "128.0.0.0/1",
        "name the networks of the office or VPN, each /8 or smaller: this admits a large part of the internet",
      ],
      ["203.0.113.9", "write 203.0.113.9/32"],
      ["203.0.113.9/24", "write 203.0.113.0/24"],
      ["office", "write it as 203.0.113.0/24"],
      ["2001:db8::/32", "write it as 203.0.113.0/24"],
    ],
  },
  {
    path: "network.natGateways",
    allowed: '"one", "per-zone"',
    bad: [
      ["per_zone", 'did you mean "per-zone"?'],
      ["many", "use one of these"],
      [1, "use one of these"],
    ],
  },
  {
    path: "network.flowLogRetentionDays",
    allowed:
      "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days, or null for no flow logs",
    bad: [
      [31, "use 60, the next that CloudWatch Logs knows"],
      [0, "use 1, the next that CloudWatch Logs knows"],
      [4000, "use 3653, the next that CloudWatch Logs knows"],
      ["30", "write 30 without quotation marks"],
    ],
  },
  {
    path: "api.imageTag",
    allowed: "a tag other than latest (letters, digits, _ . -, at most 128), or sha256: and 64 hexadecimal digits",
    bad: [
      ["latest", "name the release, such as 1.0.0, or the digest: latest says nothing of what runs"],
      ["sha256:abc", "copy the whole digest: aws ecr describe-images --query imageDetails[].imageDigest"],
      ["v 1", "use a tag such as 1.0.0"],
      ["", "use a tag such as 1.0.0"],
      [1.5, 'write "1.5", in quotation marks'],
    ],
  },
  {
    path: "api.ecrRepositoryUrl",
    allowed: "<account id>.dkr.ecr.<region>.amazonaws.com/<repository>, without tag or digest",
    bad: [
      [
        "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api:latest",
        'write "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api"; the tag goes to api.imageTag',
      ],
      [
        "https://222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api",
        'write "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api"',
      ],
      [
        "222222222222.dkr.ecr.us-east-1.amazonaws.com/SkyManuals",
        'write "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals"',
      ],
      [
        "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals//api",
        'write "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals/api"',
      ],
      ["skymanuals-api", 'write it as "111111111111.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api"'],
    ],
  },
  {
    path: "api.cpu",
    allowed: "256, 512, 1024, 2048, 4096, 8192, 16384",
    bad: [
      [1000, "use one of these"],
      ["1024", "write 1024 without quotation marks"],
    ],
  },
  { path: "api.jwtSecretVersion", allowed: "a whole number, 1 or more", bad: [[0, "use 1"]] },
  {
    path: "api.requestsPerMinutePerTask",
    allowed: "a whole number of requests from 1 to 1000000",
    bad: [
      [0, "use 1"],
      [0.5, "use 1"],
    ],
  },
  { path: "api.waitForSteadyState", allowed: "true or false", bad: [["true", "write true without quotation marks"]] },
  {
    path: "api.scheduledScaling[0].name",
    allowed: "1 to 32 lower-case letters, digits and single hyphens, a letter first",
    bad: [["Maintenance window", "use a name such as maintenance"]],
  },
  {
    path: "api.scheduledScaling[0].start",
    allowed:
      "cron(<minute> <hour> <day of month> <month> <day of week> <year>) with one ? for a day, or at(<yyyy-mm-dd>T<hh:mm:ss>)",
    bad: [
      ["sun:04:00-05:00", "write it as cron(45 3 ? * SUN *) or at(2027-01-31T22:00:00)"],
      ["at(2027-13-01T00:00:00)", "write it as cron(45 3 ? * SUN *) or at(2027-01-31T22:00:00)"],
      ["cron(45 3 * * SUN)", "add the year, the sixth field: cron(45 3 ? * SUN *)"],
      ["cron(45 3 * * SUN *)", "write ? for one of day of month and day of week: cron(45 3 ? * SUN *)"],
      ["rate(7 days)", "use cron or at: a rate has no time of day at which a window could open"],
    ],
  },
  {
    path: "api.scheduledScaling[0].timezone",
    allowed: "UTC, or the IANA name of a time zone such as Europe/Stockholm",
    bad: [
      ["Europe/Stokholm", 'did you mean "Europe/Stockholm"?'],
      ["+01:00", "use UTC"],
    ],
  },
  {
    path: "api.scheduledScaling[0].minimum",
    allowed: "a whole number of tasks from 1 to 5000",
    bad: [[0, "use 1"]],
  },
  { path: "tracing.reservoirPerSecond", allowed: "0 to 1000 requests per second", bad: [[-1, "use 0"]] },
  {
    path: "tracing.sampledPercent",
    allowed: "0 to 100 percent, a whole number",
    bad: [
      [0.05, "use 0"],
      [101, "use 100"],
      ["5", "write 5 without quotation marks"],
    ],
  },
  { path: "tracing.slowSeconds", allowed: "1 to 60 seconds", bad: [[0, "use 1"]] },
  {
    path: "logstash.capacity",
    allowed: '"FARGATE", "FARGATE_SPOT"',
    bad: [["SPOT", "use one of these"]],
  },
  {
    path: "edge.origin",
    allowed: '"vpc", "public"',
    bad: [
      ["vcp", 'did you mean "vpc"?'],
      ["private", "use one of these"],
    ],
  },
  { path: "edge.standby", allowed: "true or false", bad: [["false", "write false without quotation marks"]] },
  { path: "api.originSecretVersion", allowed: "a whole number, 1 or more", bad: [[-4, "use 1"]] },
  {
    path: "database.username",
    allowed:
      "1 to 63 letters, digits and underscores, a letter first, not pg_..., no reserved word of RDS or PostgreSQL",
    bad: [
      ["admin", "choose another, such as skymanuals: admin is reserved"],
      ["rdsadmin", "choose another, such as skymanuals: rdsadmin is reserved"],
      ["RdsAdmin", "choose another, such as skymanuals: RdsAdmin is reserved"],
      ["pg_monitor", "choose another, such as skymanuals: pg_monitor is reserved"],
      ["user", "choose another, such as skymanuals: user is reserved"],
      ["public", "choose another, such as skymanuals: public is reserved"],
      ["sky-manuals", "use a name such as skymanuals"],
      ["1sky", "use a name such as skymanuals"],
      ["a".repeat(64), "use at most 63 characters instead of 64"],
    ],
  },
  {
    path: "database.engineVersion",
    allowed: "15, or 15 and a minor version, such as 15.4",
    bad: [
      ["16", 'use "15"'],
      ["15.4.1", 'use "15.4"'],
      ["15.x", 'use "15"'],
      [15, 'write "15", in quotation marks'],
    ],
  },
  {
    path: "database.backupRetentionDays",
    allowed: "1 to 35 days",
    bad: [
      [0, "use 1"],
      [36, "use 35"],
      [7.5, "use 8"],
    ],
  },
  {
    path: "database.applicationUsername",
    allowed:
      "1 to 61 letters, digits and underscores, a letter first, not pg_..., no reserved word of RDS or PostgreSQL",
    bad: [
      ["rds_superuser", "choose another, such as skymanuals: rds_superuser is reserved"],
      ["sky-app", "use a name such as skymanuals"],
      ["a".repeat(62), "use at most 61 characters instead of 62"],
      [undefined, "add the field applicationUsername"],
    ],
  },
  {
    path: "database.applicationPasswordVersion",
    allowed: "a whole number, 1 or more",
    bad: [
      [0, "use 1"],
      ["2", "write 2 without quotation marks"],
    ],
  },
  {
    path: "size.databaseReadReplicas",
    allowed: "a whole number from 0 to 15",
    bad: [
      [-1, "use 0"],
      [16, "use 15"],
      [1.5, "use 2"],
    ],
  },
  {
    path: "encryption",
    allowed: '"aws", "customer-managed", "adopted"',
    bad: [
      ["customer", "use one of these"],
      ["customer-manged", 'did you mean "customer-managed"?'],
      ["aws:kms", "use one of these"],
    ],
  },
  {
    path: "storage.currentChunks",
    allowed: '"keep", "expire"',
    bad: [
      ["expires", 'did you mean "expire"?'],
      ["delete", "use one of these"],
      [true, "use one of these"],
    ],
  },
  {
    path: "storage.coldPrefixes",
    allowed: "a list of beginnings of keys, each ending in a slash; empty for none",
    bad: [["archive/", "replace the string by what is allowed"]],
  },
  {
    path: "storage.coldPrefixes[0]",
    allowed:
      "the beginning of keys: letters, digits and ! - _ . ' ( ) / , a slash last and not first, at most 200 characters",
    bad: [
      ["archive", 'write "archive/"'],
      ["/archive//old/", 'write "archive/old/"'],
      ["", "name a folder, such as archive/: every key begins with this"],
      ["/", "name a folder, such as archive/: every key begins with this"],
      ["old manuals/", "use a prefix such as archive/"],
      [`${"a".repeat(200)}/`, "use at most 200 characters"],
    ],
  },
  { path: "database.passwordVersion", allowed: "a whole number, 1 or more", bad: [[0, "use 1"]] },
  {
    path: "database.applyImmediately",
    allowed: "true or false",
    bad: [
      ["true", "write true without quotation marks"],
      [1, "replace the number by what is allowed"],
    ],
  },
  {
    path: "redis.snapshotRetentionDays",
    allowed: "0 to 35 days; 0 takes no snapshots",
    bad: [
      [-1, "use 0"],
      [36, "use 35"],
    ],
  },
  { path: "redis.authTokenUpdateStrategy", allowed: '"SET", "ROTATE"', bad: [["rotate", 'did you mean "ROTATE"?']] },
  { path: "redis.authTokenVersion", allowed: "a whole number, 1 or more", bad: [[1.5, "use 2"]] },
  {
    path: "elasticsearch.dedicatedMasterCount",
    allowed: "0, 3 or 5: AWS refuses one master and more than 5, and an even number has no majority of its own",
    bad: [
      [1, "use 0"],
      [2, "use 3"],
      [4, "use 5"],
      [7, "use 5"],
    ],
  },
  {
    path: "size.elasticsearchInstanceType",
    allowed:
      "<family>.<size>.elasticsearch, such as t3.medium.elasticsearch, of a family other than t2, m3, m4, c4, r3, r4, i2, i3, r6gd, ultrawarm1, d2, i4g, i4i, i7i, i8g, im4gn, r7gd, or1, or2, om2, oi2",
    bad: [
      ["t3.medium.search", 'write "t3.medium.elasticsearch"'],
      ["t3.medium", 'write "t3.medium.elasticsearch"'],
      ["t3.mediun.elasticsearch", 'did you mean "t3.medium.elasticsearch"?'],
      ["large", "use a type such as t3.medium.elasticsearch"],
      ["t2.medium.elasticsearch", "use t3, m5, c5, r5, m6g, c6g or r6g: t2 has no gp3 volumes"],
      ["i3.large.elasticsearch", "use t3, m5, c5, r5, m6g, c6g or r6g: i3 has no gp3 volumes"],
      ["i4i.large.elasticsearch", "use t3, m5, c5, r5, m6g, c6g or r6g: i4i has no gp3 volumes"],
      ["or1.medium.elasticsearch", "use t3, m5, c5, r5, m6g, c6g or r6g: or1 has no Elasticsearch, only OpenSearch"],
      ["r5.8xlarge.elasticsearch", "use r5 in large, xlarge, 2xlarge, 4xlarge, 12xlarge"],
    ],
  },
  {
    path: "size.elasticsearchMasterInstanceType",
    allowed:
      "<family>.<size>.elasticsearch, such as t3.medium.elasticsearch, of a family other than t2, m3, r3, or1, or2, om2, oi2, ultrawarm1",
    bad: [
      ["t2.small.elasticsearch", "use t3, m5, c5, r5, m6g, c6g or r6g: t2 has no encryption at rest"],
      [
        "ultrawarm1.medium.elasticsearch",
        "use t3, m5, c5, r5, m6g, c6g or r6g: ultrawarm1 has no masters, only warm nodes",
      ],
    ],
  },
  {
    path: "size.elasticsearchInstanceCount",
    allowed: "a whole number from 1 to 200, even over 2 zones, at least 3 over 3",
    bad: [
      [0, "use 1"],
      [3.5, "use 4"],
      [201, "use 200"],
    ],
  },
  {
    path: "size.elasticsearchVolumeSizeGiB",
    allowed: "a whole number of GiB from 10 to what the instance type allows, at most 24576",
    bad: [
      [9, "use 10"],
      [30000, "use 24576"],
    ],
  },
  {
    path: "size.databaseInstanceClass",
    allowed: "an RDS instance class, db.<family>.<size>, such as db.t3.medium",
    bad: [
      ["t3.medium", 'write "db.t3.medium"'],
      ["cache.t3.medium", 'write "db.t3.medium"'],
      ["db.t3", "use a class such as db.t3.medium"],
      ["db.t3.huge", "use a class such as db.t3.medium"],
      ["db.m5.medium", "use db.m5 in large, xlarge, 2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge, 24xlarge"],
      ["db.r5.9xlarge", "use db.r5 in large, xlarge, 2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge, 24xlarge"],
      ["db.t2.medium", "use db.t3, db.m5 or db.r5: db.t2 runs no PostgreSQL 15"],
      ["db.c6gd.large", "use db.m6gd or db.r6gd: db.c6gd is for Multi-AZ DB clusters only"],
      [
        "db.x9.large",
        "use one of the families t3, t4g, m5, m5d, m6g, m6gd, m7g, m6i, m6id, m6idn, m6in, m7i, m8g, m8gd, r5, r5b, r5d, r6g, r6gd, r7g, r6i, r6id, r6idn, r6in, r7i, r8g, r8gd, x2g, x2iedn",
      ],
    ],
  },
  {
    path: "size.redisNodeType",
    allowed: "an ElastiCache node type, cache.<family>.<size>, of a family other than t1, m1, m3, c1, m2, r3, r6gd",
    bad: [
      ["t3.micro", 'write "cache.t3.micro"'],
      ["db.t3.micro", 'write "cache.t3.micro"'],
      [
        "cache.t1.micro",
        "use cache.t3, cache.m5 or cache.r5: the family takes no new clusters, and has neither encryption nor failover throughout",
      ],
      ["cache.r6gd.xlarge", "use cache.r6g: the family needs data tiering"],
      ["cache.tiny", "use a type such as cache.t3.micro"],
      ["cache.t3.large", "use cache.t3 in micro, small, medium"],
      ["cache.r5.8xlarge", "use cache.r5 in large, xlarge, 2xlarge, 4xlarge, 12xlarge, 24xlarge"],
      ["cache.x9.large", "use one of the families t2, t3, t4g, m4, m5, m6g, m7g, r4, r5, r6g, r7g, c7gn"],
    ],
  },
  {
    path: "size.apiDesiredCount",
    allowed: "a whole number from 1 to 5000",
    bad: [
      [0, "use 1"],
      [Number.NaN, "replace the number by what is allowed"],
    ],
  },
  {
    path: "protection.secretRecoveryDays",
    allowed: "0 (deleted at once), or 7 to 30 days",
    bad: [
      [1, "use 7, or 0 to delete at once"],
      [31, "use 30, or 0 to delete at once"],
    ],
  },
  {
    path: "budget.costOf",
    allowed: '"account", "environment"',
    bad: [["service", "use one of these"]],
  },
  {
    path: "budget.limitUsd",
    allowed: "null, or an amount in USD above 0, with at most two decimals",
    bad: [
      [0, "use an amount such as 1000"],
      [-5, "use an amount such as 1000"],
      [10.005, "use 10.01"],
      ["4000", "write 4000 without quotation marks"],
    ],
  },
  {
    path: "budget.email",
    allowed: "an e-mail address",
    bad: [
      ["admin", "write one address, such as admin@skymanuals.com"],
      ["a@b", "write one address, such as admin@skymanuals.com"],
      ["a@b.com, c@d.com", "write one address, such as admin@skymanuals.com"],
    ],
  },
  {
    path: "alerts.pageEmail",
    allowed: "an e-mail address",
    bad: [["oncall", "write one address, such as admin@skymanuals.com"]],
  },
  {
    path: "alerts.ticketEmail",
    allowed: "an e-mail address",
    bad: [["operations@skymanuals", "write one address, such as admin@skymanuals.com"]],
  },
  {
    path: "complianceEmail",
    allowed: "an e-mail address",
    bad: [["compliance.skymanuals.com", "write one address, such as admin@skymanuals.com"]],
  },
  {
    path: "domain.zoneName",
    allowed: "a lower-case domain name of at most 57 characters, without a final dot, such as skymanuals.com",
    bad: [
      ["skymanuals.com.", 'write "skymanuals.com"'],
      ["SkyManuals.com", 'write "skymanuals.com"'],
      ["skymanuals", 'write "skymanuals.com"'],
    ],
  },
  {
    path: "domain.apiName",
    allowed: "a lower-case host name of at most 64 characters, such as api.skymanuals.com",
    bad: [
      ["https://api.skymanuals.com/", 'write "api.skymanuals.com"'],
      [`${"a".repeat(60)}.skymanuals.com`, "use at most 64 characters instead of 75"],
    ],
  },
  {
    path: "adopted.keep",
    allowed: "an object of addresses, each with the arguments to keep; empty for a new environment",
    bad: [
      [[], "replace the list by what is allowed"],
      ["aws_lb.main", "replace the string by what is allowed"],
      [undefined, "add the field keep"],
    ],
  },
  {
    path: 'adopted.keep["aws_lb.main"]',
    allowed: "an object of Terraform's arguments and the values to keep",
    bad: [["edge", "replace the string by what is allowed"]],
  },
  {
    path: "adopted.removed[0]",
    allowed: "a resource address without [...]: Terraform forgets whole resources",
    bad: [
      ["aws_route.old[0]", 'write "aws_route.old"'],
      ["route", "copy it from terraform state list, without [...]"],
    ],
  },
];

const complete = withValues(production, {
  "network.allowedIps": ["203.0.113.0/24"],
  "adopted.removed": ["aws_route.old"],
});

test("the environment that the table below breaks is valid", () => {
  expect(problemsIn(complete)).toEqual([]);
});

test.each(fields.flatMap(({ path, allowed, bad }) => bad.map(([value, fix]) => ({ path, value, allowed, fix }))))(
  "$path: $value is refused",
  ({ path, value, allowed, fix }) => {
    const [first, ...others] = problemsIn(withValue(complete, path, value));
    expect(first).toEqual({ source, path, value, allowed, fix });
    expect(others).toEqual([]);
  },
);

/** Several values together: `values` breaks a rule, `problems` is what is reported, in order. */
const combinations: readonly {
  rule: string;
  values: Record<string, unknown>;
  problems: readonly (readonly [path: string, value: unknown, allowed: string, fix: string])[];
}[] = [
  {
    rule: "the application as the database's master user",
    values: { "database.username": "SkyManuals", "database.applicationUsername": "skymanuals" },
    problems: [
      [
        "database.applicationUsername",
        "skymanuals",
        "a name that neither by itself nor with _b is database.username, SkyManuals: that one owns the tables",
        "use SkyManuals_app",
      ],
    ],
  },
  {
    rule: "the application's second user as the database's master user",
    values: { "database.username": "skymanuals_B", "database.applicationUsername": "skymanuals" },
    problems: [
      [
        "database.applicationUsername",
        "skymanuals",
        "a name that neither by itself nor with _b is database.username, skymanuals_B: that one owns the tables",
        "use skymanuals_B_app",
      ],
    ],
  },
  {
    rule: "cold prefixes in one another, and one twice",
    values: { "storage.coldPrefixes": ["archive/", "archive/2019/", "old/", "old/"] },
    problems: [
      [
        "storage.coldPrefixes[1]",
        "archive/2019/",
        "prefixes that do not lie in one another",
        "remove it: storage.coldPrefixes[0], archive/, covers it",
      ],
      [
        "storage.coldPrefixes[3]",
        "old/",
        "prefixes that do not lie in one another",
        "remove it: storage.coldPrefixes[2], old/, covers it",
      ],
    ],
  },
  {
    rule: "one zone",
    values: { zones: ["us-east-1a"] },
    problems: [
      [
        "zones",
        ["us-east-1a"],
        "2 or 3 zones: the load balancer, database and cache need two, and Elasticsearch spans at most three",
        "add a zone of the region",
      ],
    ],
  },
  {
    rule: "four zones",
    values: { zones: ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"] },
    problems: [
      [
        "zones",
        ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"],
        "2 or 3 zones: the load balancer, database and cache need two, and Elasticsearch spans at most three",
        "remove us-east-1d",
      ],
    ],
  },
  {
    rule: "one zone twice, another of a different region",
    values: { zones: ["us-east-1a", "us-east-1a", "eu-west-1b"] },
    problems: [
      ["zones[1]", "us-east-1a", "distinct zones", "name another zone: zones[0] is us-east-1a already"],
      [
        "zones[2]",
        "eu-west-1b",
        "a zone of us-east-1, such as us-east-1a",
        'use us-east-1b, or set region: "eu-west-1"',
      ],
    ],
  },
  {
    rule: "an odd number of data nodes over 2 zones",
    values: { zones: ["us-east-1a", "us-east-1b"], "size.elasticsearchInstanceCount": 3 },
    problems: [
      [
        "size.elasticsearchInstanceCount",
        3,
        "an even number of data nodes over 2 zones",
        "use 4, or 3 zones and at least 3 data nodes",
      ],
    ],
  },
  {
    rule: "two data nodes over 3 zones",
    values: { "size.elasticsearchInstanceCount": 2 },
    problems: [["size.elasticsearchInstanceCount", 2, "at least 3 data nodes over 3 zones", "use 3, or 2 zones"]],
  },
  ...(
    [
      ["t3.small", 101, 100, "use 100 or less, or t3.medium.elasticsearch"],
      ["t3.medium", 201, 200, "use 200 or less, more data nodes, or a larger type"],
      ["m5.large", 1025, 1024, "use 1024 or less, or m5.xlarge.elasticsearch"],
      ["m6g.large", 2000, 1024, "use 1024 or less, or m6g.xlarge.elasticsearch"],
      ["c5.large", 257, 256, "use 256 or less, or c5.xlarge.elasticsearch"],
      ["r5.large", 5000, 2048, "use 2048 or less, or r5.2xlarge.elasticsearch"],
    ] as const
  ).map(([type, volume, maximum, fix]) => ({
    rule: `${volume} GiB on ${type}`,
    values: {
      "size.elasticsearchInstanceType": `${type}.elasticsearch`,
      "size.elasticsearchVolumeSizeGiB": volume,
    },
    problems: [
      ["size.elasticsearchVolumeSizeGiB", volume, `10 to ${maximum} GiB of gp3 for ${type}.elasticsearch`, fix],
    ] as const,
  })),
  {
    rule: "T3 masters of 11 data nodes",
    values: { "size.elasticsearchInstanceCount": 11 },
    problems: [
      [
        "size.elasticsearchMasterInstanceType",
        "t3.medium.elasticsearch",
        "T3 masters only with at most 10 data nodes; there are 11",
        "use m5.large.elasticsearch, or at most 10 data nodes",
      ],
    ],
  },
  {
    rule: "autoscaling upside down",
    values: { "size.apiMaximumCount": 4 },
    problems: [
      ["size.apiMaximumCount", 4, "at least apiDesiredCount, 5", "use 5 or more, or lower apiDesiredCount to 4"],
    ],
  },
  {
    rule: "scaling windows: bounds crossed, a name twice, no time between start and end",
    values: {
      "api.scheduledScaling": [
        { ...scalingWindow, minimum: 4, maximum: 3 },
        { ...scalingWindow, end: scalingWindow.start },
      ],
    },
    problems: [
      ["api.scheduledScaling[0].maximum", 3, "at least minimum, 4", "use 4 or more, or lower minimum to 3"],
      [
        "api.scheduledScaling[1].name",
        "maintenance",
        "distinct names",
        "choose another: api.scheduledScaling[0] is maintenance already",
      ],
      [
        "api.scheduledScaling[1].end",
        "cron(45 3 ? * SUN *)",
        "another time than start",
        "name the time at which the service's own bounds hold again",
      ],
    ],
  },
  ...(
    [
      ["api", 256, 4096, "512, 1024, 2048 MiB", "use memoryMiB 2048, or cpu 512 or 1024 or 2048"],
      ["api", 512, 5120, "1024 to 4096 MiB in steps of 1024", "use memoryMiB 4096, or cpu 1024 or 2048"],
      ["api", 1024, 1024, "2048 to 8192 MiB in steps of 1024", "use memoryMiB 2048, or cpu 256 or 512"],
      ["api", 1024, 2500, "2048 to 8192 MiB in steps of 1024", "use memoryMiB 2048"],
      ["logstash", 2048, 2048, "4096 to 16384 MiB in steps of 1024", "use memoryMiB 4096, or cpu 256 or 512 or 1024"],
      ["logstash", 4096, 31744, "8192 to 30720 MiB in steps of 1024", "use memoryMiB 30720"],
      ["logstash", 8192, 17408, "16384 to 61440 MiB in steps of 4096", "use memoryMiB 16384, or cpu 4096"],
      ["logstash", 256, 512, "2048 MiB; Logstash does not run in less than 2048", "use memoryMiB 2048"],
      ["logstash", 512, 1024, "2048, 3072, 4096 MiB; Logstash does not run in less than 2048", "use memoryMiB 2048"],
      ["logstash", 256, 700, "2048 MiB; Logstash does not run in less than 2048", "use memoryMiB 2048"],
      ["logstash", 16384, 36864, "32768 to 122880 MiB in steps of 8192", "use memoryMiB 32768, or cpu 8192"],
    ] as const
  ).map(([task, cpu, memory, allowed, fix]) => ({
    rule: `${task}: ${cpu} CPU units with ${memory} MiB`,
    values: { [`${task}.cpu`]: cpu, [`${task}.memoryMiB`]: memory },
    problems: [[`${task}.memoryMiB`, memory, `with cpu ${cpu}: ${allowed}`, fix]] as const,
  })),
  ...(
    [
      [1024, 2048, 257, 256, 1024],
      [256, 2048, 1000, 256, 1024],
      [2048, 4096, 769, 768, 2048],
    ] as const
  ).map(([cpu, memory, batchSize, maximum, heap]) => ({
    rule: `logstash: batches of ${batchSize} events in the heap of ${memory} MiB`,
    values: { "logstash.cpu": cpu, "logstash.memoryMiB": memory, "logstash.batchSize": batchSize },
    problems: [
      [
        "logstash.batchSize",
        batchSize,
        `at most ${maximum}: 2 batches with events of 1 MiB are in a heap of ${heap} MiB, half of memoryMiB, at a time`,
        `use batchSize ${maximum}, or more memoryMiB`,
      ] as const,
    ],
  })),
  {
    rule: "logstash: no batch",
    values: { "logstash.batchSize": 0 },
    problems: [["logstash.batchSize", 0, "a whole number of events from 1 to 1000", "use 1"]],
  },
  {
    rule: "logstash: a batch beyond the largest",
    values: { "logstash.cpu": 2048, "logstash.memoryMiB": 16384, "logstash.batchSize": 1001 },
    problems: [["logstash.batchSize", 1001, "a whole number of events from 1 to 1000", "use 1000"]],
  },
  {
    rule: "interface endpoints: unknown, mistyped, whole, gateway, twice",
    values: { "network.interfaceEndpoints": ["ecr.api", "ecr-api", "com.amazonaws.us-east-1.logs", "s3", "quux"] },
    problems: (
      [
        [1, "ecr-api", 'did you mean "ecr.api"?'],
        [2, "com.amazonaws.us-east-1.logs", 'write "logs"'],
        [3, "s3", "remove it: this service has a gateway endpoint, which costs nothing (S3's is always there)"],
        [4, "quux", "remove it, or choose one of the list"],
      ] as const
    ).map(
      ([index, value, fix]) =>
        [
          `network.interfaceEndpoints[${index}]`,
          value,
          "one of application-autoscaling, backup, cloudtrail, config, ec2, ec2messages, ecr.api, ecr.dkr, ecs, ecs-agent, ecs-telemetry, elasticache, elasticloadbalancing, email-smtp, events, guardduty-data, kms, lambda, logs, monitoring, rds, secretsmanager, securityhub, sns, sqs, ssm, ssmmessages, states, sts, xray",
          fix,
        ] as const,
    ),
  },
  {
    rule: "an interface endpoint twice",
    values: { "network.interfaceEndpoints": ["logs", "kms", "logs"] },
    problems: [
      [
        "network.interfaceEndpoints[2]",
        "logs",
        "distinct services",
        "remove it: network.interfaceEndpoints[0] is logs already",
      ],
    ],
  },
  {
    rule: "allowed networks that overlap",
    values: { "network.allowedIps": ["198.51.100.16/28", "203.0.113.0/24", "198.51.100.0/24", "203.0.113.0/24"] },
    problems: [
      [
        "network.allowedIps[0]",
        "198.51.100.16/28",
        "CIDR blocks that do not overlap",
        "remove it: network.allowedIps[2], 198.51.100.0/24, covers it",
      ],
      [
        "network.allowedIps[3]",
        "203.0.113.0/24",
        "CIDR blocks that do not overlap",
        "remove it: network.allowedIps[1], 203.0.113.0/24, covers it",
      ],
    ],
  },
  {
    rule: "protected, and to be emptied by force",
    values: { "protection.forceDestroy": true },
    problems: [
      [
        "protection.forceDestroy",
        true,
        "false where preventDestroy is true",
        "set forceDestroy: false to keep the data, or preventDestroy: false to be able to delete it",
      ],
    ],
  },
  {
    rule: "records that nobody could delete in an environment that may be destroyed",
    values: { "protection.preventDestroy": false, "protection.forceDestroy": true, "audit.lockMode": "COMPLIANCE" },
    problems: [
      [
        "audit.lockMode",
        "COMPLIANCE",
        "GOVERNANCE where protection.forceDestroy is true: nobody can delete a bucket that holds a locked record",
        "use GOVERNANCE, or set protection.forceDestroy to false",
      ],
    ],
  },
  {
    rule: "records that are locked for less than seven years",
    values: { "audit.retentionDays": 2555, "audit.lockMode": "GOVERNANCE" },
    problems: [
      [
        "audit.retentionDays",
        2555,
        "at least 2557 days, which cover any seven years; fewer with GOVERNANCE and protection.forceDestroy only",
        "use 2557",
      ],
    ],
  },
  {
    rule: "an archive that nobody could delete in an environment that may be destroyed",
    values: {
      "protection.preventDestroy": false,
      "protection.forceDestroy": true,
      "audit.lockMode": "GOVERNANCE",
      "archive.lockMode": "COMPLIANCE",
    },
    problems: [
      [
        "archive.lockMode",
        "COMPLIANCE",
        "GOVERNANCE where protection.forceDestroy is true: nobody can delete a bucket that holds a locked record",
        "use GOVERNANCE, or set protection.forceDestroy to false",
      ],
    ],
  },
  {
    rule: "an archive that is kept, and locked, for less than seven years",
    values: { "archive.retentionDays": 2555, "archive.lockDays": 365 },
    problems: [
      [
        "archive.lockDays",
        365,
        "at least 2557 days, which cover any seven years; fewer with GOVERNANCE and protection.forceDestroy only",
        "use 2557",
      ],
      [
        "archive.retentionDays",
        2555,
        "at least 2557 days, which cover any seven years; fewer with GOVERNANCE and protection.forceDestroy only",
        "use 2557",
      ],
    ],
  },
  {
    rule: "an archive that is locked for longer than it is kept",
    values: { "archive.lockDays": 3653 },
    problems: [
      [
        "archive.lockDays",
        3653,
        "at most archive.retentionDays, 2557: S3 does not delete what is locked",
        "use 2557, or set archive.retentionDays to 3653",
      ],
    ],
  },
  {
    rule: "monthly backups that are kept for less than seven years",
    values: { "backup.monthlyRetentionDays": 2556, "backup.vaultLock": null },
    problems: [
      [
        "backup.monthlyRetentionDays",
        2556,
        "at least 2557 days, which cover any seven years; fewer with protection.forceDestroy only",
        "use 2557",
      ],
    ],
  },
  {
    rule: "monthly backups that are kept for less than their lock admits",
    values: { "backup.vaultLock.minimumRetentionDays": 3000 },
    problems: [
      [
        "backup.monthlyRetentionDays",
        2557,
        "at least vaultLock.minimumRetentionDays, 3000: the vault would fail every job",
        "use 3000, or lower vaultLock.minimumRetentionDays",
      ],
    ],
  },
  {
    rule: "monthly backups that are kept for more than their lock admits",
    values: { "backup.monthlyRetentionDays": 4000 },
    problems: [
      [
        "backup.monthlyRetentionDays",
        4000,
        "at most vaultLock.maximumRetentionDays, 3653: the vault would fail every job",
        "use 3653, or raise vaultLock.maximumRetentionDays",
      ],
    ],
  },
  {
    rule: "a lock that no job could meet",
    values: { "backup.vaultLock.minimumRetentionDays": 3700, "backup.monthlyRetentionDays": 3700 },
    problems: [
      [
        "backup.vaultLock.minimumRetentionDays",
        3700,
        "at most maximumRetentionDays, 3653: AWS refuses the lock, and no job could meet it",
        "use 3653, or raise maximumRetentionDays",
      ],
      [
        "backup.monthlyRetentionDays",
        3700,
        "at most vaultLock.maximumRetentionDays, 3653: the vault would fail every job",
        "use 3653, or raise vaultLock.maximumRetentionDays",
      ],
    ],
  },
  {
    rule: "a vault lock that would be final without anybody saying when",
    values: { "backup.vaultLock.mode": "COMPLIANCE" },
    problems: [
      [
        "backup.vaultLock.changeableForDays",
        null,
        "3 days or more with COMPLIANCE: how long the lock can still be removed is stated",
        "use 30, or GOVERNANCE, which can always be removed",
      ],
    ],
  },
  {
    rule: "a vault lock that is called GOVERNANCE and would be final",
    values: { "backup.vaultLock.changeableForDays": 30 },
    problems: [
      [
        "backup.vaultLock.changeableForDays",
        30,
        "null with GOVERNANCE: after such days AWS lets nobody remove a lock, which is COMPLIANCE",
        'use null, or mode: "COMPLIANCE" if nobody shall ever remove it',
      ],
    ],
  },
  {
    rule: "a vault lock that could never be removed, in an environment that may be destroyed",
    values: {
      "protection.preventDestroy": false,
      "protection.forceDestroy": true,
      "backup.vaultLock.mode": "COMPLIANCE",
      "backup.vaultLock.changeableForDays": 3,
      "audit.lockMode": "GOVERNANCE",
      "archive.lockMode": "GOVERNANCE",
    },
    problems: [
      [
        "backup.vaultLock.mode",
        "COMPLIANCE",
        "GOVERNANCE, or no lock, where protection.forceDestroy is true: nobody can delete a vault that COMPLIANCE keeps",
        "use GOVERNANCE with changeableForDays: null, or set protection.forceDestroy to false",
      ],
    ],
  },
  {
    rule: "a media type twice",
    values: { "audit.contentTypes": ["text/plain", "application/pdf", "text/plain"] },
    problems: [
      [
        "audit.contentTypes[2]",
        "text/plain",
        "distinct media types",
        "remove it: contentTypes[0] is text/plain already",
      ],
    ],
  },
  {
    rule: "the API's name outside the zone",
    values: { "domain.apiName": "api.skymanuals.eu" },
    problems: [
      [
        "domain.apiName",
        "api.skymanuals.eu",
        "a name in the zone skymanuals.com",
        "use api.skymanuals.com, or the zone skymanuals.eu",
      ],
    ],
  },
  {
    rule: "a zone that is only the end of a label",
    values: { "domain.apiName": "notskymanuals.com" },
    problems: [
      [
        "domain.apiName",
        "notskymanuals.com",
        "a name in the zone skymanuals.com",
        "use api.skymanuals.com, or the zone com",
      ],
    ],
  },
  {
    rule: "the API under the load balancer's name",
    values: { "domain.apiName": "origin.skymanuals.com" },
    problems: [
      [
        "domain.apiName",
        "origin.skymanuals.com",
        "a name other than origin.skymanuals.com, which is the load balancer's",
        "use api.skymanuals.com",
      ],
    ],
  },
  {
    rule: "kept arguments in another spelling, at no address",
    values: { "adopted.keep": { "aws_lb.main": { name: "x", dropInvalid: true }, load_balancer: {} } },
    problems: [
      [
        'adopted.keep["aws_lb.main"].dropInvalid',
        true,
        "arguments in Terraform's own names: lower-case letters, digits and underscores",
        "write drop_invalid",
      ],
      [
        "adopted.keep.load_balancer",
        "load_balancer",
        'a resource address, <type>.<name>, with [0] or ["key"] behind it for one of several',
        "write it as aws_lb.main or aws_subnet.private[0]",
      ],
    ],
  },
  {
    rule: "renamed to another type, to itself, two to one",
    values: {
      "adopted.renamed": {
        "aws_lb.main": "aws_alb.main",
        "aws_eip.nat[0]": "aws_eip.nat[0]",
        "aws_route.a": "aws_route.c",
        "aws_route.b": "aws_route.c",
      },
    },
    problems: [
      [
        'adopted.renamed["aws_lb.main"]',
        "aws_alb.main",
        "another address of the type aws_lb",
        "choose another name, such as aws_lb.main_platform",
      ],
      [
        'adopted.renamed["aws_eip.nat[0]"]',
        "aws_eip.nat[0]",
        "another address of the type aws_eip",
        "choose another name, such as aws_eip.nat_platform[0]",
      ],
      [
        'adopted.renamed["aws_route.b"]',
        "aws_route.c",
        "one address for one resource",
        'choose another: adopted.renamed["aws_route.a"] is aws_route.c already',
      ],
    ],
  },
  {
    rule: "a move between types",
    values: {
      "adopted.moved": [
        { from: "aws_alb.old", to: "aws_db_instance.postgres" },
        { from: 'module.web["a.b"].aws_lb.this[0]', to: "aws_lb.main" },
      ],
    },
    problems: [
      [
        "adopted.moved[0].to",
        "aws_db_instance.postgres",
        "an address of the type aws_alb, as from: an object does not change its type",
        "choose our aws_alb that continues it, or list aws_alb.old under adopted.removed",
      ],
    ],
  },
  {
    rule: "moves from or to one address twice, to itself, and removed as well",
    values: {
      "adopted.moved": [
        { from: "aws_lb.old", to: "aws_lb.main" },
        { from: "aws_lb.old", to: "aws_lb.main" },
        { from: "aws_eip.nat[0]", to: "aws_eip.nat[0]" },
      ],
      "adopted.removed": ["aws_eip.nat", "aws_route.old", "aws_route.old"],
    },
    problems: [
      [
        "adopted.moved[1].from",
        "aws_lb.old",
        "each address in one move",
        "keep one: adopted.moved[0].from is aws_lb.old already",
      ],
      [
        "adopted.moved[1].to",
        "aws_lb.main",
        "each address in one move",
        "keep one: adopted.moved[0].to is aws_lb.main already",
      ],
      [
        "adopted.moved[2].to",
        "aws_eip.nat[0]",
        "an address other than from",
        "remove the move: the object is at that address already",
      ],
      [
        "adopted.removed[2]",
        "aws_route.old",
        "each address once",
        "remove it: adopted.removed[1] is aws_route.old already",
      ],
      [
        "adopted.removed[0]",
        "aws_eip.nat",
        "an address that no move continues",
        "keep either this or adopted.moved[2]",
      ],
    ],
  },
];

test.each(combinations)("$rule", ({ values, problems }) => {
  expect(problemsIn(withValues(production, values))).toEqual(
    problems.map(([path, value, allowed, fix]) => ({ source, path, value, allowed, fix })),
  );
});

test.each([
  [
    "T3 masters of 11 data nodes, without dedicated masters",
    { "size.elasticsearchInstanceCount": 11, "elasticsearch.dedicatedMasterCount": 0 },
  ],
  ["T3 masters of 10 data nodes", { "size.elasticsearchInstanceCount": 10 }],
  ["two zones and two data nodes", { zones: ["us-east-1a", "us-east-1b"], "size.elasticsearchInstanceCount": 2 }],
  ["the largest volume of the type", { "size.elasticsearchVolumeSizeGiB": 2048 }],
  [
    "a family that AWS added since",
    { "size.elasticsearchInstanceType": "r9x.large.elasticsearch", "size.elasticsearchVolumeSizeGiB": 24576 },
  ],
  ["burstable cache nodes", { "size.redisNodeType": "cache.t2.micro" }],
  ["no flow logs", { "network.flowLogRetentionDays": null }],
  ["no domain", { domain: null }],
  ["the zone's own name", { "domain.apiName": "skymanuals.com" }],
  ["an image by digest", { "api.imageTag": `sha256:${"0".repeat(64)}` }],
  ["the largest Fargate task", { "api.cpu": 16384, "api.memoryMiB": 122880 }],
  ["RDS's default user", { "database.username": "postgres" }],
  ["a pinned minor version", { "database.engineVersion": "15.4" }],
  ["another region", { region: "eu-north-1", zones: ["eu-north-1a", "eu-north-1b", "eu-north-1c"] }],
  [
    "an adopted state",
    {
      "adopted.keep": { "aws_lb.main": { name: "edge", idle_timeout: 120 }, "aws_subnet.private[0]": {} },
      "adopted.renamed": { "aws_internet_gateway.main": "aws_internet_gateway.platform" },
      "adopted.moved": [{ from: 'module.web["a"].aws_lb.this[0]', to: "aws_lb.main" }],
      "adopted.removed": ["aws_lb_listener_rule.admin", "module.web.aws_route53_record.www"],
    },
  ],
])("allowed: %s", (_, values) => {
  expect(problemsIn(withValues(production, values))).toEqual([]);
});

describe("backend", () => {
  const s3 = {
    type: "s3",
    bucket: "skymanuals-terraform-state-222222222222",
    key: "skymanuals-production/terraform.tfstate",
    region: "us-east-1",
    kmsKeyId: "alias/skymanuals-terraform-state",
  };
  const cloud = {
    type: "cloud",
    organization: "skymanuals",
    project: null,
    workspace: { name: "skymanuals-production" },
  };

  function found(backend: unknown) {
    return problemsIn(withValue(production, "backend", backend)).map(({ path, value, allowed, fix }) => [
      path,
      value,
      allowed,
      fix,
    ]);
  }

  test.each([
    ["local", { type: "local" }],
    ["s3", s3],
    ["s3 by key id", { ...s3, kmsKeyId: "1234abcd-12ab-44cd-86ef-1234567890ab" }],
    [
      "s3 by key ARN",
      { ...s3, kmsKeyId: "arn:aws:kms:us-east-1:222222222222:key/1234abcd-12ab-44cd-86ef-1234567890ab" },
    ],
    ["cloud by name", cloud],
    [
      "cloud by tags",
      { ...cloud, project: "Aviation Platform", workspace: { tags: ["skymanuals", "env:production"] } },
    ],
  ])("allowed: %s", (_, backend) => {
    expect(found(backend)).toEqual([]);
  });

  test.each([
    [
      "no backend",
      undefined,
      [["backend", undefined, 'an object with type "local", "s3" or "cloud"', "add the field backend"]],
    ],
    [
      "a word",
      "s3",
      [["backend", "s3", 'an object with type "local", "s3" or "cloud"', "replace the string by what is allowed"]],
    ],
    ["an unknown type", { type: "S3" }, [["backend.type", "S3", '"local", "s3" or "cloud"', 'did you mean "s3"?']]],
    ["no type", { bucket: "x" }, [["backend.type", undefined, '"local", "s3" or "cloud"', "add the field type"]]],
    [
      "s3 with missing fields",
      { type: "s3", bucket: s3.bucket, region: s3.region },
      [
        [
          "backend.key",
          undefined,
          "an object key of 1 to 1024 letters, digits and ! _ . * ' ( ) / -, no empty, . or .. between slashes",
          "add the field key",
        ],
        ["backend.kmsKeyId", undefined, "a KMS key id, key ARN, alias/... or alias ARN", "add the field kmsKeyId"],
      ],
    ],
    [
      "local with a field of s3 and one of cloud",
      { type: "local", bucket: "x-y-z", organization: "skymanuals" },
      [
        [
          "backend.bucket",
          "x-y-z",
          "only the fields type",
          'remove it, or set type: "s3" with bucket, key, region, kmsKeyId and nothing else: bucket belongs to s3',
        ],
        [
          "backend.organization",
          "skymanuals",
          "only the fields type",
          'remove it, or set type: "cloud" with organization, project, workspace and nothing else: organization belongs to cloud',
        ],
      ],
    ],
    [
      "s3 with a workspace",
      { ...s3, workspace: { name: "x" } },
      [
        [
          "backend.workspace",
          { name: "x" },
          "only the fields type, bucket, key, region, kmsKeyId",
          'remove it, or set type: "cloud" with organization, project, workspace and nothing else: workspace belongs to cloud',
        ],
      ],
    ],
    [
      "a mistyped field",
      { type: "s3", bucket: s3.bucket, key: s3.key, region: s3.region, kmsKeyID: s3.kmsKeyId },
      [
        ["backend.kmsKeyId", undefined, "a KMS key id, key ARN, alias/... or alias ARN", "add the field kmsKeyId"],
        [
          "backend.kmsKeyID",
          s3.kmsKeyId,
          "only the fields type, bucket, key, region, kmsKeyId",
          'unknown field: did you mean "kmsKeyId"?',
        ],
      ],
    ],
    [
      "malformed key and KMS key",
      { ...s3, key: "/production//terraform.tfstate", kmsKeyId: "skymanuals-terraform-state" },
      [
        [
          "backend.key",
          "/production//terraform.tfstate",
          "an object key of 1 to 1024 letters, digits and ! _ . * ' ( ) / -, no empty, . or .. between slashes",
          'write "production/terraform.tfstate"',
        ],
        [
          "backend.kmsKeyId",
          "skymanuals-terraform-state",
          "a KMS key id, key ARN, alias/... or alias ARN",
          'write "alias/skymanuals-terraform-state", or the whole key id',
        ],
      ],
    ],
    [
      "a workspace by name and tags",
      { ...cloud, workspace: { name: "skymanuals-production", tags: ["skymanuals"] } },
      [["backend.workspace.tags", ["skymanuals"], "only the fields name", "keep either name or tags"]],
    ],
    [
      "a workspace by no tag",
      { ...cloud, workspace: { tags: [] } },
      [
        [
          "backend.workspace",
          { tags: [] },
          'either { name: "..." } or { tags: ["...", ...] }',
          "name at least one tag",
        ],
      ],
    ],
    [
      "a workspace by nothing",
      { ...cloud, workspace: {} },
      [
        [
          "backend.workspace",
          {},
          'either { name: "..." } or { tags: ["...", ...] }',
          "replace the object by what is allowed",
        ],
      ],
    ],
  ])("refused: %s", (_, backend, problems) => {
    expect(found(backend)).toEqual(problems);
  });
});

test("all problems at once, rules across fields included", () => {
  const broken = withValues(production, {
    accountId: "42",
    zones: ["us-east-1a", "us-east-1a"],
    "size.elasticsearchInstanceCount": 3,
    "network.vpcCidrBlock": "10.0.0.0/24",
    "api.memoryMiB": 1024,
    "api.imageTag": "latest",
    "database.username": "admin",
    "protection.forceDestroy": true,
    budget: undefined,
    zone: "us-east-1a",
    foo: 1,
  });
  expect(problemsIn(broken).map(({ path }) => path)).toEqual([
    "accountId",
    "network.vpcCidrBlock",
    "api.imageTag",
    "database.username",
    "budget",
    "zone",
    "foo",
    "zones[1]",
    "size.elasticsearchInstanceCount",
    "api.memoryMiB",
    "protection.forceDestroy",
  ]);
});

test("a rule is silent where a field that it reads is wrong by itself", () => {
  const broken = withValues(production, { "api.cpu": 1000, "api.memoryMiB": 1 });
  expect(problemsIn(broken).map(({ path }) => path)).toEqual(["api.cpu", "api.memoryMiB"]);
});

test.each(["capacity", "launchType", "spot"])("Spot for the API is refused, and why: api.%s", (field) => {
  expect(problemsIn(withValue(production, `api.${field}`, "FARGATE_SPOT"))).toEqual([
    {
      source,
      path: `api.${field}`,
      value: "FARGATE_SPOT",
      allowed: `only the fields ${Object.keys(production.api).join(", ")}`,
      fix: "remove it: the API runs on FARGATE, because Spot takes tasks away while they serve; logstash.capacity may be FARGATE_SPOT",
    },
  ]);
});

test.each([
  [
    "coldStorageAfterDays",
    'remove it: RDS snapshots have no cold storage (AWS Backup, "Feature availability by resource")',
  ],
  ["continuousBackup", "remove it: RDS owns the restore to a point in time, database.backupRetentionDays"],
])("what AWS Backup cannot do for a database, or must not, is refused, and why: backup.%s", (field, fix) => {
  expect(problemsIn(withValue(production, `backup.${field}`, 30))).toEqual([
    {
      source,
      path: `backup.${field}`,
      value: 30,
      allowed: "only the fields monthlyRetentionDays, vaultLock, restoreTestValidationHours",
      fix,
    },
  ]);
});

test("unknown fields name the one that was meant, if it is missing", () => {
  const { vpcCidrBlock, ...network } = production.network;
  const problems = problemsIn(
    withValue(production, "network", { ...network, vpcCidrBlok: vpcCidrBlock, natGateway: "one" }),
  );
  const allowed = "only the fields vpcCidrBlock, natGateways, interfaceEndpoints, flowLogRetentionDays, allowedIps";
  expect(problems.slice(1)).toEqual([
    {
      source,
      path: "network.vpcCidrBlok",
      value: vpcCidrBlock,
      allowed,
      fix: 'unknown field: did you mean "vpcCidrBlock"?',
    },
    { source, path: "network.natGateway", value: "one", allowed, fix: "remove the unknown field" },
  ]);
});

test.each([undefined, null, [], "production", 7])("%j is no environment", (value) => {
  expect(problemsIn(value as unknown as Environment).length).toBeGreaterThan(0);
});

test.each([
  ["name", "Non Production", "use a name such as nonprod"],
  ["accountId", "1", "copy the account id: aws sts get-caller-identity --query Account"],
  ["region", "us", "use a code that aws ec2 describe-regions lists, such as us-east-1"],
  ["singletons.elasticsearchServiceLinkedRole", "crate", 'did you mean "create"?'],
  ["singletons.elasticsearchLogPolicy", "elsewhere", "use one of these"],
  [
    "elasticsearchServiceLinkedRole",
    "adopt",
    'write singletons: { elasticsearchServiceLinkedRole: ..., elasticsearchLogPolicy: "create" }',
  ],
  ["stateBucket.bucket", "State", "write it as state"],
  ["stateBucket.kmsKeyAlias", "state", 'write "alias/state"'],
  ["stateBucket.kmsKeyAlias", "alias/aws/s3", "choose another beginning: alias/aws/ belongs to AWS's own keys"],
  ["backend.type", "gcs", "use one of these"],
  ["surplus", 1, "remove the unknown field"],
])("account: %s %j is refused", (path, value, fix) => {
  const [account] = accounts;
  const problems = problemsOf(
    accountSchema,
    account && withValue(account, path, value),
    "environments/accounts.ts",
    "accounts[0]",
  );
  expect(problems).toEqual([expect.objectContaining({ path: `accounts[0].${path}`, value, fix })]);
});

describe("governance of an account", () => {
  const [, kept] = accounts as [Account, Account];
  const floor = "at least 2557 days, which cover any seven years; fewer with GOVERNANCE and forceDestroy only";
  const found = (values: Readonly<Record<string, unknown>>) =>
    problemsOf(accountSchema, withValues(kept, values), "environments/accounts.ts", "accounts[1]").map(
      ({ path, value, allowed, fix }) => [path, value, allowed, fix],
    );

  test.each([
    {
      rule: "log files that are locked for less than seven years",
      values: { "governance.trail.retentionDays": 2556 },
      problem: ["accounts[1].governance.trail.retentionDays", 2556, floor, "use 2557"],
    },
    {
      rule: "a configuration history of less than seven years",
      values: { "governance.config.retentionDays": 365 },
      problem: [
        "accounts[1].governance.config.retentionDays",
        365,
        "2557 days, which cover any seven years; fewer with forceDestroy only",
        "use 2557",
      ],
    },
    {
      rule: "a configuration history beyond what Config keeps",
      values: { "governance.config.retentionDays": 3650 },
      problem: [
        "accounts[1].governance.config.retentionDays",
        3650,
        "a whole number of days from 30 to 2557",
        "use 2557",
      ],
    },
    {
      rule: "locked log files in a bucket that is to be destroyed with them",
      values: { "governance.preventDestroy": false, "governance.forceDestroy": true },
      problem: [
        "accounts[1].governance.trail.lockMode",
        "COMPLIANCE",
        "GOVERNANCE where forceDestroy is true: nobody can delete a bucket that holds a locked log file",
        "use GOVERNANCE, or set forceDestroy to false",
      ],
    },
    {
      rule: "what is protected and is to be destroyed",
      values: { "governance.forceDestroy": true },
      problem: [
        "accounts[1].governance.forceDestroy",
        true,
        "false where preventDestroy is true",
        "set forceDestroy: false to keep the data, or preventDestroy: false to be able to delete it",
      ],
    },
    {
      rule: "a trail that is this entry's, without its settings",
      values: { "governance.trail": null },
      problem: [
        "accounts[1].governance.trail",
        null,
        'a trail where singletons.trail is "create"',
        'write trail: { name, bucket, lockMode, retentionDays, objectEvents }, or set singletons.trail to "elsewhere"',
      ],
    },
    {
      rule: "settings of a trail that is another entry's",
      values: { "singletons.trail": "elsewhere" },
      problem: [
        "accounts[1].governance.trail",
        kept.governance.trail,
        'null where singletons.trail is "elsewhere": the trail of the account\'s other entry logs this region too',
        "write trail: null",
      ],
    },
    {
      rule: "Security Hub without a standard",
      values: { "governance.standards": [] },
      problem: [
        "accounts[1].governance.standards",
        [],
        "one standard or more: Security Hub CSPM checks nothing without",
        "add aws-foundational-security-best-practices/v/1.0.0",
      ],
    },
    {
      rule: "a standard that Security Hub does not have",
      values: { "governance.standards": ["cis-aws-foundations-benchmark/v/3.0.1"] },
      problem: [
        "accounts[1].governance.standards[0]",
        "cis-aws-foundations-benchmark/v/3.0.1",
        '"aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/1.4.0", "cis-aws-foundations-benchmark/v/3.0.0", "nist-800-53/v/5.0.0", "nist-800-171/v/2.0.0", "pci-dss/v/4.0.1"',
        'did you mean "cis-aws-foundations-benchmark/v/3.0.0"?',
      ],
    },
    {
      rule: "a region's own left to another entry",
      values: { "singletons.guardDuty": "elsewhere" },
      problem: ["accounts[1].singletons.guardDuty", "elsewhere", '"create", "adopt"', "use one of these"],
    },
    {
      rule: "a trail's name that AWS refuses",
      values: { "governance.trail.name": "my trail" },
      problem: [
        "accounts[1].governance.trail.name",
        "my trail",
        "3 to 128 letters, digits, periods, hyphens and underscores, a letter or digit at both ends",
        "use a name such as skymanuals",
      ],
    },
  ])("refused: $rule", ({ values, problem }) => {
    expect(found(values)).toEqual([problem]);
  });

  test("an account that may be emptied may keep less", () => {
    const [emptied] = accounts as [Account];
    const shorter = withValues(emptied, { "governance.trail.retentionDays": 1, "governance.config.retentionDays": 30 });
    expect(problemsOf(accountSchema, shorter, "environments/accounts.ts", "accounts[0]")).toEqual([]);
  });
});

test("an account of before `singletons` is told what to write", () => {
  const { singletons, ...account } = accounts[0] as (typeof accounts)[number];
  const old = { ...account, elasticsearchServiceLinkedRole: singletons.elasticsearchServiceLinkedRole };
  expect(
    problemsOf(accountSchema, old as unknown as (typeof accounts)[number], "environments/accounts.ts", "accounts[0]"),
  ).toEqual([
    expect.objectContaining({
      path: "accounts[0].singletons",
      value: undefined,
      allowed:
        "an object with the fields elasticsearchServiceLinkedRole, elasticsearchLogPolicy, trail, configServiceLinkedRole, config, securityHub, guardDuty, accessAnalyzer, s3PublicAccessBlock, ebsEncryption, passwordPolicy",
    }),
    expect.objectContaining({
      path: "accounts[0].elasticsearchServiceLinkedRole",
      value: "create",
      fix: 'write singletons: { elasticsearchServiceLinkedRole: ..., elasticsearchLogPolicy: "create" }',
    }),
  ]);
});
