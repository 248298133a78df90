import type * as v from "valibot";
import { elasticsearchNodes } from "../facts/aws-limits";
import { sevenYearsInDays } from "../facts/retention";
import { elsewhere, type Singleton } from "../facts/singletons";
import { capacityRules } from "./capacity";
import { recoveryRules } from "./recovery";
import { adopted } from "./sections/adopted";
import { alerts } from "./sections/alerts";
import { api } from "./sections/api";
import { archive } from "./sections/archive";
import { audit } from "./sections/audit";
import { backend, kmsKeyAlias } from "./sections/backend";
import { backup } from "./sections/backup";
import { budget } from "./sections/budget";
import { costs } from "./sections/costs";
import { database, redis, storage } from "./sections/data";
import { domain } from "./sections/domain";
import { edge } from "./sections/edge";
import { governance } from "./sections/governance";
import { accountId, accountName, identity, region, regionOfZone } from "./sections/identity";
import { bucketName, names } from "./sections/names";
import { network } from "./sections/network";
import { protection } from "./sections/protection";
import { recovery } from "./sections/recovery";
import { elasticsearch, logstash } from "./sections/search";
import { size } from "./sections/size";
import { tracing } from "./sections/tracing";
import { email } from "./validation/forms";
import { across, type Finding, oneOf, orNull, record, ruled } from "./validation/rules";

/**
 * What an environment is: the typed literal that `environments/<name>.ts` exports.
 * Every field is explicit; the schema checks the whole at the edge, and constructs trust what they are given.
 */
export type Environment = v.InferOutput<typeof environment>;

const environment = record({
  ...identity,
  /** Instance classes and counts, one of `sizes.ts`. */
  size,
  /** Names that other resources' names are made of, or that hold in all of AWS. */
  names,
  /** Where Terraform keeps the state. */
  backend,
  /**
   * Under whose keys data lies. `customer-managed`: keys of our own, one for each purpose, which can be withdrawn and whose use
   * CloudTrail records. `adopted`: the same, but for what the documented platform has under keys of AWS: the database, the cache, the
   * log store and the repositories, which another key would replace, and the chunks, whose readers from before have no right on
   * a key. `aws`: keys of AWS, but for the topics of the alarms. Changes between them: docs/encryption.md.
   */
  encryption: oneOf(["aws", "customer-managed", "adopted"]),
  /** The VPC: its addresses, its ways out, and who may reach into it. */
  network,
  /** The public entrance: distribution, web ACL, load balancer. */
  edge,
  /** The API's service and its tasks. */
  api,
  /** Which requests of the API X-Ray traces. Health checks are never traced. */
  tracing,
  /** The PostgreSQL database. */
  database,
  /** The monthly backups of the database, and the vault that keeps them. */
  backup,
  /** The cache. */
  redis,
  /** The bucket of the chunks. */
  storage,
  /** The Elasticsearch domain of the logs. */
  elasticsearch,
  /** The service that carries the logs from CloudWatch to Elasticsearch. */
  logstash,
  /** The chain of custody: what is recorded of every chunk, and how long the records cannot be deleted. */
  audit,
  /** The log archive: where the lines of the API, of commands in its containers and of what keeps records go before CloudWatch forgets them. */
  archive,
  /**
   * The other region: where the data of this environment is copied to, or which environment this one stands in for. null: none, and
   * the loss of the region loses the data.
   */
  recovery,
  /** What keeps the environment from being deleted. */
  protection,
  /**
   * The public name of the API, or null: CloudFront's own domain name, and plain HTTP from CloudFront to the load balancer,
   * inside the VPC where `edge.origin` is `vpc`.
   * Setting it on a running environment moves the load balancer from port 80 to 443 minutes before CloudFront follows.
   */
  domain,
  /** The monthly budget, and who is told when it runs out. */
  budget,
  /** Where alarms go on which operations act; `complianceEmail` gets what must be reported. */
  alerts,
  /** Who is told of compliance alerts: AWS sends a confirmation to the address first. */
  complianceEmail: email,
  /** What the environment took over from an existing state; `npm run adopt` prints these lines. Empty for a new environment. */
  adopted,
});

/** What is locked, and for how many days: fewer than seven years only where everything may be deleted, and then with a lock that gives way. */
function lockProblems(
  section: "audit" | "archive",
  { lockMode, ...days }: { readonly lockMode: "COMPLIANCE" | "GOVERNANCE" } & Readonly<Record<string, number | string>>,
  protection: { readonly forceDestroy: boolean; readonly preventDestroy: boolean },
): (Finding | false)[] {
  const forceDestroy = protection.forceDestroy && !protection.preventDestroy;
  return [
    lockMode === "COMPLIANCE" &&
      forceDestroy && {
        path: [section, "lockMode"],
        allowed:
          "GOVERNANCE where protection.forceDestroy is true: nobody can delete a bucket that holds a locked record",
        fix: "use GOVERNANCE, or set protection.forceDestroy to false",
      },
    ...Object.entries(days).map(
      ([field, value]) =>
        Number(value) < sevenYearsInDays &&
        !(lockMode === "GOVERNANCE" && forceDestroy) && {
          path: [section, field],
          allowed: `at least ${sevenYearsInDays} days, which cover any seven years; fewer with GOVERNANCE and protection.forceDestroy only`,
          fix: `use ${sevenYearsInDays}`,
        },
    ),
  ];
}

/** One environment by itself: its sections, and the rules between them. */
export const environmentSchema: v.GenericSchema<Environment> = across(
  ruled(
    environment,
    {
      reads: ["zones", "region"],
      find: ({ zones, region }) =>
        zones.map(
          (zone, index) =>
            regionOfZone(zone) !== region && {
              path: ["zones", index],
              allowed: `a zone of ${region}, such as ${region}a`,
              fix: `use ${region}${zone.at(-1)}, or set region: "${regionOfZone(zone)}"`,
            },
        ),
    },
    {
      reads: ["zones", "size.elasticsearchInstanceCount"],
      find: ({ zones, size: { elasticsearchInstanceCount: count } }) => [
        zones.length === 2 &&
          count % 2 !== 0 && {
            path: ["size", "elasticsearchInstanceCount"],
            allowed: "an even number of data nodes over 2 zones",
            fix: `use ${count + 1}, or 3 zones and at least 3 data nodes`,
          },
        zones.length === 3 &&
          count < 3 && {
            path: ["size", "elasticsearchInstanceCount"],
            allowed: "at least 3 data nodes over 3 zones",
            fix: count === 2 ? "use 3, or 2 zones" : "use 3",
          },
      ],
    },
    {
      reads: [
        "elasticsearch.dedicatedMasterCount",
        "size.elasticsearchMasterInstanceType",
        "size.elasticsearchInstanceCount",
      ],
      find: ({ elasticsearch, size: { elasticsearchMasterInstanceType: type, elasticsearchInstanceCount: count } }) => {
        const { maximumWithBurstableMasters: maximum } = elasticsearchNodes;
        return (
          elasticsearch.dedicatedMasterCount > 0 &&
          /^t[23]\./.test(type) &&
          count > maximum && {
            path: ["size", "elasticsearchMasterInstanceType"],
            allowed: `T3 masters only with at most ${maximum} data nodes; there are ${count}`,
            fix: `use m5.large.elasticsearch, or at most ${maximum} data nodes`,
          }
        );
      },
    },
    {
      reads: ["audit.retentionDays", "audit.lockMode", "protection.forceDestroy", "protection.preventDestroy"],
      find: ({ audit: { lockMode, retentionDays }, protection }) =>
        lockProblems("audit", { lockMode, retentionDays }, protection),
    },
    {
      reads: [
        "archive.retentionDays",
        "archive.lockDays",
        "archive.lockMode",
        "protection.forceDestroy",
        "protection.preventDestroy",
      ],
      find: ({ archive: { lockMode, lockDays, retentionDays }, protection }) => [
        ...lockProblems("archive", { lockMode, lockDays, retentionDays }, protection),
        lockDays > retentionDays && {
          path: ["archive", "lockDays"],
          allowed: `at most archive.retentionDays, ${retentionDays}: S3 does not delete what is locked`,
          fix: `use ${retentionDays}, or set archive.retentionDays to ${lockDays}`,
        },
      ],
    },
    {
      reads: [
        "backup.monthlyRetentionDays",
        "backup.vaultLock.mode",
        "protection.forceDestroy",
        "protection.preventDestroy",
      ],
      find: ({ backup: { monthlyRetentionDays, vaultLock }, protection }) => {
        const forceDestroy = protection.forceDestroy && !protection.preventDestroy;
        return [
          vaultLock?.mode === "COMPLIANCE" &&
            forceDestroy && {
              path: ["backup", "vaultLock", "mode"],
              allowed:
                "GOVERNANCE, or no lock, where protection.forceDestroy is true: nobody can delete a vault that COMPLIANCE keeps",
              fix: "use GOVERNANCE with changeableForDays: null, or set protection.forceDestroy to false",
            },
          monthlyRetentionDays < sevenYearsInDays &&
            !forceDestroy && {
              path: ["backup", "monthlyRetentionDays"],
              allowed: `at least ${sevenYearsInDays} days, which cover any seven years; fewer with protection.forceDestroy only`,
              fix: `use ${sevenYearsInDays}`,
            },
        ];
      },
    },
    {
      reads: ["domain", "accountId", "region"],
      find: ({ domain, accountId: account, region }) => {
        const origin = domain?.originCertificateArn;
        return [
          ...(["viewerCertificateArn", "originCertificateArn"] as const).map((field) => {
            const arn = domain?.[field] ?? null;
            return (
              arn !== null &&
              arn.split(":")[4] !== account && {
                path: ["domain", field],
                allowed: `a certificate of account ${account}`,
                fix: `import or request the certificate in account ${account}, or write null to have one requested`,
              }
            );
          }),
          typeof origin === "string" &&
            origin.split(":")[3] !== region && {
              path: ["domain", "originCertificateArn"],
              allowed: `a certificate in ${region}, the load balancer's region`,
              fix: `import or request the certificate in ${region}, or write null to have one requested there`,
            },
        ];
      },
    },
    {
      reads: ["edge.restrictToAllowedIps", "network.allowedIps"],
      find: ({ edge: { restrictToAllowedIps }, network: { allowedIps } }) =>
        restrictToAllowedIps &&
        allowedIps.length === 0 && {
          path: ["edge", "restrictToAllowedIps"],
          allowed: "false where network.allowedIps is empty: nobody would be let in",
          fix: "name the office's or VPN's networks in network.allowedIps, or set restrictToAllowedIps: false",
        },
    },
    ...recoveryRules,
    ...capacityRules,
  ),
);

/** One AWS account and region: what AWS allows once there, and the bucket that keeps the state of its environments. */
export type Account = v.InferOutput<typeof accountSchema>;

/** What one entry of the account has for all regions, and those of its other regions leave to it. */
const accountWide = oneOf(["create", "adopt", elsewhere]);

/** What each region has: the entry creates it, or takes over what AWS has there. */
const regional = oneOf(["create", "adopt"]);

const account = record(
  {
    /** The account's name. The stacks are `skymanuals-account-<name>` and `skymanuals-state-<name>`. */
    name: accountName,
    /** The AWS account that its stacks may be applied to. */
    accountId,
    /** AWS region of its stacks. */
    region,
    /** What the environments of an account share, and how each of it comes into the state of the account's stack. */
    singletons: record({
      /**
       * The role by which Elasticsearch enters a VPC: `adopt` where
       * `aws iam get-role --role-name AWSServiceRoleForAmazonElasticsearchService` finds it; `create` where it answers NoSuchEntity,
       * also in an account that has AWSServiceRoleForAmazonOpenSearchService, which is another role; `elsewhere` where the account's
       * entry of another region has it.
       */
      elasticsearchServiceLinkedRole: accountWide,
      /** The permission of Elasticsearch to write its logs, in each region: `create`, or `adopt` where the region has it already. */
      elasticsearchLogPolicy: regional,
      /** The trail of all regions: `adopt` where `aws cloudtrail describe-trails` has one of the name in `governance.trail`. */
      trail: accountWide,
      /** The role of AWS Config: `adopt` where `aws iam get-role --role-name AWSServiceRoleForConfig` finds it. */
      configServiceLinkedRole: accountWide,
      /** AWS Config: `adopt` where `aws configservice describe-configuration-recorders` has a recorder. */
      config: regional,
      /** Security Hub CSPM: `adopt` where `aws securityhub describe-hub` answers. */
      securityHub: regional,
      /** GuardDuty: `adopt` where `aws guardduty list-detectors` has one. */
      guardDuty: regional,
      /** IAM Access Analyzer: `adopt` where `aws accessanalyzer list-analyzers --type ACCOUNT` has one. */
      accessAnalyzer: regional,
      /** No bucket of the account is public: `adopt` where `aws s3control get-public-access-block` answers. */
      s3PublicAccessBlock: accountWide,
      /** New volumes are encrypted: `adopt` where `aws ec2 get-ebs-encryption-by-default` says true. */
      ebsEncryption: regional,
      /** What a password of an IAM user must have: `adopt` where `aws iam get-account-password-policy` answers. */
      passwordPolicy: accountWide,
    } satisfies Record<Singleton, unknown>),
    /** What is recorded and watched in the account and region. */
    governance,
    /** What the account is told of its costs; null in the account's entries of its other regions. */
    costs: orNull(costs, "costs: { email, anomalyUsd, monitorArn, activateTags }, or null"),
    /** Where the environments of the account keep their states. */
    stateBucket: record({
      /** Name of the bucket; global to all of AWS. */
      bucket: bucketName,
      /** `alias/...` of the KMS key that encrypts the states. */
      kmsKeyAlias,
    }),
    /** Where Terraform keeps the state of the account's own stacks. */
    backend,
  },
  {
    elasticsearchServiceLinkedRole: `write singletons: { elasticsearchServiceLinkedRole: ..., elasticsearchLogPolicy: "create" }`,
  },
);

/** One account by itself: its sections, and the rules between them. */
export const accountSchema = across(
  ruled(account, {
    reads: ["singletons.trail", "governance.trail"],
    find: ({ singletons, governance: { trail } }) =>
      (trail === null) !== (singletons.trail === elsewhere) && {
        path: ["governance", "trail"],
        allowed:
          trail === null
            ? `a trail where singletons.trail is "${singletons.trail}"`
            : `null where singletons.trail is "${elsewhere}": the trail of the account's other entry logs this region too`,
        fix:
          trail === null
            ? `write trail: { name, bucket, lockMode, retentionDays, objectEvents }, or set singletons.trail to "${elsewhere}"`
            : "write trail: null",
      },
  }),
);
