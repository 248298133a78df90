import { at } from "../blocks";
import type { Block } from "../synth";
import type { Invariant } from "./invariant";

/** Types that AWS gives no tags, or whose tags its provider does not manage. */
const untaggable = new Set([
  "aws_acm_certificate_validation",
  "aws_appautoscaling_policy",
  "aws_appautoscaling_scheduled_action",
  "aws_athena_named_query",
  "aws_backup_restore_testing_selection",
  "aws_backup_selection",
  "aws_backup_vault_lock_configuration",
  "aws_backup_vault_policy",
  "aws_cloudwatch_dashboard",
  "aws_cloudwatch_event_target",
  "aws_cloudwatch_log_metric_filter",
  "aws_cloudwatch_log_resource_policy",
  "aws_cloudwatch_log_stream",
  "aws_cloudwatch_log_subscription_filter",
  "aws_db_instance_automated_backups_replication",
  "aws_cloudwatch_query_definition",
  "aws_config_configuration_recorder",
  "aws_config_configuration_recorder_status",
  "aws_config_conformance_pack",
  "aws_config_delivery_channel",
  "aws_config_retention_configuration",
  "aws_ebs_encryption_by_default",
  "aws_ecr_lifecycle_policy",
  "aws_ecs_cluster_capacity_providers",
  "aws_glue_catalog_table",
  "aws_guardduty_detector_feature",
  "aws_iam_account_password_policy",
  "aws_iam_role_policy",
  "aws_iam_role_policy_attachment",
  "aws_kms_alias",
  "aws_lambda_invocation",
  "aws_route53_record",
  "aws_route_table_association",
  "aws_s3_account_public_access_block",
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_logging",
  "aws_s3_bucket_notification",
  "aws_s3_bucket_object_lock_configuration",
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_replication_configuration",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_versioning",
  "aws_scheduler_schedule",
  "aws_secretsmanager_secret_version",
  "aws_securityhub_account",
  "aws_securityhub_standards_subscription",
  "aws_sns_topic_policy",
  "aws_sns_topic_subscription",
  "aws_sqs_queue_policy",
  "aws_sqs_queue_redrive_allow_policy",
  "aws_wafv2_web_acl_logging_configuration",
  "terraform_data",
]);

/** Documented without tags of their own, or named by AWS: the provider's default tags are all they have. */
const withoutNameTag = new Set([
  "aws_elasticache_subnet_group.skymanuals",
  "aws_iam_service_linked_role.config",
  "aws_iam_service_linked_role.elasticsearch",
  "aws_security_group.rds",
  "aws_security_group.redis",
]);

export const everythingIsTagged: Invariant = (stack) => {
  const providers = at(stack.json, "provider.aws") as Block[];
  const required = stack.json.variable ? ["Project", "Environment", "ManagedBy"] : ["Project", "ManagedBy"];
  const untagged = providers
    .filter((provider) => required.some((tag) => !at(provider, `default_tags.0.tags.${tag}`)))
    .map((provider) => `provider aws ${provider.alias ?? ""}: no default tags ${required.join(", ")}`);
  const unnamed = stack
    .resources()
    .filter(({ type, address, config }) => {
      return !untaggable.has(type) && !withoutNameTag.has(address) && !at(config, "tags.Name");
    })
    .map(({ address }) => `${address}: no tag Name`);
  return [...untagged, ...unnamed];
};
