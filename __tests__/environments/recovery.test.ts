import { accounts, validateEnvironments } from "../../environments";
import type { Environment } from "../../environments/environment";
import { production } from "../../environments/production";
import { productionDr } from "../../environments/production-dr";
import { staging } from "../../environments/staging";
import { servingStandby } from "../support/environments";
import { invariants } from "../support/invariants";
import { type Synthesized, synthesizePlatform } from "../support/synth";
import { withValue, withValues } from "./edit";

const automated = "arn:aws:rds:us-west-2:222222222222:auto-backup:ab-l2ijcexjp7xq7hoj4siexample";
const snapshot = "arn:aws:rds:us-west-2:222222222222:snapshot:awsbackup:job-3f6e";

function found(list: readonly Environment[]) {
  return validateEnvironments(list, accounts).map(({ source, path, value, allowed, fix }) => [
    source.replace("environments/", ""),
    path,
    value,
    allowed,
    fix,
  ]);
}

const inPrimary = (values: Readonly<Record<string, unknown>>) => [withValues(production, values), productionDr];
const inStandby = (values: Readonly<Record<string, unknown>>) => [production, withValues(productionDr, values)];

test("production-dr, with the prefix skymanuals-dr, stands beside production in the same account", () => {
  expect(found([production, productionDr])).toEqual([]);
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ["an automated backup", { "recovery.state": "serving", "recovery.backupArn": automated }],
  [
    "an automated backup at a time",
    {
      "recovery.state": "serving",
      "recovery.backupArn": automated,
      "recovery.restoreTime": "2026-11-25T11:40:00Z",
    },
  ],
  ["a snapshot of AWS Backup", { "recovery.state": "serving", "recovery.backupArn": snapshot }],
])("it serves with the database of %s", (_, values) => {
  expect(found(inStandby(values))).toEqual([]);
});

test("the account's entry of the recovery region leaves to production's what AWS has once", () => {
  expect(accounts.find(({ name }) => name === productionDr.name)).toMatchObject({
    accountId: production.accountId,
    region: productionDr.region,
    singletons: { elasticsearchServiceLinkedRole: "elsewhere", elasticsearchLogPolicy: "create" },
    costs: null,
    stateBucket: { bucket: "skymanuals-terraform-state-222222222222-us-west-2" },
  });
});

const pilot = synthesizePlatform(productionDr);
const serving = synthesizePlatform(servingStandby);

test("its names are its own in the account, IAM's and the budget's included", () => {
  expect(serving.name).toBe("skymanuals-production-dr");
  expect(serving.resource("aws_elasticsearch_domain.skymanuals")).toHaveProperty("domain_name", "skymanuals-dr-logs");
  const namesIn = (stack: Synthesized) =>
    stack
      .resources()
      .filter(({ type }) => ["aws_iam_role", "aws_budgets_budget", "aws_wafv2_web_acl"].includes(type))
      .map(({ type, config }) => `${type} ${config.name}`);
  const own = namesIn(serving);
  expect(own.length).toBeGreaterThan(5);
  expect(namesIn(synthesizePlatform(production)).filter((name) => own.includes(name))).toEqual([]);
});

test("serving, it has all that it had as a pilot light, unchanged, and keeps every invariant", () => {
  for (const { address, config } of pilot.resources()) {
    expect([address, serving.resource(address)]).toEqual([address, config]);
  }
  for (const [name, broken] of Object.entries(invariants)) {
    expect([name, broken(serving)]).toEqual([name, []]);
  }
});

test("a pilot light lies in its own region alone, and has neither a network nor a computer", () => {
  expect(pilot.json.provider).toMatchObject({ aws: [{ region: "${var.aws_region}" }] });
  expect(pilot.json.provider).toHaveProperty("aws.length", 1);
  const types = new Set(pilot.resources().map(({ type }) => type));
  const costly = ["aws_vpc", "aws_db_instance", "aws_ecs_service", "aws_lambda_function", "aws_elasticsearch_domain"];
  expect(costly.filter((type) => types.has(type))).toEqual([]);
  expect([...types]).toEqual(expect.arrayContaining(["aws_s3_bucket", "aws_s3_bucket_object_lock_configuration"]));
});

test("the ending fits staging's name and prefix too", () => {
  const name = `${staging.name}-dr`;
  const one = withValues(staging, { name, "names.prefix": `${staging.names.prefix}-dr` });
  expect(validateEnvironments([one], accounts).filter(({ path }) => /^name/.test(path))).toEqual([]);
});

test("the long form does not fit", () => {
  const long = withValues(productionDr, {
    name: "production-recovery",
    "names.prefix": "skymanuals-production-recovery",
  });
  expect(validateEnvironments([long], accounts).map(({ path }) => path)).toEqual(
    expect.arrayContaining(["name", "names.prefix"]),
  );
});

const primaryFile = "production.ts";
const standbyFile = "production-dr.ts";

/** What is wrong, with the message that answers it: file, path, value, what is allowed, fix. */
const wrong: readonly { why: string; list: readonly Environment[]; problems: readonly (readonly unknown[])[] }[] = [
  {
    why: "the recovery region is the primary's",
    list: inPrimary({ "recovery.region": "us-east-1" }),
    problems: [
      [
        primaryFile,
        "recovery.region",
        "us-east-1",
        "another region than us-east-1: what is lost with the region must be elsewhere",
        "use us-west-2, the region of production-dr",
      ],
      [
        primaryFile,
        "recovery.region",
        "us-east-1",
        "region of environments/production-dr.ts, us-west-2",
        'use "us-west-2"',
      ],
    ],
  },
  {
    why: "the networks overlap",
    list: inStandby({ "network.vpcCidrBlock": "10.0.128.0/17" }),
    problems: [
      [
        standbyFile,
        "network.vpcCidrBlock",
        "10.0.128.0/17",
        "a block that shares no address with 10.0.0.0/16 of environments/production.ts: a peering of both, to bring data back, refuses any",
        'use "10.64.0.0/16"',
      ],
    ],
  },
  {
    why: "chunks are copied to the bucket that they are in",
    list: inPrimary({ "recovery.chunksBucket": "production-skymanuals-chunks" }),
    problems: [
      [
        primaryFile,
        "recovery.chunksBucket",
        "production-skymanuals-chunks",
        "another bucket than names.chunksBucket",
        "name the bucket of production-dr",
      ],
      [
        primaryFile,
        "recovery.chunksBucket",
        "production-skymanuals-chunks",
        "names.chunksBucket of environments/production-dr.ts, production-dr-skymanuals-chunks",
        'use "production-dr-skymanuals-chunks"',
      ],
    ],
  },
  {
    why: "records are copied to another bucket than the standby's",
    list: inPrimary({ "recovery.auditBucket": "production-dr-skymanuals-records" }),
    problems: [
      [
        primaryFile,
        "recovery.auditBucket",
        "production-dr-skymanuals-records",
        "audit.bucket of environments/production-dr.ts, production-dr-skymanuals-audit",
        'use "production-dr-skymanuals-audit"',
      ],
    ],
  },
  {
    why: "the prefix is none that AWS takes",
    list: inPrimary({ "recovery.prefix": "skymanuals-production-recovery" }),
    problems: [
      [
        primaryFile,
        "recovery.prefix",
        "skymanuals-production-recovery",
        expect.stringMatching(/^2 to 23 lower-case letters/),
        expect.stringMatching(/^use at most 23 characters instead of 30/),
      ],
      [
        primaryFile,
        "recovery.prefix",
        "skymanuals-production-recovery",
        "names.prefix of environments/production-dr.ts, skymanuals-dr",
        'use "skymanuals-dr"',
      ],
    ],
  },
  {
    why: "a copied record is locked in another way, and not as long",
    list: inStandby({ "audit.lockMode": "GOVERNANCE", "audit.retentionDays": 3650 }),
    problems: [
      [
        standbyFile,
        "audit.lockMode",
        "GOVERNANCE",
        "that of environments/production.ts, COMPLIANCE: a record's copy is locked as the record is",
        'use "COMPLIANCE"',
      ],
      [
        standbyFile,
        "audit.retentionDays",
        3650,
        "that of environments/production.ts, 2557: a record's copy is locked as long as the record is",
        "use 2557",
      ],
    ],
  },
  {
    why: "the vault of what stands in would fail every copy",
    list: inStandby({ "backup.vaultLock.minimumRetentionDays": 2600, "backup.monthlyRetentionDays": 2600 }),
    problems: [
      [
        standbyFile,
        "backup.vaultLock.minimumRetentionDays",
        2600,
        "at most backup.monthlyRetentionDays of environments/production.ts, 2557: the vault would fail every copy",
        "use 2557",
      ],
    ],
  },
  {
    why: "the database would have other users than its backup",
    list: inStandby({ "database.applicationUsername": "another_api" }),
    problems: [
      [
        standbyFile,
        "database.applicationUsername",
        "another_api",
        "that of environments/production.ts, skymanuals_api: the restored database has the primary's users",
        'use "skymanuals_api"',
      ],
    ],
  },
  {
    why: "what is copied under a key has no key in the recovery region",
    list: inStandby({ encryption: "adopted" }),
    problems: [
      [
        standbyFile,
        "encryption",
        "adopted",
        "customer-managed where recovery is of type standby: backups, and objects under a KMS key, are copied under keys of the copy's region",
        "use customer-managed",
      ],
    ],
  },
  {
    why: "the prefix is not the primary's",
    list: inStandby({ "recovery.prefix": "skymanuals-prod" }),
    problems: [
      [
        standbyFile,
        "recovery.prefix",
        "skymanuals-prod",
        "names.prefix of environments/production.ts, skymanuals",
        'use "skymanuals"',
      ],
    ],
  },
  {
    why: "the primary has no prefix that the standby's could be compared with",
    list: inPrimary({ "names.prefix": undefined }),
    problems: [
      [
        primaryFile,
        "names.prefix",
        undefined,
        expect.stringMatching(/^2 to 23 lower-case letters/),
        "add the field prefix",
      ],
    ],
  },
  {
    why: "the primary has no name by which it could be found",
    list: inPrimary({ name: undefined }),
    problems: [
      [
        "environments[0]",
        "name",
        undefined,
        expect.stringMatching(/^2 to 16 lower-case letters/),
        "add the field name",
      ],
      [
        standbyFile,
        "recovery.primary",
        "production",
        'an environment whose recovery is of type "primary" and names production-dr as its standby',
        "name an environment that environments/index.ts lists, or set recovery: null",
      ],
    ],
  },
  {
    why: "the standby does not say the primary's prefix",
    list: inStandby({ "recovery.prefix": undefined }),
    problems: [
      [
        standbyFile,
        "recovery.prefix",
        undefined,
        expect.stringMatching(/^2 to 23 lower-case letters/),
        "add the field prefix",
      ],
    ],
  },
  {
    why: "the standby is no environment",
    list: [production],
    problems: [
      [
        primaryFile,
        "recovery.standby",
        "production-dr",
        'an environment whose recovery is of type "standby" and names production as its primary',
        "name an environment that environments/index.ts lists, or set recovery: null",
      ],
    ],
  },
  {
    why: "only one of the two knows of the other",
    list: [withValue(production, "recovery", null), productionDr],
    problems: [
      [
        standbyFile,
        "recovery.primary",
        "production",
        'an environment whose recovery is of type "primary" and names production-dr as its standby',
        'set recovery of environments/production.ts to type "primary" with standby: "production-dr"',
      ],
    ],
  },
  {
    why: "the standby's state lies in the region that is lost",
    list: inStandby({ "backend.bucket": "skymanuals-terraform-state-222222222222", "backend.region": "us-east-1" }),
    problems: [
      [
        standbyFile,
        "backend.region",
        "us-east-1",
        "us-west-2, the environment's own: a state in the region that is lost cannot be read on the day",
        "use the state bucket of the account's entry in us-west-2",
      ],
    ],
  },
  {
    why: "it is to serve without a backup",
    list: inStandby({ "recovery.state": "serving" }),
    problems: [
      [
        standbyFile,
        "recovery.backupArn",
        null,
        "an automated backup or a snapshot, where state is serving: the database is restored from it",
        "copy it from `aws rds describe-db-instance-automated-backups --region us-west-2`",
      ],
    ],
  },
  {
    why: "the backup is of another account and region",
    list: inStandby({ "recovery.backupArn": "arn:aws:rds:us-east-1:111111111111:auto-backup:ab-l2ij" }),
    problems: [
      [
        standbyFile,
        "recovery.backupArn",
        "arn:aws:rds:us-east-1:111111111111:auto-backup:ab-l2ij",
        "a backup in us-west-2: a database is restored in the region of its backup",
        "copy it from `aws rds describe-db-instance-automated-backups --region us-west-2`",
      ],
      [
        standbyFile,
        "recovery.backupArn",
        "arn:aws:rds:us-east-1:111111111111:auto-backup:ab-l2ij",
        "a backup of account 222222222222",
        "copy it with the credentials of that account",
      ],
    ],
  },
  {
    why: "a snapshot has one time only",
    list: inStandby({ "recovery.backupArn": snapshot, "recovery.restoreTime": "2026-11-25T11:40:00Z" }),
    problems: [
      [
        standbyFile,
        "recovery.restoreTime",
        "2026-11-25T11:40:00Z",
        "null, but for an automated backup in backupArn: a snapshot has one time only",
        "set restoreTime: null, or name an automated backup",
      ],
    ],
  },
  {
    why: "a time is none",
    list: inStandby({ "recovery.backupArn": automated, "recovery.restoreTime": "yesterday" }),
    problems: [
      [
        standbyFile,
        "recovery.restoreTime",
        "yesterday",
        "a time in UTC, such as 2026-11-25T12:00:00Z",
        'write it as "2026-11-25T12:00:00Z", or null for the latest that there is',
      ],
    ],
  },
  {
    why: "a state is none",
    list: inStandby({ "recovery.state": "servings" }),
    problems: [[standbyFile, "recovery.state", "servings", '"pilot-light", "serving"', 'did you mean "serving"?']],
  },
  {
    why: "a field belongs to the other type",
    list: inStandby({ "recovery.replicationTimeControl": true }),
    problems: [
      [
        standbyFile,
        "recovery.replicationTimeControl",
        true,
        "only the fields type, primary, prefix, state, backupArn, restoreTime",
        'remove it: replicationTimeControl belongs to type "primary"',
      ],
    ],
  },
];

test.each(wrong)("refused: $why", ({ list, problems }) => {
  expect(found(list)).toEqual(problems);
});
