import { at } from "../blocks";
import type { Block, Resource, Synthesized } from "../synth";
import { configures, every, type Invariant } from "./invariant";

/** What stores data, and how it is seen to be encrypted at rest. */
const encrypted: Readonly<Record<string, (resource: Resource, stack: Synthesized) => boolean>> = {
  aws_backup_vault: ({ config }) => Boolean(config.kms_key_arn),
  // Its log files, under the trail's own key.
  aws_cloudtrail: ({ config }) => /^\$\{aws_kms_key\.\w+\.arn\}$/.test(String(config.kms_key_id)),
  aws_db_instance: ({ config }) => config.storage_encrypted === true,
  aws_db_instance_automated_backups_replication: ({ config }) => Boolean(config.kms_key_id),
  aws_elasticache_replication_group: ({ config }) => config.at_rest_encryption_enabled === "true",
  aws_elasticsearch_domain: ({ config }) => at(config, "encrypt_at_rest.enabled") === true,
  aws_athena_workgroup: ({ config }) =>
    Boolean(
      at(config, "configuration.enforce_workgroup_configuration") &&
        at(config, "configuration.result_configuration.encryption_configuration.encryption_option"),
    ),
  aws_kinesis_firehose_delivery_stream: ({ config }) => at(config, "server_side_encryption.enabled") === true,
  aws_kinesis_stream: ({ config }) => config.encryption_type === "KMS" && Boolean(config.kms_key_id),
  aws_kms_key: ({ config }) => config.enable_key_rotation === true,
  aws_s3_bucket: (bucket, stack) =>
    configures(stack, "aws_s3_bucket_server_side_encryption_configuration", bucket, (config) =>
      ["AES256", "aws:kms"].includes(
        String(at(config, "rule.0.apply_server_side_encryption_by_default.sse_algorithm")),
      ),
    ),
  aws_sqs_queue: ({ config }) => config.sqs_managed_sse_enabled === true || Boolean(config.kms_master_key_id),
  // AWS encrypts these always, with a key of its own unless another is named.
  aws_cloudwatch_log_group: () => true,
  aws_dynamodb_table: () => true,
  aws_ecr_repository: () => true,
  aws_lambda_function: () => true,
  aws_secretsmanager_secret: () => true,
  // Parameters that are no secrets.
  aws_ssm_parameter: ({ config }) => config.type === "String" && "insecure_value" in config,
  aws_secretsmanager_secret_version: () => true,
  // CloudWatch cannot publish under the AWS-managed key.
  aws_sns_topic: ({ config }) => Boolean(config.kms_master_key_id) && config.kms_master_key_id !== "alias/aws/sns",
};

/** What stores nothing. */
const storesNothing = new Set([
  "aws_acm_certificate",
  "aws_acm_certificate_validation",
  "aws_appautoscaling_policy",
  "aws_appautoscaling_scheduled_action",
  "aws_appautoscaling_target",
  "aws_athena_named_query",
  "aws_backup_plan",
  "aws_backup_restore_testing_plan",
  "aws_backup_restore_testing_selection",
  "aws_backup_selection",
  "aws_backup_vault_lock_configuration",
  "aws_backup_vault_policy",
  "aws_budgets_budget",
  "aws_ce_anomaly_monitor",
  "aws_ce_anomaly_subscription",
  "aws_cloudfront_distribution",
  "aws_cloudwatch_composite_alarm",
  "aws_cloudwatch_dashboard",
  "aws_cloudwatch_log_delivery",
  "aws_cloudfront_vpc_origin",
  "aws_cloudwatch_log_delivery_destination",
  "aws_cloudwatch_log_delivery_source",
  "aws_cloudwatch_log_metric_filter",
  "aws_cloudwatch_log_resource_policy",
  "aws_cloudwatch_log_stream",
  "aws_cloudwatch_log_subscription_filter",
  "aws_cloudwatch_metric_alarm",
  "aws_cloudwatch_query_definition",
  "aws_db_parameter_group",
  "aws_db_subnet_group",
  "aws_default_security_group",
  "aws_ecr_lifecycle_policy",
  "aws_ecs_cluster",
  "aws_ecs_cluster_capacity_providers",
  "aws_ecs_service",
  "aws_ecs_task_definition",
  "aws_eip",
  "aws_elasticache_subnet_group",
  "aws_flow_log",
  "aws_glue_catalog_database",
  "aws_glue_catalog_table",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_iam_role_policy_attachment",
  "aws_iam_service_linked_role",
  "aws_internet_gateway",
  "aws_kms_alias",
  "aws_lambda_event_source_mapping",
  "aws_lambda_invocation",
  "aws_lb",
  "aws_lb_listener",
  "aws_lb_listener_rule",
  "aws_lb_target_group",
  "aws_nat_gateway",
  "aws_route53_record",
  "aws_route53_zone",
  "aws_route_table",
  "aws_route_table_association",
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_logging",
  "aws_s3_bucket_notification",
  "aws_s3_bucket_object_lock_configuration",
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_replication_configuration",
  "aws_s3_bucket_versioning",
  "aws_scheduler_schedule",
  "aws_security_group",
  "aws_sns_topic_policy",
  "aws_sns_topic_subscription",
  "aws_sqs_queue_policy",
  "aws_sqs_queue_redrive_allow_policy",
  "aws_subnet",
  "aws_vpc",
  "aws_vpc_endpoint",
  "aws_wafv2_ip_set",
  "aws_wafv2_web_acl",
  "aws_wafv2_web_acl_logging_configuration",
  "aws_xray_group",
  "aws_xray_sampling_rule",
  "terraform_data",
  "aws_accessanalyzer_analyzer",
  "aws_cloudwatch_event_rule",
  "aws_cloudwatch_event_target",
  "aws_config_configuration_recorder",
  "aws_config_configuration_recorder_status",
  "aws_config_conformance_pack",
  "aws_config_delivery_channel",
  "aws_config_retention_configuration",
  "aws_ebs_encryption_by_default",
  "aws_guardduty_detector",
  "aws_guardduty_detector_feature",
  "aws_iam_account_password_policy",
  "aws_s3_account_public_access_block",
  "aws_securityhub_account",
  "aws_securityhub_standards_subscription",
]);

export const dataIsEncryptedAtRest: Invariant = (stack) =>
  stack.resources().flatMap((resource) => {
    const isEncrypted = encrypted[resource.type];
    if (isEncrypted) {
      return isEncrypted(resource, stack) ? [] : [`${resource.address}: not encrypted at rest`];
    }
    return storesNothing.has(resource.type)
      ? []
      : [`${resource.address}: add its type to the stores, with its encryption argument, or to what stores nothing`];
  });

export const dataIsEncryptedInTransit: Invariant = (stack) => [
  ...every(stack, ["aws_elasticache_replication_group"], "takes plain connections", ({ config }) =>
    Boolean(config.transit_encryption_enabled && String(config.auth_token).startsWith("${")),
  ),
  ...every(stack, ["aws_elasticsearch_domain"], "takes plain connections", ({ config }) =>
    Boolean(
      at(config, "domain_endpoint_options.enforce_https") &&
        at(config, "node_to_node_encryption.enabled") &&
        // With forward secrecy.
        String(at(config, "domain_endpoint_options.tls_security_policy")).startsWith("Policy-Min-TLS-1-2-PFS"),
    ),
  ),
  ...every(stack, ["aws_db_parameter_group"], "lets clients in without TLS", ({ config }) =>
    (config.parameter as Block[]).some(({ name, value }) => name === "rds.force_ssl" && value === "1"),
  ),
  ...every(stack, ["aws_db_instance"], "has not this stack's parameters", ({ config }) =>
    /^\$\{aws_db_parameter_group\.\w+\.name\}$/.test(String(config.parameter_group_name)),
  ),
  ...every(stack, ["aws_cloudfront_distribution"], "answers plain HTTP", ({ config }) =>
    [config.default_cache_behavior, ...((config.ordered_cache_behavior as Block[]) ?? [])].every((behavior) =>
      ["redirect-to-https", "https-only"].includes(String(at(behavior, "viewer_protocol_policy"))),
    ),
  ),
];
