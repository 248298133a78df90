import { synthesizeProduction } from "../support/environments";
import { parseJsonencode } from "../support/jsonencode";

const stack = synthesizeProduction();
const audit = "${aws_s3_bucket.audit.arn}";

describe("the queue", () => {
  const queue = stack.resource("aws_sqs_queue.custody");

  test("hides a message for six times the function's timeout and the batching window, and gives up after five attempts", () => {
    const { timeout } = stack.resource("aws_lambda_function.custody");
    expect(timeout).toBe(60);
    expect(queue).toMatchObject({
      name: "skymanuals-chunks-custody",
      visibility_timeout_seconds: 361,
      message_retention_seconds: 345600,
      kms_master_key_id: "${aws_kms_key.custody.arn}",
    });
    expect(parseJsonencode(String(queue.redrive_policy))).toEqual({
      deadLetterTargetArn: "${aws_sqs_queue.custody_dead_letters.arn}",
      maxReceiveCount: 5,
    });
  });

  test("keeps dead letters for 14 days, from this queue only", () => {
    expect(stack.resource("aws_sqs_queue.custody_dead_letters")).toMatchObject({
      name: "skymanuals-chunks-custody-dead-letters",
      message_retention_seconds: 1209600,
      kms_master_key_id: "${aws_kms_key.custody.arn}",
    });
    const allow = stack.resource("aws_sqs_queue_redrive_allow_policy.custody_dead_letters");
    expect(parseJsonencode(String(allow.redrive_allow_policy))).toEqual({
      redrivePermission: "byQueue",
      sourceQueueArns: ["${aws_sqs_queue.custody.arn}"],
    });
  });

  test("takes messages of this account's bucket of chunks, over TLS", () => {
    const tls = (resource: string) => ({
      Sid: "DenyInsecureTransport",
      Effect: "Deny",
      Principal: "*",
      Action: ["sqs:*"],
      Resource: [resource],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(stack.statements("aws_sqs_queue_policy.custody")).toEqual([
      {
        Sid: "NewChunks",
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: ["sqs:SendMessage"],
        Resource: ["${aws_sqs_queue.custody.arn}"],
        Condition: {
          ArnLike: { "aws:SourceArn": "${aws_s3_bucket.chunks.arn}" },
          StringEquals: { "aws:SourceAccount": "${data.aws_caller_identity.current.account_id}" },
        },
      },
      tls("${aws_sqs_queue.custody.arn}"),
    ]);
    expect(stack.statements("aws_sqs_queue_policy.custody_dead_letters")).toEqual([
      tls("${aws_sqs_queue.custody_dead_letters.arn}"),
    ]);
  });

  test("is told of every new chunk, once S3 may send", () => {
    expect(stack.resource("aws_s3_bucket_notification.chunks")).toEqual({
      bucket: "${aws_s3_bucket.chunks.id}",
      queue: [{ id: "custody", queue_arn: "${aws_sqs_queue.custody.arn}", events: ["s3:ObjectCreated:*"] }],
      depends_on: ["aws_sqs_queue_policy.custody", "aws_s3_bucket_versioning.chunks"],
    });
  });
});

describe("the function that records", () => {
  test("takes up to ten messages at once, and says which of them failed", () => {
    expect(stack.resource("aws_lambda_event_source_mapping.custody")).toEqual({
      // It begins once the function reaches S3.
      depends_on: [
        "aws_route_table_association.private",
        "aws_route_table_association.public",
        "aws_vpc_endpoint.s3",
        "aws_vpc_endpoint.ecr_api",
        "aws_vpc_endpoint.ecr_dkr",
        "aws_vpc_endpoint.logs",
        "aws_vpc_endpoint.secretsmanager",
        "aws_vpc_endpoint.ssmmessages",
      ],
      event_source_arn: "${aws_sqs_queue.custody.arn}",
      function_name: "${aws_lambda_function.custody.arn}",
      batch_size: 10,
      maximum_batching_window_in_seconds: 1,
      function_response_types: ["ReportBatchItemFailures"],
      scaling_config: { maximum_concurrency: 2 },
      tags: { Name: "skymanuals-chunks-custody" },
    });
  });

  test.each([
    [1, 10],
    [102, 10],
    [103, 9],
    [600, 1],
    [1024, 1],
  ])("of chunks of up to %i MiB it takes %i at once, which it can read in its time", (maximumChunkMiB, batchSize) => {
    const other = synthesizeProduction({ audit: { maximumChunkMiB } });
    const { timeout } = other.resource("aws_lambda_function.custody");
    expect(other.resource("aws_lambda_event_source_mapping.custody").batch_size).toBe(batchSize);
    // At 40 MB a second, with as long for the records.
    expect((batchSize * maximumChunkMiB * 1.048576) / 40).toBeLessThan(Number(timeout) / 2);
  });

  test("knows its buckets and rules, and writes once records are locked", () => {
    const lambda = stack.resource("aws_lambda_function.custody");
    expect(lambda.environment).toEqual({
      variables: {
        CHUNKS_BUCKET: "${aws_s3_bucket.chunks.bucket}",
        AUDIT_BUCKET: "${aws_s3_bucket.audit.bucket}",
        ALLOWED_CONTENT_TYPES:
          "application/json,application/pdf,application/xml,image/jpeg,image/png,image/svg+xml,text/html,text/markdown,text/plain,text/xml",
        MAXIMUM_BYTES: "104857600",
        TOPIC_ARN: "${aws_sns_topic.ticket_alerts.arn}",
      },
    });
    expect(lambda.depends_on).toContain("aws_s3_bucket_object_lock_configuration.audit");
  });

  test("may read chunks, append records, take messages, and nothing else", () => {
    expect(own("aws_iam_role_policy.custody")).toEqual([
      ["ReadChunks", ["s3:GetObject", "s3:GetObjectVersion"], ["${aws_s3_bucket.chunks.arn}/*"]],
      ["AppendRecords", ["s3:GetObject", "s3:PutObject"], [`${audit}/custody/objects/*`, `${audit}/custody/records/*`]],
      ["FindObjects", ["s3:ListBucket"], [audit, "${aws_s3_bucket.chunks.arn}"]],
      [
        "TakeMessages",
        ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        ["${aws_sqs_queue.custody.arn}"],
      ],
      ["RecordsKey", ["kms:Decrypt", "kms:GenerateDataKey"], ["${aws_kms_key.custody.arn}"]],
      ["QueueKey", ["kms:Decrypt"], ["${aws_kms_key.custody.arn}"]],
      ...publishing("ticket"),
    ]);
  });
});

describe("the function that verifies", () => {
  test("may read records, keep what it found and tell of it, and nothing else", () => {
    const written = [`${audit}/custody/checkpoints/*`, `${audit}/custody/index/*`, `${audit}/custody/verifications/*`];
    expect(own("aws_iam_role_policy.verify_custody")).toEqual([
      ["ReadRecords", ["s3:GetObject", "s3:GetObjectVersion"], [...written, `${audit}/custody/records/*`]],
      ["KeepFindings", ["s3:PutObject"], written],
      ["FindRecords", ["s3:ListBucket", "s3:ListBucketVersions"], [audit]],
      ["RecordsKey", ["kms:Decrypt", "kms:GenerateDataKey"], ["${aws_kms_key.custody.arn}"]],
      ...publishing("page"),
    ]);
  });

  test("has room for the table of ten million records while it doubles", () => {
    for (const label of ["verify_custody", "reconcile_custody"]) {
      expect(stack.resource(`aws_lambda_function.${label}`)).toMatchObject({ memory_size: 2048, timeout: 900 });
    }
  });

  test("runs once a day, invoked by a role that may do that alone, for this account", () => {
    expect(stack.resource("aws_scheduler_schedule.verify_custody")).toEqual({
      name: "skymanuals-verify-custody",
      description: "Verifies the chain of custody once a day",
      schedule_expression: "cron(30 1 * * ? *)",
      flexible_time_window: { mode: "OFF" },
      kms_key_arn: "${aws_kms_key.custody.arn}",
      target: {
        arn: "${aws_lambda_function.verify_custody.arn}",
        role_arn: "${aws_iam_role.verify_custody_schedule.arn}",
      },
      depends_on: ["aws_iam_role_policy.verify_custody_schedule"],
    });
    expect(stack.statements("aws_iam_role.verify_custody_schedule", "assume_role_policy")).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "scheduler.amazonaws.com" },
        Condition: {
          StringEquals: { "aws:SourceAccount": "${data.aws_caller_identity.current.account_id}" },
          ArnLike: {
            "aws:SourceArn":
              "arn:aws:scheduler:${var.aws_region}:${data.aws_caller_identity.current.account_id}:schedule-group/default",
          },
        },
      },
    ]);
    expect(stack.statements("aws_iam_role_policy.verify_custody_schedule")).toEqual([
      { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: ["${aws_lambda_function.verify_custody.arn}"] },
      { Effect: "Allow", Sid: "ScheduleKey", Action: ["kms:Decrypt"], Resource: ["${aws_kms_key.custody.arn}"] },
    ]);
  });
});

describe("the function that reconciles", () => {
  test("may list chunks, read records, send to the queue, tell and keep its progress, and nothing else", () => {
    expect(own("aws_iam_role_policy.reconcile_custody")).toEqual([
      [
        "ReadRecords",
        ["s3:GetObject", "s3:GetObjectVersion"],
        [`${audit}/custody/index/*`, `${audit}/custody/reconciliations/*`, `${audit}/custody/records/*`],
      ],
      ["KeepProgress", ["s3:PutObject"], [`${audit}/custody/reconciliations/*`]],
      ["FindRecords", ["s3:ListBucket", "s3:ListBucketVersions"], [audit]],
      ["FindChunks", ["s3:ListBucketVersions"], ["${aws_s3_bucket.chunks.arn}"]],
      ["SendChunks", ["sqs:GetQueueAttributes", "sqs:SendMessage"], ["${aws_sqs_queue.custody.arn}"]],
      ["RecordsKey", ["kms:Decrypt", "kms:GenerateDataKey"], ["${aws_kms_key.custody.arn}"]],
      ["QueueKey", ["kms:Decrypt", "kms:GenerateDataKey"], ["${aws_kms_key.custody.arn}"]],
      ...publishing("ticket"),
    ]);
  });

  test("knows buckets, queue and topic, and leaves alone what may still be in the queue", () => {
    expect(stack.resource("aws_lambda_function.reconcile_custody").environment).toEqual({
      variables: {
        CHUNKS_BUCKET: "${aws_s3_bucket.chunks.bucket}",
        AUDIT_BUCKET: "${aws_s3_bucket.audit.bucket}",
        QUEUE_URL: "${aws_sqs_queue.custody.url}",
        GRACE_SECONDS: "3600",
        TOPIC_ARN: "${aws_sns_topic.ticket_alerts.arn}",
      },
    });
    // Five attempts of a message, each hidden for 361 seconds.
    expect(5 * Number(stack.resource("aws_sqs_queue.custody").visibility_timeout_seconds)).toBeLessThan(3600);
  });

  test("runs each quarter of an hour after the verification, until the day's pass is complete", () => {
    expect(stack.resource("aws_scheduler_schedule.reconcile_custody")).toEqual({
      name: "skymanuals-reconcile-custody",
      description: "Finds unrecorded chunks once a day, in as many runs as it takes",
      schedule_expression: "cron(0/15 2-23 * * ? *)",
      flexible_time_window: { mode: "OFF" },
      kms_key_arn: "${aws_kms_key.custody.arn}",
      target: {
        arn: "${aws_lambda_function.reconcile_custody.arn}",
        role_arn: "${aws_iam_role.reconcile_custody_schedule.arn}",
      },
      depends_on: ["aws_iam_role_policy.reconcile_custody_schedule"],
    });
    expect(stack.statements("aws_iam_role_policy.reconcile_custody_schedule")).toEqual([
      {
        Effect: "Allow",
        Action: ["lambda:InvokeFunction"],
        Resource: ["${aws_lambda_function.reconcile_custody.arn}"],
      },
      { Effect: "Allow", Sid: "ScheduleKey", Action: ["kms:Decrypt"], Resource: ["${aws_kms_key.custody.arn}"] },
    ]);
  });

  test("runs once when the platform is made, behind the verification", () => {
    const invocation = stack.resource("aws_lambda_invocation.reconcile_custody");
    expect(invocation).toMatchObject({
      function_name: "${aws_lambda_function.reconcile_custody.function_name}",
      lifecycle_scope: "CREATE_ONLY",
    });
    expect(invocation.depends_on).toContain("aws_lambda_invocation.verify_custody");
  });

  test.each([
    ["custody_reconciled", "UnrecordedChunks", '{ $.message.foundAt = "*" }'],
    ["custody_passes", "ReconciliationPasses", "{ $.message.marker IS NULL }"],
  ])("%s: its log is counted", (label, name, pattern) => {
    expect(stack.resource(`aws_cloudwatch_log_metric_filter.${label}`)).toMatchObject({
      log_group_name: "${aws_cloudwatch_log_group.reconcile_custody.name}",
      pattern,
      metric_transformation: { namespace: "skymanuals", name, value: "1", default_value: "0" },
    });
  });

  test("two days without a whole pass are a ticket", () => {
    const alarm = stack.resource("aws_cloudwatch_metric_alarm.reconcile_custody_missing");
    expect(alarm).toMatchObject({
      threshold: 1,
      comparison_operator: "LessThanThreshold",
      evaluation_periods: 48,
      treat_missing_data: "breaching",
      alarm_actions: ["${aws_sns_topic.ticket_alerts.arn}"],
    });
    expect(JSON.stringify(alarm.metric_query)).toContain('"metric_name":"ReconciliationPasses"');
  });
});

test("the function that verifies runs once when the platform is made, before the first night", () => {
  expect(stack.resource("aws_lambda_invocation.verify_custody")).toMatchObject({
    function_name: "${aws_lambda_function.verify_custody.function_name}",
    lifecycle_scope: "CREATE_ONLY",
    input: "{}",
  });
  expect(stack.resource("aws_lambda_invocation.verify_custody")).not.toHaveProperty("triggers");
});

test("all functions lie in private subnets, reach HTTPS and are reached by nobody", () => {
  for (const label of ["custody", "verify_custody", "reconcile_custody"]) {
    expect(stack.resource(`aws_lambda_function.${label}`).vpc_config).toEqual({
      subnet_ids: "${aws_subnet.private[*].id}",
      security_group_ids: ["${aws_security_group.custody.id}"],
    });
  }
  const { ingress, egress } = stack.resource("aws_security_group.custody");
  expect(ingress).toBeUndefined();
  expect(egress).toEqual([
    expect.objectContaining({ from_port: 443, to_port: 443, protocol: "tcp", cidr_blocks: ["0.0.0.0/0"] }),
  ]);
});

test.each([
  [
    "custody_errors",
    "page",
    "AWS/Lambda",
    "Errors",
    { FunctionName: "${aws_lambda_function.custody.function_name}" },
    "Sum",
    1,
  ],
  [
    "verify_custody_errors",
    "page",
    "AWS/Lambda",
    "Errors",
    { FunctionName: "${aws_lambda_function.verify_custody.function_name}" },
    "Sum",
    1,
  ],
  [
    "custody_age",
    "ticket",
    "AWS/SQS",
    "ApproximateAgeOfOldestMessage",
    { QueueName: "${aws_sqs_queue.custody.name}" },
    "Maximum",
    900,
  ],
  [
    "custody_dead_letters",
    "page",
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    { QueueName: "${aws_sqs_queue.custody_dead_letters.name}" },
    "Maximum",
    1,
  ],
  ["custody_rejected", "ticket", "skymanuals", "RejectedChunks", undefined, "Sum", 1],
])("alarm %s is a %s for operations", (label, severity, namespace, metric, dimensions, statistic, threshold) => {
  const alarm = stack.resource(`aws_cloudwatch_metric_alarm.${label}`);
  expect(alarm).toMatchObject({
    alarm_name: `skymanuals-${label.replaceAll("_", "-")}`,
    namespace,
    metric_name: metric,
    statistic,
    threshold,
    comparison_operator: "GreaterThanOrEqualToThreshold",
    treat_missing_data: "notBreaching",
    period: 300,
    evaluation_periods: 1,
    alarm_actions: [`\${aws_sns_topic.${severity}_alerts.arn}`],
  });
  expect(alarm.dimensions).toEqual(dimensions);
});

test("a day without a verification is a ticket hours later, not days: hours without one count as zero", () => {
  const alarm = stack.resource("aws_cloudwatch_metric_alarm.verify_custody_missing");
  expect(alarm).toEqual({
    alarm_name: "skymanuals-verify-custody-missing",
    alarm_description:
      "The chain of custody was not verified for a day. Runbook: docs/operations.md#verify-custody-missing",
    metric_query: [
      {
        id: "result",
        expression: "FILL(m1, 0)",
        label: "The chain of custody was not verified for a day.",
        return_data: true,
      },
      {
        id: "m1",
        metric: {
          namespace: "AWS/Lambda",
          metric_name: "Invocations",
          dimensions: { FunctionName: "${aws_lambda_function.verify_custody.function_name}" },
          stat: "Sum",
          period: 3600,
        },
      },
    ],
    threshold: 1,
    comparison_operator: "LessThanThreshold",
    evaluation_periods: 26,
    treat_missing_data: "breaching",
    alarm_actions: ["${aws_sns_topic.ticket_alerts.arn}"],
    tags: { Name: "skymanuals-verify-custody-missing" },
  });
});

test("rejected chunks are counted in the function's log", () => {
  expect(stack.resource("aws_cloudwatch_log_metric_filter.custody_rejected")).toMatchObject({
    log_group_name: "${aws_cloudwatch_log_group.custody.name}",
    pattern: '{ $.message.verdict = "rejected" }',
    metric_transformation: { namespace: "skymanuals", name: "RejectedChunks", value: "1", default_value: "0" },
  });
});

/** What it takes to publish to an encrypted topic. */
function publishing(severity: string) {
  return [
    ["TellTopic", ["sns:Publish"], [`\${aws_sns_topic.${severity}_alerts.arn}`]],
    ["TopicKey", ["kms:Decrypt", "kms:GenerateDataKey"], ["${aws_kms_key.alerts.arn}"]],
  ];
}

/** What a function's role may do besides what every function may. */
function own(address: string) {
  const common = ["WriteLog", "Trace", "NetworkInterface", "NoNetworkInterfaceByCode"];
  return stack
    .statements(address)
    .filter(({ Sid = "" }) => !common.includes(Sid))
    .map(({ Sid, Action, Resource }) => [Sid, Action, Resource]);
}
