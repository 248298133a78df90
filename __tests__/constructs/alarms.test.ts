import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { development } from "../../environments/development";
import { sizes } from "../../environments/sizes";
import { databaseConnections } from "../../facts/capacity";
import { databaseClass, databaseClasses, redisNodeTypes } from "../../facts/instance-classes";
import { changed, synthesizeProduction } from "../support/environments";
import { type Block, type Resource, type Synthesized, synthesizePlatform } from "../support/synth";
import { terraform } from "../support/terraform";

const stack = synthesizeProduction();

const operators: Readonly<Record<string, string>> = {
  GreaterThanThreshold: ">",
  GreaterThanOrEqualToThreshold: ">=",
  LessThanOrEqualToThreshold: "<=",
  LessThanThreshold: "<",
};

/** An alarm in a line: label, severity, what it watches, when it goes off, data points and seconds of each, and missing data. */
function inALine({ label, config }: Resource): string {
  const [math, first] = (config.metric_query ?? []) as readonly Block[];
  const metric = (first?.metric ?? config) as Block;
  const what =
    math?.expression ??
    `${String(metric.namespace).split("/").at(-1)} ${metric.metric_name} ${metric.statistic ?? metric.extended_statistic}`;
  const severity =
    /^(?:\$\{aws_sns_topic\.|arn:aws:sns:us-west-2:\$\{[^}]+\}:skymanuals-dr-)(\w+)[_-]alerts(?:_us_east_1)?(?:\.arn\})?$/.exec(
      String((config.alarm_actions as string[])[0]),
    )?.[1];
  const points = `${config.datapoints_to_alarm ?? config.evaluation_periods} of ${config.evaluation_periods} x ${metric.period}`;
  const when = `${operators[String(config.comparison_operator)]} ${config.threshold}`;
  return [label, severity, what, when, points, config.treat_missing_data].join(" | ");
}

const productions = `
  api_connection_errors | ticket | ApplicationELB TargetConnectionErrorCount Sum | > 0 | 3 of 5 x 60 | notBreaching
  api_cpu | ticket | ECS CPUUtilization Average | > 80 | 5 of 5 x 60 | missing
  api_down | ticket | ApplicationELB HealthyHostCount Minimum | < 1 | 2 of 2 x 60 | breaching
  api_errors | ticket | 100 * FILL(errors, 0) / requests | > 5 | 3 of 5 x 60 | notBreaching
  api_memory | ticket | ECS MemoryUtilization Average | > 80 | 5 of 5 x 60 | missing
  api_refusals | ticket | 100 * FILL(refused, 0) / requests | > 20 | 15 of 15 x 60 | notBreaching
  api_slow | ticket | ApplicationELB TargetResponseTime p95 | > 2 | 3 of 5 x 60 | notBreaching
  api_tasks | page | ContainerInsights RunningTaskCount Minimum | < \${min(var.api_desired_count, 8)} | 5 of 5 x 60 | breaching
  api_unanswered | ticket | 100 * unanswered / (FILL(requests, 0) + unanswered) | > 5 | 3 of 5 x 60 | notBreaching
  api_unhealthy_tasks | ticket | ApplicationELB UnHealthyHostCount Maximum | > 0 | 15 of 15 x 60 | notBreaching
  audit_replication_failed | ticket | S3 OperationsFailedReplication Sum | > 0 | 1 of 1 x 300 | notBreaching
  audit_replication_lag | page | S3 ReplicationLatency Maximum | > 900 | 5 of 5 x 60 | notBreaching
  backup_copy_failed | ticket | Backup NumberOfCopyJobsFailed Sum | > 0 | 1 of 1 x 300 | notBreaching
  backup_failed | ticket | FILL(failed, 0) + FILL(aborted, 0) + FILL(expired, 0) | > 0 | 1 of 1 x 300 | notBreaching
  backup_restore_failed | ticket | Backup NumberOfRestoreJobsFailed Sum | > 0 | 1 of 1 x 300 | notBreaching
  cache_connections | ticket | MAX([m1, m2]) | > 52000 | 10 of 10 x 60 | missing
  cache_cpu | ticket | MAX([m1, m2]) | > \${lookup({"cache.t2.micro" = 90, "cache.t2.small" = 90}, var.redis_node_type, lookup({"micro" = 45, "small" = 45, "medium" = 45, "large" = 45}, element(split(".", var.redis_node_type), 2), 90))} | 5 of 5 x 60 | missing
  cache_engine_cpu | ticket | MAX([m1, m2]) | > 90 | 5 of 5 x 60 | breaching
  cache_evictions | page | MAX([m1, m2]) | > 0 | 5 of 5 x 60 | missing
  cache_memory | ticket | MAX([m1, m2]) | > 80 | 5 of 5 x 60 | missing
  cache_replication_lag | ticket | MAX([m1, m2]) | > 30 | 15 of 15 x 60 | missing
  chunks_replication_failed | ticket | S3 OperationsFailedReplication Sum | > 0 | 1 of 1 x 300 | notBreaching
  chunks_replication_lag | page | S3 ReplicationLatency Maximum | > 900 | 5 of 5 x 60 | notBreaching
  cloudfront_errors | page | CloudFront 5xxErrorRate Average | > 5 | 5 of 5 x 60 | notBreaching
  compliance_alerts | compliance | skymanuals ReportableComplianceEvents Sum | >= 1 | 1 of 1 x 300 | notBreaching
  compliance_alerts_failed | ticket | SNS NumberOfNotificationsFailed Sum | > 0 | 1 of 5 x 60 | notBreaching
  custody_age | ticket | SQS ApproximateAgeOfOldestMessage Maximum | >= 900 | 1 of 1 x 300 | notBreaching
  custody_dead_letters | page | SQS ApproximateNumberOfMessagesVisible Maximum | >= 1 | 1 of 1 x 300 | notBreaching
  custody_duration | ticket | Lambda Duration p90 | > 48000 | 15 of 15 x 60 | notBreaching
  custody_errors | page | Lambda Errors Sum | >= 1 | 1 of 1 x 300 | notBreaching
  custody_reconciled | ticket | skymanuals UnrecordedChunks Sum | >= 1 | 1 of 1 x 300 | notBreaching
  custody_rejected | ticket | skymanuals RejectedChunks Sum | >= 1 | 1 of 1 x 300 | notBreaching
  custody_throttles | ticket | Lambda Throttles Sum | >= 1 | 5 of 5 x 60 | notBreaching
  database_connections | page | RDS DatabaseConnections Average | > \${floor((min(5000, floor((local.database_memory_gib * 101.38788139235066))) * 0.9))} | 5 of 5 x 60 | breaching
  database_cpu | ticket | RDS CPUUtilization Average | > 90 | 5 of 5 x 60 | breaching
  database_io_balance | ticket | RDS EBSIOBalance% Average | < 10 | 3 of 3 x 60 | notBreaching
  database_load | ticket | RDS DBLoad Average | > \${local.database_vcpus} | 15 of 15 x 60 | missing
  database_memory | ticket | RDS FreeableMemory Average | < \${((local.database_memory_gib * 1073741824) * 0.25)} | 15 of 15 x 60 | breaching
  database_read_latency | ticket | RDS ReadLatency p90 | > 0.02 | 5 of 5 x 60 | missing
  database_storage | ticket | RDS FreeStorageSpace Minimum | < \${((aws_db_instance.postgres.allocated_storage * 1073741824) * 0.1)} | 5 of 5 x 60 | breaching
  database_storage_full | page | RDS FreeStorageSpace Minimum | < \${((aws_db_instance.postgres.allocated_storage * 1073741824) * 0.05)} | 5 of 5 x 60 | missing
  database_throughput_balance | ticket | RDS EBSByteBalance% Average | < 10 | 3 of 3 x 60 | notBreaching
  database_transaction_ids | ticket | RDS MaximumUsedTransactionIDs Maximum | > 1000000000 | 1 of 1 x 60 | missing
  database_write_latency | ticket | RDS WriteLatency p90 | > 0.02 | 5 of 5 x 60 | missing
  load_balancer_rejections | ticket | ApplicationELB RejectedConnectionCount Sum | > 0 | 3 of 5 x 60 | notBreaching
  log_archive_behind | ticket | Firehose DeliveryToS3.DataFreshness Maximum | > 1800 | 3 of 3 x 300 | notBreaching
  log_archive_far_behind | page | Firehose DeliveryToS3.DataFreshness Maximum | > 43200 | 1 of 1 x 3600 | notBreaching
  log_archive_refused | ticket | Firehose DeliveryToS3.Success Average | < 1 | 2 of 2 x 900 | notBreaching
  log_archive_throttled | ticket | Firehose ThrottledRecords Sum | > 0 | 3 of 3 x 300 | notBreaching
  log_archive_unfed | ticket | IF(FILL(api, 0) + FILL(ecs, 0) + FILL(migrations, 0) + FILL(bootstrap_database, 0) + FILL(custody, 0) + FILL(verify_custody, 0) > 0 AND FILL(archive, 0) == 0, 1, 0) | >= 1 | 3 of 3 x 300 | notBreaching
  log_archive_unreadable | ticket | Firehose OutputDecompressedRecords.Failed Sum | > 0 | 1 of 1 x 300 | notBreaching
  log_store_cpu | ticket | ES CPUUtilization Maximum | >= 80 | 3 of 3 x 900 | missing
  log_store_heap | ticket | ES JVMMemoryPressure Maximum | >= 95 | 3 of 3 x 60 | missing
  log_store_leader | ticket | ES MasterReachableFromNode Maximum | < 1 | 5 of 5 x 60 | breaching
  log_store_master_cpu | ticket | ES MasterCPUUtilization Maximum | >= 50 | 3 of 3 x 900 | missing
  log_store_master_heap | ticket | ES MasterJVMMemoryPressure Maximum | >= 95 | 3 of 3 x 60 | missing
  log_store_master_old_heap | ticket | ES MasterOldGenJVMMemoryPressure Maximum | >= 80 | 3 of 3 x 60 | missing
  log_store_nodes | ticket | ES Nodes Minimum | < \${(var.elasticsearch_instance_count + 3)} | 1 of 1 x 86400 | missing
  log_store_old_heap | ticket | ES OldGenJVMMemoryPressure Maximum | >= 80 | 3 of 3 x 60 | missing
  log_store_red | ticket | ES ClusterStatus.red Maximum | >= 1 | 1 of 1 x 60 | missing
  log_store_search_queue | ticket | ES ThreadpoolSearchQueue Average | >= 500 | 1 of 1 x 60 | missing
  log_store_searches_rejected | ticket | DIFF(m1) | >= 1 | 1 of 1 x 60 | missing
  log_store_shards | ticket | ES Shards.active Maximum | > \${(var.elasticsearch_instance_count * 800)} | 1 of 1 x 60 | missing
  log_store_snapshots | ticket | ES AutomatedSnapshotFailure Maximum | >= 1 | 1 of 1 x 60 | missing
  log_store_storage | ticket | ES FreeStorageSpace Minimum | <= \${(var.elasticsearch_volume_size * 256)} | 1 of 1 x 60 | missing
  log_store_write_queue | ticket | ES ThreadpoolWriteQueue Average | >= 100 | 1 of 1 x 60 | missing
  log_store_writes_blocked | ticket | ES ClusterIndexWritesBlocked Maximum | >= 1 | 1 of 1 x 300 | missing
  log_store_writes_rejected | ticket | DIFF(m1) | >= 1 | 1 of 1 x 60 | missing
  log_store_yellow | ticket | ES ClusterStatus.yellow Maximum | >= 1 | 5 of 5 x 60 | missing
  log_stream_behind | ticket | Kinesis GetRecords.IteratorAgeMilliseconds Maximum | > 900000 | 3 of 3 x 300 | breaching
  log_stream_far_behind | page | Kinesis GetRecords.IteratorAgeMilliseconds Maximum | > 43200000 | 12 of 12 x 3600 | breaching
  log_stream_throttled | ticket | Kinesis WriteProvisionedThroughputExceeded Sum | > 0 | 3 of 3 x 300 | notBreaching
  log_stream_unfed | ticket | IF(FILL(api, 0) + FILL(ecs, 0) > 0 AND FILL(stream, 0) == 0, 1, 0) | >= 1 | 3 of 3 x 300 | notBreaching
  logstash_cpu | ticket | ECS CPUUtilization Average | > 80 | 5 of 5 x 60 | missing
  logstash_memory | ticket | ECS MemoryUtilization Average | > 80 | 5 of 5 x 60 | missing
  logstash_refused_documents | ticket | skymanuals LogstashRefusedDocuments Sum | >= 1 | 1 of 1 x 300 | notBreaching
  logstash_tasks | ticket | ContainerInsights RunningTaskCount Minimum | < 1 | 15 of 15 x 60 | breaching
  nat_drops | ticket | 100 * SUM([drops1, drops2, drops3]) / SUM([out1, out2, out3, in1, in2, in3]) | > 0.01 | 5 of 5 x 60 | missing
  nat_ports | ticket | SUM([errors1, errors2, errors3]) | > 0 | 15 of 15 x 60 | missing
  origin_certificate | ticket | CertificateManager DaysToExpiry Minimum | <= 44 | 1 of 1 x 86400 | breaching
  page_alerts_failed | ticket | SNS NumberOfNotificationsFailed Sum | > 0 | 1 of 5 x 60 | notBreaching
  reconcile_custody_errors | ticket | Lambda Errors Sum | >= 1 | 1 of 1 x 300 | notBreaching
  reconcile_custody_missing | ticket | FILL(m1, 0) | < 1 | 48 of 48 x 3600 | breaching
  ticket_alerts_failed | page | SNS NumberOfNotificationsFailed Sum | > 0 | 1 of 5 x 60 | notBreaching
  verify_custody_duration | ticket | Lambda Duration p90 | > 720000 | 1 of 1 x 3600 | notBreaching
  verify_custody_errors | page | Lambda Errors Sum | >= 1 | 1 of 1 x 300 | notBreaching
  verify_custody_missing | ticket | FILL(m1, 0) | < 1 | 26 of 26 x 3600 | breaching
  viewer_certificate | ticket | CertificateManager DaysToExpiry Minimum | <= 44 | 1 of 1 x 86400 | breaching
  waf_blocked | ticket | IF(blocked > 100, 100 * blocked / (blocked + FILL(allowed, 0)), 0) | > 20 | 3 of 3 x 300 | notBreaching
`;

test("every alarm of production", () => {
  expect(stack.resources("aws_cloudwatch_metric_alarm").map(inALine).sort()).toEqual(
    productions
      .trim()
      .split("\n")
      .map((line) => line.trim()),
  );
});

function alarm(label: string, of: Synthesized = stack): Block {
  return of.resource(`aws_cloudwatch_metric_alarm.${label}`);
}

/** The dimensions of an alarm's metrics, each once. */
function dimensions(label: string, of: Synthesized = stack): unknown[] {
  const config = alarm(label, of);
  const metrics = ((config.metric_query ?? [{ metric: config }]) as readonly Block[]).flatMap(
    ({ metric }) => metric ?? [],
  );
  return [...new Set(metrics.map((metric) => JSON.stringify((metric as Block).dimensions)))].map((text) =>
    JSON.parse(text),
  );
}

test.each([
  ["api_unanswered", [{ LoadBalancer: "${aws_lb.main.arn_suffix}" }]],
  ["api_errors", [{ LoadBalancer: "${aws_lb.main.arn_suffix}", TargetGroup: "${aws_lb_target_group.api.arn_suffix}" }]],
  ["cloudfront_errors", [{ DistributionId: "${aws_cloudfront_distribution.skymanuals.id}", Region: "Global" }]],
  ["waf_blocked", [{ WebACL: "${aws_wafv2_web_acl.skymanuals.name}", Rule: "ALL" }]],
  // B19: without the cluster there is no data.
  ["api_cpu", [{ ClusterName: "${aws_ecs_cluster.skymanuals.name}", ServiceName: "${aws_ecs_service.api.name}" }]],
  [
    "logstash_tasks",
    [{ ClusterName: "${aws_ecs_cluster.skymanuals.name}", ServiceName: "${aws_ecs_service.logstash.name}" }],
  ],
  ["database_cpu", [{ DBInstanceIdentifier: "${aws_db_instance.postgres.identifier}" }]],
  [
    "cache_memory",
    [
      { CacheClusterId: "${aws_elasticache_replication_group.redis.replication_group_id}-001" },
      { CacheClusterId: "${aws_elasticache_replication_group.redis.replication_group_id}-002" },
    ],
  ],
  [
    "log_store_red",
    [
      {
        DomainName: "${aws_elasticsearch_domain.skymanuals.domain_name}",
        ClientId: "${data.aws_caller_identity.current.account_id}",
      },
    ],
  ],
  [
    "nat_drops",
    [0, 1, 2].map((index) => ({ NatGatewayId: `\${element(aws_nat_gateway.skymanuals[*].id, ${index})}` })),
  ],
  ["viewer_certificate", [{ CertificateArn: "${aws_acm_certificate_validation.viewer.certificate_arn}" }]],
  ["backup_failed", [{ BackupVaultName: "${aws_backup_vault.backups.name}" }]],
  ["backup_restore_failed", [{ BackupVaultName: "${aws_backup_vault.backups.name}" }]],
  ["page_alerts_failed", [{ TopicName: "${aws_sns_topic.page_alerts.name}" }]],
])("%s watches its resource", (label, expected) => {
  expect(dimensions(label)).toEqual(expected);
});

test("users are affected: one page for four tickets", () => {
  const named = ["api_down", "api_unanswered", "api_errors", "api_slow"].map(
    (label) => `ALARM("\${aws_cloudwatch_metric_alarm.${label}.alarm_name}")`,
  );
  expect(stack.resource("aws_cloudwatch_composite_alarm.users_affected")).toMatchObject({
    alarm_name: "skymanuals-users-affected",
    alarm_rule: named.join(" OR "),
    alarm_actions: ["${aws_sns_topic.page_alerts.arn}"],
  });
});

test("what is slow is what the traces call slow", () => {
  expect(alarm("api_slow", synthesizeProduction({ tracing: { slowSeconds: 3 } }))).toMatchObject({
    threshold: 3,
    alarm_description: expect.stringContaining("more than 3 s"),
  });
});

test("errors and late answers stop a deployment of the API; a period without requests does not", () => {
  const { alarms, deployment_circuit_breaker } = stack.resource("aws_ecs_service.api");
  expect(deployment_circuit_breaker).toEqual({ enable: true, rollback: true });
  const labels = ["api_errors", "api_unanswered", "api_slow"];
  expect(alarms).toEqual({
    enable: true,
    rollback: true,
    alarm_names: labels.map((label) => `\${aws_cloudwatch_metric_alarm.${label}.alarm_name}`),
  });
  for (const label of labels) {
    expect(alarm(label).treat_missing_data).toBe("notBreaching");
  }
});

test("the load balancer that CloudFront uses is watched, not the one beside it", () => {
  const both = synthesizeProduction({ edge: { standby: true } });
  expect(dimensions("api_unanswered", both)).toEqual([{ LoadBalancer: "${aws_lb.main.arn_suffix}" }]);
  expect(dimensions("api_unanswered", synthesizePlatform(development))).toEqual([
    { LoadBalancer: "${aws_lb.internal.arn_suffix}" },
  ]);
});

test("as many tasks as always run, or as the window with the fewest has", () => {
  const windows = (minimum: number) => ({
    api: { scheduledScaling: [{ ...productionWindow, minimum, maximum: 16 }] },
  });
  expect(alarm("api_tasks", synthesizeProduction(windows(2))).threshold).toBe("${min(var.api_desired_count, 2)}");
  expect(alarm("api_tasks", synthesizeProduction({ api: { scheduledScaling: [] } })).threshold).toBe(
    "${var.api_desired_count}",
  );
});

const productionWindow = {
  name: "maintenance",
  start: "cron(45 3 ? * SUN *)",
  end: "cron(15 6 ? * SUN *)",
  timezone: "UTC",
};

test("each read replica has the database's alarms, with its paragraphs, and one on its lag", () => {
  const large = synthesizeProduction({ size: sizes.large });
  const labels = (beginning: string) =>
    large
      .resources("aws_cloudwatch_metric_alarm")
      .flatMap(({ label }) => (label.startsWith(beginning) ? [label.slice(beginning.length)] : []));
  const replicas = labels("database_reader_1_");
  const primarys = labels("database_").filter((label) => !label.startsWith("reader_"));
  expect([...primarys, "lag"].sort()).toEqual([...replicas].sort());
  expect(alarm("database_reader_1_lag", large)).toMatchObject({
    alarm_description: expect.stringMatching(/ Runbook: docs\/operations\.md#database-lag$/),
    metric_name: "ReplicaLag",
    dimensions: { DBInstanceIdentifier: "${aws_db_instance.postgres_reader_1.identifier}" },
    statistic: "Maximum",
    threshold: 60,
    evaluation_periods: 10,
    treat_missing_data: "breaching",
  });
  expect(alarm("database_reader_1_storage", large).threshold).toContain(
    "aws_db_instance.postgres_reader_1.allocated_storage",
  );
});

test("a domain without dedicated masters has no alarm on them, and as many nodes as data nodes", () => {
  const small = synthesizePlatform(development);
  const labels = small.resources("aws_cloudwatch_metric_alarm").map(({ label }) => label);
  expect(labels.filter((label) => label.startsWith("log_store_master"))).toEqual([]);
  expect(alarm("log_store_nodes", small).threshold).toBe("${var.elasticsearch_instance_count}");
});

describe("an environment of another region", () => {
  const europe = synthesizePlatform(
    changed(development, {
      region: "eu-central-1",
      zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    }),
  );

  test("what serves CloudFront is watched in us-east-1, and told to topics there", () => {
    for (const label of ["cloudfront_errors", "waf_blocked"]) {
      const { provider, alarm_actions } = alarm(label, europe);
      expect([provider, alarm_actions]).toEqual([
        "aws.us_east_1",
        [`\${aws_sns_topic.${label === "waf_blocked" ? "ticket" : "page"}_alerts_us_east_1.arn}`],
      ]);
    }
    expect(alarm("api_errors", europe)).not.toHaveProperty("provider");
  });

  test("the topics there are encrypted under a key that admits the alarms of us-east-1", () => {
    expect(europe.resource("aws_sns_topic.page_alerts_us_east_1")).toMatchObject({
      provider: "aws.us_east_1",
      kms_master_key_id: "${aws_kms_key.alerts_us_east_1.id}",
    });
    expect(europe.resource("aws_kms_key.alerts_us_east_1").provider).toBe("aws.us_east_1");
    for (const address of ["aws_kms_key.alerts_us_east_1", "aws_sns_topic_policy.page_alerts_us_east_1"]) {
      expect(europe.statement(address, "Alarms").Condition).toMatchObject({
        ArnLike: {
          "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:${data.aws_caller_identity.current.account_id}:alarm:*",
        },
      });
    }
    expect(europe.resource("aws_sns_topic_subscription.page_email_us_east_1")).toEqual({
      provider: "aws.us_east_1",
      topic_arn: "${aws_sns_topic.page_alerts_us_east_1.arn}",
      protocol: "email",
      endpoint: development.alerts.pageEmail,
    });
  });

  test("one of us-east-1 has one topic for each severity", () => {
    expect(stack.resources("aws_sns_topic")).toHaveLength(3);
    expect(alarm("cloudfront_errors")).toMatchObject({
      provider: "aws.us_east_1",
      alarm_actions: ["${aws_sns_topic.page_alerts.arn}"],
    });
  });
});

describe("thresholds that follow a Terraform variable", () => {
  /** What Terraform makes of expressions over a variable, for each of its values. */
  function evaluated(variable: string, values: readonly string[], expressions: Readonly<Record<string, unknown>>) {
    const folder = mkdtempSync(join(tmpdir(), "thresholds-"));
    try {
      const locals = (stack.json.locals ?? {}) as Readonly<Record<string, string>>;
      const inPlace = (text: unknown): string =>
        String(text)
          .replace(/^\$\{(.*)\}$/s, "($1)")
          .replace(/local\.(\w+)/g, (_, name: string) => inPlace(locals[name]))
          .replaceAll(`var.${variable}`, "value");
      const output = Object.fromEntries(
        Object.entries(expressions).map(([name, text]) => [
          name,
          { value: `\${[for value in ${JSON.stringify(values)} : ${inPlace(text)}]}` },
        ]),
      );
      writeFileSync(join(folder, "main.tf.json"), JSON.stringify({ output }));
      expect(terraform(folder, ["apply", "-auto-approve", "-no-color"])).toMatchObject({ status: 0 });
      const { stdout } = terraform(folder, ["output", "-json"]);
      return Object.fromEntries(
        Object.entries(JSON.parse(stdout) as Record<string, { value: number[] }>).map(([name, { value }]) => [
          name,
          value,
        ]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("of every database class: connections, memory and CPUs", () => {
    const thresholds = evaluated("database_instance_class", databaseClasses, {
      connections: alarm("database_connections").threshold,
      memory: alarm("database_memory").threshold,
      load: alarm("database_load").threshold,
    });
    expect(databaseClasses.length).toBeGreaterThan(150);
    expect(thresholds).toEqual({
      connections: databaseClasses.map((name) =>
        Math.floor(0.9 * databaseConnections(databaseClass(name)?.memoryGiB ?? 0)),
      ),
      memory: databaseClasses.map((name) => 0.25 * 2 ** 30 * (databaseClass(name)?.memoryGiB ?? 0)),
      load: databaseClasses.map((name) => databaseClass(name)?.vcpus),
    });
  });

  test("of every cache node type: the CPU that one thread can use", () => {
    const { cpu } = evaluated("redis_node_type", redisNodeTypes, { cpu: alarm("cache_cpu").threshold });
    const found = Object.fromEntries(redisNodeTypes.map((type, index) => [type, cpu?.[index]]));
    expect(found).toMatchObject({
      "cache.t2.micro": 90,
      "cache.t2.medium": 45,
      "cache.t3.micro": 45,
      "cache.t4g.medium": 45,
      "cache.r5.large": 45,
      "cache.r5.xlarge": 90,
      "cache.m6g.16xlarge": 90,
    });
    expect(Object.values(found).every((threshold) => threshold === 45 || threshold === 90)).toBe(true);
  });
});
