import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";

const stack = synthesizeProduction();
const chunks = "aws_s3_bucket_replication_configuration.chunks";
const audit = "aws_s3_bucket_replication_configuration.audit";
const fifteen = { minutes: 15 };

test("new chunks are copied within 15 minutes, their deletions are not", () => {
  expect(stack.resource(chunks)).toEqual({
    bucket: "${aws_s3_bucket.chunks.id}",
    role: "${aws_iam_role.replication.arn}",
    rule: [
      {
        id: "recovery",
        status: "Enabled",
        priority: 1,
        filter: { prefix: "" },
        delete_marker_replication: { status: "Disabled" },
        destination: {
          bucket: "arn:aws:s3:::production-dr-skymanuals-chunks",
          metrics: { status: "Enabled", event_threshold: fifteen },
          replication_time: { status: "Enabled", time: fifteen },
        },
      },
    ],
    depends_on: ["aws_s3_bucket_versioning.chunks", "aws_iam_role_policy.replication"],
  });
});

test("custody records, which lie under a key, are copied under that of the recovery region", () => {
  expect(at(stack.resource(audit), "rule.0")).toMatchObject({
    source_selection_criteria: { sse_kms_encrypted_objects: { status: "Enabled" } },
    destination: {
      bucket: "arn:aws:s3:::production-dr-skymanuals-audit",
      encryption_configuration: { replica_kms_key_id: "${data.aws_kms_alias.recovery_custody.target_key_arn}" },
    },
  });
  expect(stack.resource("data.aws_kms_alias.recovery_custody")).toEqual({
    provider: "aws.us_west_2",
    name: "alias/skymanuals-dr-custody",
    depends_on: ["terraform_data.recovery"],
  });
  expect(stack.resource(audit).depends_on).toContain("aws_s3_bucket_object_lock_configuration.audit");
});

test("without time control nothing is promised, metrics are there, and the alarm comes after an hour", () => {
  const slow = synthesizeProduction({ recovery: { replicationTimeControl: false } });
  expect(at(slow.resource(chunks), "rule.0.destination")).toEqual({
    bucket: "arn:aws:s3:::production-dr-skymanuals-chunks",
    metrics: { status: "Enabled" },
  });
  for (const label of ["chunks", "audit"]) {
    expect(slow.resource(`aws_cloudwatch_metric_alarm.${label}_replication_lag`).threshold).toBe(3600);
    expect(stack.resource(`aws_cloudwatch_metric_alarm.${label}_replication_lag`).threshold).toBe(900);
  }
});

test("the role reads locks of records only, and writes to the two copies only", () => {
  const statement = (sid: string) => stack.statement("aws_iam_role_policy.replication", sid);
  expect(statement("Locks")).toEqual({
    Sid: "Locks",
    Effect: "Allow",
    Action: ["s3:GetObjectRetention", "s3:GetObjectLegalHold"],
    Resource: ["${aws_s3_bucket.audit.arn}/*"],
  });
  expect(statement("Replicas").Resource).toEqual([
    "arn:aws:s3:::production-dr-skymanuals-chunks/*",
    "arn:aws:s3:::production-dr-skymanuals-audit/*",
  ]);
  expect(statement("ReplicaKeys")).toMatchObject({
    Action: ["kms:Encrypt"],
    Resource: ["${data.aws_kms_alias.recovery_custody.target_key_arn}"],
    Condition: { StringEquals: { "kms:ViaService": "s3.us-west-2.amazonaws.com" } },
  });
  expect(statement("RecordsKey").Resource).toEqual(["${aws_kms_key.custody.arn}"]);
  expect(JSON.stringify(stack.statements("aws_iam_role_policy.replication"))).not.toContain("ReplicateDelete");
});

test("automated backups are copied under the standby's key, for as long as they are kept here", () => {
  expect(stack.resource("aws_db_instance_automated_backups_replication.postgres")).toEqual({
    provider: "aws.us_west_2",
    source_db_instance_arn: "${aws_db_instance.postgres.arn}",
    kms_key_id: "${data.aws_kms_alias.recovery_data.target_key_arn}",
    retention_period: 7,
  });
  expect(stack.output("database_backup_arn").value).toBe(
    "${aws_db_instance_automated_backups_replication.postgres.id}",
  );
});

test("lag is watched where the copy is, failures where the source is", () => {
  const lag = stack.resource("aws_cloudwatch_metric_alarm.audit_replication_lag");
  expect(lag).toMatchObject({
    provider: "aws.us_west_2",
    alarm_name: "skymanuals-audit-replication-lag",
    alarm_actions: ["arn:aws:sns:us-west-2:${data.aws_caller_identity.current.account_id}:skymanuals-dr-page-alerts"],
    dimensions: {
      SourceBucket: "${aws_s3_bucket.audit.bucket}",
      DestinationBucket: "production-dr-skymanuals-audit",
      RuleId: "recovery",
    },
  });
  const failed = stack.resource("aws_cloudwatch_metric_alarm.audit_replication_failed");
  expect(failed).not.toHaveProperty("provider");
  expect(failed.alarm_actions).toEqual(["${aws_sns_topic.ticket_alerts.arn}"]);
});

test("an environment without a recovery region copies nothing", () => {
  const alone = synthesizeProduction({ recovery: null });
  expect(alone.resources().filter(({ type }) => /replication(_configuration)?$/.test(type))).toEqual([]);
  expect(alone.has("aws_iam_role.replication")).toBe(false);
});
