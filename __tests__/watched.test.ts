import { development } from "../environments/development";
import { sizes } from "../environments/sizes";
import { changed, synthesizeAccounts, synthesizeEnvironments, synthesizeProduction } from "./support/environments";
import { type Resource, type Synthesized, synthesizePlatform } from "./support/synth";

/** Resources that no alarm watches, by address (for each environment) or by type, with the reason. */
const unwatched: Readonly<Record<string, string>> = {
  "aws_lambda_function.bootstrap_database": "runs in an apply, which fails where it does",
  "aws_lambda_function.bootstrap_elasticsearch": "runs in an apply, which fails where it does",
  "aws_lambda_function.check_redis": "runs in an apply, which fails where it does",
  "aws_sns_topic.findings":
    "no other topic of the account could tell of it; docs/account.md has the test event that shows that it arrives",
  aws_accessanalyzer_analyzer: "its findings are told; its deletion too",
  aws_acm_certificate_validation: "the certificate is watched",
  aws_appautoscaling_policy: "the service's CPU, memory and tasks are watched",
  aws_appautoscaling_scheduled_action: "the service's tasks are watched",
  aws_appautoscaling_target: "the service's tasks are watched",
  aws_athena_named_query: "a setting",
  aws_athena_workgroup: "who asks sees the answer",
  aws_backup_plan: "its jobs are counted by their vault, which is watched",
  aws_backup_restore_testing_plan: "its jobs are counted by their vault, which is watched",
  aws_backup_restore_testing_selection: "a setting",
  aws_backup_selection: "a setting",
  aws_backup_vault: "its jobs are watched where they begin: backup_failed, and in the other region backup_copy_failed",
  aws_backup_vault_lock_configuration: "a setting",
  aws_backup_vault_policy: "a setting",
  aws_budgets_budget: "sends its own e-mails",
  aws_ce_anomaly_monitor: "sends its own e-mails",
  aws_ce_anomaly_subscription: "sends its own e-mails",
  aws_cloudfront_vpc_origin: "CloudFront's errors are watched",
  aws_cloudtrail: "has no metric of its deliveries; what stops or changes it is told by the rule governance_changed",
  aws_cloudwatch_composite_alarm: "an alarm",
  aws_cloudwatch_dashboard: "shows",
  aws_cloudwatch_event_rule: "what it matches is rare; that it still works is seen by a test event (docs/account.md)",
  aws_cloudwatch_event_target: "the rule's",
  aws_cloudwatch_log_delivery: "an access log: read after the fact",
  aws_cloudwatch_log_delivery_destination: "an access log: read after the fact",
  aws_cloudwatch_log_delivery_source: "an access log: read after the fact",
  aws_cloudwatch_log_group: "what is written to it is watched by metric filters, where somebody must act on it",
  aws_cloudwatch_log_resource_policy: "a setting",
  aws_cloudwatch_log_stream: "what Firehose writes about its failures, which are watched",
  aws_cloudwatch_log_subscription_filter: "what comes into the log groups and out into their streams is watched",
  aws_cloudwatch_metric_alarm: "an alarm",
  aws_cloudwatch_query_definition: "a setting",
  aws_db_instance_automated_backups_replication:
    "RDS has no metric and no event of how far the copied backups are: the rehearsal reads it",
  aws_config_configuration_recorder: "has no metric; what stops or changes it is told by the rule governance_changed",
  aws_config_configuration_recorder_status: "a setting; its change is told by the rule governance_changed",
  aws_config_conformance_pack: "a setting: what its rules find is read after the fact",
  aws_config_delivery_channel: "its change is told by the rule governance_changed",
  aws_config_retention_configuration: "a setting; its change is told by the rule governance_changed",
  aws_db_parameter_group: "a setting",
  aws_db_subnet_group: "a setting",
  aws_default_security_group: "a setting",
  aws_dynamodb_table: "without its position Logstash does not read, and its age in the stream is watched",
  aws_ebs_encryption_by_default: "a setting, which Security Hub checks",
  aws_ecr_lifecycle_policy: "a setting",
  aws_ecr_repository: "an image that cannot be pulled keeps tasks from starting, which are watched",
  aws_ecs_cluster_capacity_providers: "a setting",
  aws_ecs_task_definition: "the services that run it are watched; migrations are waited for by the release",
  aws_eip: "the NAT gateway is watched",
  aws_elasticache_subnet_group: "a setting",
  aws_flow_log: "read after the fact",
  aws_glue_catalog_database: "a setting",
  aws_glue_catalog_table: "a setting",
  aws_guardduty_detector: "its findings are told; its change too",
  aws_guardduty_detector_feature: "a setting; its change is told by the rule governance_changed",
  aws_iam_account_password_policy: "a setting, which Security Hub checks",
  aws_iam_role: "a setting",
  aws_iam_role_policy: "a setting",
  aws_iam_role_policy_attachment: "a setting",
  aws_iam_service_linked_role: "a setting",
  aws_internet_gateway: "has no metrics; AWS keeps it available",
  aws_kms_alias: "a name",
  aws_kms_key: "has no metric of use; a message that cannot be encrypted is one that reaches nobody, which is watched",
  aws_lambda_event_source_mapping: "the age of the queue's messages is watched",
  aws_lambda_invocation: "runs in an apply, which fails where it does",
  aws_lb_listener: "the load balancer is watched",
  aws_lb_listener_rule: "the load balancer is watched",
  aws_route53_record: "AWS keeps it available; records of ours are no metric",
  aws_route53_zone: "AWS keeps it available",
  aws_route_table: "a setting",
  aws_route_table_association: "a setting",
  aws_s3_account_public_access_block: "a setting, which Security Hub checks",
  aws_s3_bucket:
    "5xxErrors are among the request metrics, which cost a charge for each bucket and metric; the API's errors and the age of the custody queue show a bucket that does not answer. What is copied to another region is watched by its rule",
  aws_s3_bucket_lifecycle_configuration: "a setting",
  aws_s3_bucket_logging: "an access log: read after the fact",
  aws_s3_bucket_notification: "a setting: verification counts what was recorded",
  aws_s3_bucket_object_lock_configuration: "a setting",
  aws_s3_bucket_ownership_controls: "a setting",
  aws_s3_bucket_policy: "a setting",
  aws_s3_bucket_public_access_block: "a setting",
  aws_s3_bucket_replication_configuration: "the metrics of its rule are watched, by the names of the two buckets",
  aws_s3_bucket_server_side_encryption_configuration: "a setting",
  aws_s3_bucket_versioning: "a setting",
  aws_scheduler_schedule: "what it starts is watched: verify_custody_missing",
  aws_secretsmanager_secret: "a secret that cannot be read keeps tasks from starting, which are watched",
  aws_secretsmanager_secret_version: "a value",
  aws_security_group: "a setting",
  aws_securityhub_account: "its findings are told; its end too",
  aws_securityhub_standards_subscription: "a setting; its end is told by the rule governance_changed",
  aws_sns_topic_policy: "a setting",
  aws_sns_topic_subscription: "messages that reach nobody are watched at the topic",
  aws_sqs_queue_policy: "a setting",
  aws_sqs_queue_redrive_allow_policy: "a setting",
  aws_ssm_parameter: "a value",
  aws_subnet: "a setting",
  aws_vpc: "a setting",
  aws_vpc_endpoint: "what does not reach AWS fails in the tasks and functions, which are watched",
  aws_wafv2_ip_set: "a setting",
  aws_wafv2_web_acl_logging_configuration: "read after the fact",
  aws_xray_group: "read after the fact",
  aws_xray_sampling_rule: "a setting",
  terraform_data: "a value",
};

/** What watches in another way than by a reference in an alarm's metrics. */
const byName: Readonly<Record<string, (resource: Resource, metrics: string) => boolean>> = {
  aws_acm_certificate: ({ label }, metrics) => metrics.includes(`aws_acm_certificate_validation.${label}.`),
  aws_cloudwatch_log_metric_filter: ({ config }, metrics) => {
    const { name } = config.metric_transformation as { readonly name: string };
    return metrics.includes(`"metric_name":"${name}"`);
  },
};

/** The addresses that nothing watches and no line explains. */
function forgotten(stack: Synthesized): string[] {
  const metrics = JSON.stringify(
    stack.resources("aws_cloudwatch_metric_alarm").map(({ config: { metric_query, dimensions, metric_name } }) => ({
      metric_query,
      dimensions,
      metric_name,
    })),
  );
  const standby = stack.resources("aws_lb").length > 1;
  return stack.resources().flatMap((resource) => {
    const { address, type } = resource;
    const watched =
      byName[type]?.(resource, metrics) ||
      metrics.includes(`\${${address}.`) ||
      metrics.includes(`(${address}[*]`) ||
      // The one that CloudFront does not use serves nobody.
      (standby && ["aws_lb", "aws_lb_target_group"].includes(type));
    return watched || unwatched[address] || unwatched[type] ? [] : [`${stack.name}: ${address}`];
  });
}

const stacks = [
  ...synthesizeEnvironments(),
  synthesizeProduction({ size: sizes.large, edge: { standby: true } }),
  synthesizeProduction({ network: { allowedIps: ["203.0.113.0/24"] }, edge: { restrictToAllowedIps: true } }),
  synthesizePlatform(
    changed(development, { region: "eu-central-1", zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }),
  ),
  ...synthesizeAccounts(),
];

test.each(stacks.map((stack) => [stack.name, stack] as const))(
  "%s: every resource has an alarm, or a reason why it has none",
  (_, stack) => {
    expect(forgotten(stack)).toEqual([]);
  },
);

test("no line of the list is of something that is watched, or that no stack has", () => {
  const all = stacks.flatMap((stack) => stack.resources());
  const unknown = Object.keys(unwatched).filter(
    (line) => !all.some(({ address, type }) => [address, type].includes(line)),
  );
  expect(unknown).toEqual([]);
});

/** What AWS and the field recommend (the sources stand at the alarms), with our alarm, or the reason why there is none. */
const recommended: readonly (readonly [metric: string, answer: string])[] = [
  ["CloudFront 5xxErrorRate", "cloudfront_errors"],
  ["CloudFront OriginLatency", "-: a metric that is charged for; api_slow measures nearly the same"],
  ["ApplicationELB share of 2xx and 3xx", "-: the rest of the shares of errors, and missing in a quiet night"],
  ["ApplicationELB HTTPCode_Target_5XX_Count", "api_errors"],
  ["ApplicationELB HTTPCode_ELB_5XX_Count", "api_unanswered"],
  ["ApplicationELB HTTPCode_Target_4XX_Count", "api_refusals"],
  ["ApplicationELB HTTPCode_ELB_4XX_Count", "-: refuses what did not come through CloudFront"],
  ["ApplicationELB HealthyHostCount", "api_down"],
  ["ApplicationELB UnHealthyHostCount", "api_unhealthy_tasks"],
  ["ApplicationELB TargetConnectionErrorCount", "api_connection_errors"],
  ["ApplicationELB RejectedConnectionCount", "load_balancer_rejections"],
  ["ApplicationELB TargetResponseTime", "api_slow"],
  ["WAFV2 BlockedRequests", "waf_blocked"],
  ["ECS CPUUtilization", "api_cpu"],
  ["ECS MemoryUtilization", "api_memory"],
  ["ContainerInsights RunningTaskCount", "api_tasks"],
  ["ContainerInsights TaskCpuUtilization", "-: enhanced observability only"],
  ["ContainerInsights TaskMemoryUtilization", "-: enhanced observability only"],
  ["ContainerInsights ContainerCpuUtilization", "-: enhanced observability only"],
  ["ContainerInsights ContainerMemoryUtilization", "-: enhanced observability only"],
  ["ContainerInsights TaskEphemeralStorageUtilization", "-: tasks keep nothing"],
  ["RDS CPUUtilization", "database_cpu"],
  ["RDS DatabaseConnections", "database_connections"],
  ["RDS FreeStorageSpace", "database_storage"],
  ["RDS FreeableMemory", "database_memory"],
  ["RDS DBLoad", "database_load"],
  ["RDS MaximumUsedTransactionIDs", "database_transaction_ids"],
  ["RDS ReadLatency", "database_read_latency"],
  ["RDS WriteLatency", "database_write_latency"],
  ["RDS EBSByteBalance%", "database_throughput_balance"],
  ["RDS EBSIOBalance%", "database_io_balance"],
  ["RDS ReplicaLag", "database_reader_1_lag"],
  ["ElastiCache EngineCPUUtilization", "cache_engine_cpu"],
  ["ElastiCache CPUUtilization", "cache_cpu"],
  ["ElastiCache DatabaseMemoryUsagePercentage", "cache_memory"],
  ["ElastiCache CurrConnections", "cache_connections"],
  ["ElastiCache ReplicationLag", "cache_replication_lag"],
  ["ElastiCache Evictions", "cache_evictions"],
  ["ElastiCache SwapUsage", "-: the share of maxmemory comes before it"],
  ["ElastiCache FreeableMemory", "-: the share of maxmemory follows the node type by itself"],
  ["ES ClusterStatus.red", "log_store_red"],
  ["ES ClusterStatus.yellow", "log_store_yellow"],
  ["ES FreeStorageSpace", "log_store_storage"],
  ["ES ClusterIndexWritesBlocked", "log_store_writes_blocked"],
  ["ES AutomatedSnapshotFailure", "log_store_snapshots"],
  ["ES Nodes", "log_store_nodes"],
  ["ES MasterReachableFromNode", "log_store_leader"],
  ["ES CPUUtilization", "log_store_cpu"],
  ["ES MasterCPUUtilization", "log_store_master_cpu"],
  ["ES JVMMemoryPressure", "log_store_heap"],
  ["ES OldGenJVMMemoryPressure", "log_store_old_heap"],
  ["ES MasterJVMMemoryPressure", "log_store_master_heap"],
  ["ES MasterOldGenJVMMemoryPressure", "log_store_master_old_heap"],
  ["ES KMSKeyError", "-: the key is AWS's own, which nobody can disable"],
  ["ES KMSKeyInaccessible", "-: the key is AWS's own, which nobody can disable"],
  ["ES ThreadpoolWriteRejected", "log_store_writes_rejected"],
  ["ES ThreadpoolSearchRejected", "log_store_searches_rejected"],
  ["ES ThreadpoolWriteQueue", "log_store_write_queue"],
  ["ES ThreadpoolSearchQueue", "log_store_search_queue"],
  ["ES Shards.active", "log_store_shards"],
  ["SQS ApproximateAgeOfOldestMessage", "custody_age"],
  ["SQS ApproximateNumberOfMessagesVisible", "custody_dead_letters"],
  ["Firehose DeliveryToS3.DataFreshness", "log_archive_behind"],
  ["Firehose ThrottledRecords", "log_archive_throttled"],
  ["Firehose IncomingBytes against BytesPerSecondLimit", "-: refused records are watched, and sent again for a day"],
  ["Lambda Errors", "custody_errors"],
  ["Lambda Throttles", "custody_throttles"],
  ["Lambda Duration", "custody_duration"],
  ["Lambda ClaimedAccountConcurrency", "-: the account's; these functions run at most two at once"],
  ["NATGateway ErrorPortAllocation", "nat_ports"],
  ["NATGateway PacketsDropCount", "nat_drops"],
  ["CertificateManager DaysToExpiry", "viewer_certificate"],
  ["S3 OperationsFailedReplication", "-: no bucket is replicated"],
  ["S3 5xxErrors", "-: a request metric, which is charged for; the API's errors show it"],
  ["SNS NumberOfNotificationsFailed", "page_alerts_failed"],
  ["SNS NumberOfNotificationsRedrivenToDlq", "-: e-mail has no dead-letter queue"],
  [
    "Route53 HealthCheckStatus",
    "-: no health check: CloudFront's and the load balancer's metrics are those of real users",
  ],
];

const large = synthesizeProduction({ size: sizes.large });

test.each(recommended.filter(([, answer]) => !answer.startsWith("-")))("%s: %s", (metric, label) => {
  const [namespace, name] = metric.split(" ");
  const text = JSON.stringify(large.resource(`aws_cloudwatch_metric_alarm.${label}`));
  expect(text).toMatch(new RegExp(`"namespace":"(?:AWS|ECS)/${namespace}"`));
  expect(text).toContain(`"metric_name":"${name}"`);
});
