import { ConfigConformancePack } from "@cdktf/provider-aws/lib/config-conformance-pack";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { edgeRegion } from "../../facts/regions";

/** What an environment promises, as far as a rule can ask for it. */
export interface Promised {
  /** The tag `Environment` of its resources. */
  readonly environment: string;
  readonly chunksBucket: string;
  readonly auditBucket: string;
  readonly auditLockMode: "COMPLIANCE" | "GOVERNANCE";
  /** Its VPC has flow logs. */
  readonly flowLogs: boolean;
  /** Days for which the shortest-lived of its log groups keeps events. */
  readonly logRetentionDays: number;
  readonly databaseBackupRetentionDays: number;
  readonly databaseMultiAz: boolean;
  readonly redisSnapshotRetentionDays: number;
}

export interface ConformancePackProps {
  readonly region: string;
  /** The environments of the account and region. */
  readonly promised: readonly Promised[];
  /** Buckets whose objects' accesses the trail logs. */
  readonly watchedBuckets: readonly string[];
  /** Ask for what holds in all regions (the root user) in this one. */
  readonly asksForAccountWide: boolean;
  /** The recorder at work, without which AWS refuses the pack. */
  readonly recording: ITerraformDependable;
}

/** A managed rule of AWS Config. */
interface ManagedRule {
  /** `MULTI_REGION_CLOUD_TRAIL_ENABLED` */
  readonly identifier: string;
  /** Told apart from others of the identifier by this. Default: it is the only one. */
  readonly of?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** One resource, or those of a tag. Default: all. Only a rule that follows changes takes it. */
  readonly scope?: Readonly<Record<string, string | readonly string[]>>;
}

/** What the rule on log groups can ask for. Source: AWS Config Developer Guide, "cw-loggroup-retention-period-check". */
const askableLogRetentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];

const packName = "skymanuals";

/**
 * The conformance pack of the account and region: managed rules of AWS Config that ask for what this platform promises, with the
 * periods, buckets and modes of its environments, so that no rule asks for another retention than the code gives.
 *
 * Cost a month: 0.001 USD for each evaluation of a rule in a pack for the first 100,000 (AWS Config, pricing, us-east-1, November
 * 2026). Some 25 rules over 300 resources make about 20,000, 20 USD.
 *
 * Left out: ECS_CONTAINERS_READONLY_ACCESS and ECS_TASK_DEFINITION_NONROOT_USER, which the images have to allow first, and
 * CLOUDFRONT_ACCESSLOGS_ENABLED, which knows only the older kind of access logs.
 *
 * AWS makes the pack by a stack of CloudFormation: a rule that it does not know ends the apply with CREATE_FAILED and the rule's name.
 * Sources: AWS Config Developer Guide, "List of AWS Config managed rules", "Conformance packs" and "Service limits" (51,200 bytes, 130
 * rules).
 */
export class ConformancePack extends Construct {
  constructor(scope: Construct, id: string, props: ConformancePackProps) {
    super(scope, id);
    new ConfigConformancePack(this, "aws_config_conformance_pack.skymanuals", {
      name: packName,
      templateBody: JSON.stringify({ Resources: Object.fromEntries(rulesOf(props).map(resourceOf)) }),
      dependsOn: [props.recording],
    });
  }
}

function rulesOf({ region, promised, watchedBuckets, asksForAccountWide }: ConformancePackProps): ManagedRule[] {
  const logRetentionDays = Math.min(...promised.map((one) => one.logRetentionDays));
  const snapshotDays = Math.min(...promised.map((one) => one.redisSnapshotRetentionDays));
  const askedDays = askableLogRetentionDays.filter((days) => days <= logRetentionDays).at(-1);
  return [
    { identifier: "CLOUD_TRAIL_ENABLED" },
    { identifier: "MULTI_REGION_CLOUD_TRAIL_ENABLED" },
    { identifier: "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED" },
    ...(watchedBuckets.length === 0
      ? []
      : [
          {
            identifier: "CLOUDTRAIL_S3_DATAEVENTS_ENABLED",
            parameters: { S3BucketNames: watchedBuckets.join(",") },
          },
        ]),
    { identifier: "S3_BUCKET_SSL_REQUESTS_ONLY" },
    // Of every VPC of the region, the default one included.
    ...(promised.every(({ flowLogs }) => flowLogs) ? [{ identifier: "VPC_FLOW_LOGS_ENABLED" }] : []),
    { identifier: "RDS_STORAGE_ENCRYPTED" },
    { identifier: "ELASTICSEARCH_ENCRYPTED_AT_REST" },
    { identifier: "ELASTICSEARCH_IN_VPC_ONLY" },
    { identifier: "ELASTICSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK" },
    { identifier: "ELASTICSEARCH_LOGS_TO_CLOUDWATCH", parameters: { logTypes: "search,index,error" } },
    {
      identifier: "ECS_NO_ENVIRONMENT_SECRETS",
      parameters: { secretKeys: "AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,DATABASE_URL,REDIS_URL" },
    },
    // Of all regions, evaluated in one.
    ...(region === edgeRegion
      ? [{ identifier: "CLOUDFRONT_ASSOCIATED_WITH_WAF" }, { identifier: "CLOUDFRONT_VIEWER_POLICY_HTTPS" }]
      : []),
    ...(asksForAccountWide
      ? [{ identifier: "ROOT_ACCOUNT_MFA_ENABLED" }, { identifier: "IAM_ROOT_ACCESS_KEY_CHECK" }]
      : []),
    ...(askedDays === undefined || promised.length === 0
      ? []
      : [
          {
            identifier: "CW_LOGGROUP_RETENTION_PERIOD_CHECK",
            parameters: { MinRetentionTime: String(askedDays) },
          },
        ]),
    ...(promised.length === 0 || snapshotDays === 0
      ? []
      : [
          {
            identifier: "ELASTICACHE_REDIS_CLUSTER_AUTOMATIC_BACKUP_CHECK",
            parameters: { snapshotRetentionPeriod: String(snapshotDays) },
          },
        ]),
    ...promised.flatMap(rulesOfEnvironment),
  ];
}

function rulesOfEnvironment(promised: Promised): ManagedRule[] {
  const { environment: of } = promised;
  const bucket = (name: string) => ({
    ComplianceResourceTypes: ["AWS::S3::Bucket"],
    ComplianceResourceId: name,
  });
  // Config knows a database by another id than its name.
  const tagged = { TagKey: "Environment", TagValue: of };
  return [
    { identifier: "S3_BUCKET_VERSIONING_ENABLED", of: `${of}-chunks`, scope: bucket(promised.chunksBucket) },
    { identifier: "S3_BUCKET_VERSIONING_ENABLED", of: `${of}-audit`, scope: bucket(promised.auditBucket) },
    {
      identifier: "S3_BUCKET_DEFAULT_LOCK_ENABLED",
      of,
      parameters: { mode: promised.auditLockMode },
      scope: bucket(promised.auditBucket),
    },
    {
      identifier: "DB_INSTANCE_BACKUP_ENABLED",
      of,
      parameters: {
        backupRetentionMinimum: String(promised.databaseBackupRetentionDays),
        // What a read replica holds, its source's backups hold.
        checkReadReplicas: "false",
      },
      scope: tagged,
    },
    ...(promised.databaseMultiAz ? [{ identifier: "RDS_MULTI_AZ_SUPPORT", of, scope: tagged }] : []),
  ];
}

/** Logical id and resource of a template. */
function resourceOf({ identifier, of, parameters, scope }: ManagedRule): [string, object] {
  const name = [identifier.toLowerCase().replaceAll("_", "-"), ...(of === undefined ? [] : [of])].join("-");
  const logicalId = name
    .replace("s3", "storage")
    .replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
  return [
    logicalId,
    {
      Type: "AWS::Config::ConfigRule",
      Properties: {
        ConfigRuleName: name,
        Source: { Owner: "AWS", SourceIdentifier: identifier },
        ...(parameters && { InputParameters: parameters }),
        ...(scope && { Scope: scope }),
      },
    },
  ];
}
