import { synthesizeProduction, synthesizeServing } from "../support/environments";

const stack = synthesizeProduction();

test("seven days of events, encrypted, in as many shards as the environment says", () => {
  expect(stack.resource("aws_kinesis_stream.logs")).toEqual({
    name: "skymanuals-logs",
    shard_count: 1,
    stream_mode_details: { stream_mode: "PROVISIONED" },
    retention_period: 168,
    encryption_type: "KMS",
    kms_key_id: "${aws_kms_key.logs.arn}",
    tags: { Name: "skymanuals-logs" },
  });
  const four = synthesizeProduction({ logstash: { streamShards: 4 } });
  expect(four.resource("aws_kinesis_stream.logs").shard_count).toBe(4);
});

test("the table of positions is the one that the Kinesis Client Library would make", () => {
  expect(stack.resource("aws_dynamodb_table.logstash")).toEqual({
    name: "skymanuals-logstash",
    billing_mode: "PAY_PER_REQUEST",
    hash_key: "leaseKey",
    attribute: [{ name: "leaseKey", type: "S" }],
    tags: { Name: "skymanuals-logstash" },
  });
});

test.each(["api", "ecs"])("every event of the log group %s goes to the stream, over all of its shards", (label) => {
  expect(stack.resource(`aws_cloudwatch_log_subscription_filter.${label}`)).toEqual({
    name: `skymanuals-logstash-${label}`,
    log_group_name: `\${aws_cloudwatch_log_group.${label}.name}`,
    filter_pattern: "",
    destination_arn: "${aws_kinesis_stream.logs.arn}",
    role_arn: "${aws_iam_role.log_stream.arn}",
    distribution: "Random",
    depends_on: ["aws_iam_role_policy.log_stream"],
  });
});

test("the stream takes one of a log group's two subscription filters; the archive has the other", () => {
  for (const environment of synthesizeServing()) {
    const groups = environment
      .resources("aws_cloudwatch_log_subscription_filter")
      .filter(({ config }) => config.destination_arn === "${aws_kinesis_stream.logs.arn}")
      .map(({ config }) => config.log_group_name);
    expect(groups).toEqual([...new Set(groups)]);
    expect(groups).toHaveLength(2);
  }
});

describe("alarms", () => {
  const alarm = (label: string) => stack.resource(`aws_cloudwatch_metric_alarm.${label}`);

  test.each([
    ["log_stream_behind", "ticket"],
    ["log_stream_far_behind", "page"],
    ["log_stream_throttled", "ticket"],
    ["log_stream_unfed", "ticket"],
  ])("%s is a %s", (label, severity) => {
    expect(alarm(label).alarm_actions).toEqual([`\${aws_sns_topic.${severity}_alerts.arn}`]);
  });

  test.each([
    ["log_stream_behind", 300, 3, 15 * 60 * 1000],
    ["log_stream_far_behind", 3600, 12, 12 * 60 * 60 * 1000],
  ])("%s: Logstash is late, or does not read at all", (label, period, periods, threshold) => {
    expect(alarm(label)).toMatchObject({
      namespace: "AWS/Kinesis",
      metric_name: "GetRecords.IteratorAgeMilliseconds",
      dimensions: { StreamName: "${aws_kinesis_stream.logs.name}" },
      statistic: "Maximum",
      period,
      evaluation_periods: periods,
      threshold,
      comparison_operator: "GreaterThanThreshold",
      treat_missing_data: "breaching",
    });
  });

  test("log_stream_far_behind leaves time before the stream forgets", () => {
    const { period, evaluation_periods: periods, threshold } = alarm("log_stream_far_behind") as Record<string, number>;
    const seconds = Number(period) * Number(periods) + Number(threshold) / 1000;
    expect(seconds / 3600).toBeLessThanOrEqual(Number(stack.resource("aws_kinesis_stream.logs").retention_period) / 7);
  });

  test("log_stream_throttled: CloudWatch Logs has to send again", () => {
    expect(alarm("log_stream_throttled")).toMatchObject({
      namespace: "AWS/Kinesis",
      metric_name: "WriteProvisionedThroughputExceeded",
      dimensions: { StreamName: "${aws_kinesis_stream.logs.name}" },
      statistic: "Sum",
      period: 300,
      evaluation_periods: 3,
      threshold: 0,
      comparison_operator: "GreaterThanThreshold",
      treat_missing_data: "notBreaching",
    });
  });

  test("log_stream_unfed: events come in and none goes on", () => {
    const unfed = alarm("log_stream_unfed");
    expect(unfed).toMatchObject({
      evaluation_periods: 3,
      threshold: 1,
      comparison_operator: "GreaterThanOrEqualToThreshold",
      treat_missing_data: "notBreaching",
    });
    expect(unfed.metric_query).toEqual([
      expect.objectContaining({
        expression: "IF(FILL(api, 0) + FILL(ecs, 0) > 0 AND FILL(stream, 0) == 0, 1, 0)",
        return_data: true,
      }),
      ...["api", "ecs"].map((id) => ({
        id,
        metric: {
          namespace: "AWS/Logs",
          metric_name: "IncomingLogEvents",
          dimensions: { LogGroupName: `\${aws_cloudwatch_log_group.${id}.name}` },
          stat: "Sum",
          period: 300,
        },
      })),
      {
        id: "stream",
        metric: {
          namespace: "AWS/Kinesis",
          metric_name: "IncomingRecords",
          dimensions: { StreamName: "${aws_kinesis_stream.logs.name}" },
          stat: "Sum",
          period: 300,
        },
      },
    ]);
  });
});
