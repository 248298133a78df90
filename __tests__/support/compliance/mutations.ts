import { type SubmittedPlan, submit } from "../../../scripts/compliance/submitted-plan";

/** The parts of `terraform show -json` that a mutation changes. */
interface Document {
  readonly planned_values: { readonly root_module: { resources: Planned[] } };
  readonly configuration: { readonly root_module: { resources: Configured[] } };
}

interface Planned {
  readonly address: string;
  readonly type: string;
  readonly values: Record<string, unknown>;
}

interface Configured {
  readonly address: string;
  readonly expressions: Record<string, unknown>;
}

/** Changes a plan; it throws where there is nothing to change. */
export type Mutation = (document: Document) => void;

/** What breaks each requirement, one at a time, in production's plans. */
export const mutations: Readonly<Record<string, Readonly<Record<string, Mutation>>>> = {
  "retention.chunks": {
    "no versions": set("aws_s3_bucket_versioning.chunks", "versioning_configuration.0.status", "Suspended"),
    "no setting of versions": drop("aws_s3_bucket_versioning.chunks"),
    "replaced versions expire after a year": set(
      "aws_s3_bucket_lifecycle_configuration.chunks",
      "rule.0.noncurrent_version_expiration.0.noncurrent_days",
      365,
    ),
    "versions in use expire after a year": set(
      "aws_s3_bucket_lifecycle_configuration.chunks",
      "rule.0.expiration.0.days",
      365,
    ),
    "the bucket may be destroyed": set("aws_s3_bucket.chunks", "force_destroy", true),
    "no bucket": drop("aws_s3_bucket.chunks"),
  },
  "retention.custody": {
    "locked for a year": set("aws_s3_bucket_object_lock_configuration.audit", "rule.0.default_retention.0.days", 365),
    "six years and some days": set(
      "aws_s3_bucket_object_lock_configuration.audit",
      "rule.0.default_retention.0.days",
      2556,
    ),
    "a lock that some may open": set(
      "aws_s3_bucket_object_lock_configuration.audit",
      "rule.0.default_retention.0.mode",
      "GOVERNANCE",
    ),
    "no lock": drop("aws_s3_bucket_object_lock_configuration.audit"),
    "a bucket without Object Lock": set("aws_s3_bucket.audit", "object_lock_enabled", false),
  },
  "retention.logs": {
    "the API's log is not archived": drop("aws_cloudwatch_log_subscription_filter.archive_api"),
    "no stream": drop("aws_kinesis_firehose_delivery_stream.log_archive"),
    "locked for a year": set(
      "aws_s3_bucket_object_lock_configuration.log_archive",
      "rule.0.default_retention.0.days",
      365,
    ),
    "no lock": drop("aws_s3_bucket_object_lock_configuration.log_archive"),
    "some lines only": set("aws_cloudwatch_log_subscription_filter.archive_api", "filter_pattern", "ERROR"),
  },
  "retention.database": {
    "no plan": dropType("aws_backup_plan"),
    "nothing is selected": dropType("aws_backup_selection"),
    "no lock": dropType("aws_backup_vault_lock_configuration"),
  },
  "retention.trail": { "no trail": dropType("aws_cloudtrail") },
  "audit.cloudtrail": { "no trail": dropType("aws_cloudtrail") },
  "audit.config": {
    "no recorder": dropType("aws_config_configuration_recorder"),
    "nothing is delivered": dropType("aws_config_delivery_channel"),
    "the recorder is off": dropType("aws_config_configuration_recorder_status"),
    "no rules": dropType("aws_config_conformance_pack"),
  },
  "audit.security-hub": {
    "no Security Hub": dropType("aws_securityhub_account"),
    "no standard": dropType("aws_securityhub_standards_subscription"),
  },
  "recovery.replication": { "no copy": dropType("aws_s3_bucket_replication_configuration") },
  "recovery.dump": { "no task": dropType("aws_ecs_task_definition") },
  "recovery.objectives": {
    "the database's logs stay here": dropType("aws_db_instance_automated_backups_replication"),
  },
  "easa.is-d-or-245-a-4": { "no trail": dropType("aws_cloudtrail") },
  "easa.amc1-21-b-55-a": { "no copy": dropType("aws_s3_bucket_replication_configuration") },
  "faa.ac-120-76e": { "the API's log is not archived": drop("aws_cloudwatch_log_subscription_filter.archive_api") },
  "audit.logging": {
    "the API's log goes nowhere": rewrite(
      "aws_ecs_task_definition.api",
      "container_definitions",
      '"awslogs"',
      '"none"',
    ),
    "no access log of the chunks": drop("aws_s3_bucket_logging.chunks"),
    "no access log of the load balancer": set("aws_lb.main", "access_logs.0.enabled", false),
    "no access log of CloudFront": drop("aws_cloudwatch_log_delivery_source.cloudfront"),
    "the database exports nothing": set("aws_db_instance.postgres", "enabled_cloudwatch_logs_exports", []),
    "sessions are not logged": set(
      "aws_ecs_cluster.skymanuals",
      "configuration.0.execute_command_configuration.0.logging",
      "NONE",
    ),
  },
  "custody.chain": {
    "no notification": drop("aws_s3_bucket_notification.chunks"),
    "notifications of deletions only": set("aws_s3_bucket_notification.chunks", "queue.0.events", [
      "s3:ObjectRemoved:*",
    ]),
    "the recorder is off": set("aws_lambda_event_source_mapping.custody", "enabled", false),
    "records may be deleted": rewrite("aws_s3_bucket_policy.audit", "policy", "s3:DeleteObjectVersion", "s3:GetObject"),
    "records may be written over": rewrite("aws_s3_bucket_policy.audit", "policy", "s3:if-none-match", "s3:prefix"),
    "no policy": drop("aws_s3_bucket_policy.audit"),
    "verification is off": set("aws_scheduler_schedule.verify_custody", "state", "DISABLED"),
    "verification once a month": set(
      "aws_scheduler_schedule.verify_custody",
      "schedule_expression",
      "cron(30 1 1 * ? *)",
    ),
    "nobody hears of a broken link": forget("aws_cloudwatch_metric_alarm.verify_custody_errors", "alarm_actions"),
    "an alarm is off": set("aws_cloudwatch_metric_alarm.verify_custody_missing", "actions_enabled", false),
  },
  "framework.settings": {
    "the FAA is left out": rewrite("aws_ecs_task_definition.api", "container_definitions", "EASA,FAA", "EASA"),
    "a year": rewrite(
      "aws_ecs_task_definition.api",
      "container_definitions",
      '"AUDIT_RETENTION_DAYS", "value" = "2557"',
      '"AUDIT_RETENTION_DAYS", "value" = "365"',
    ),
  },
  "audit.reporting": {
    "another pattern": set("aws_cloudwatch_log_metric_filter.compliance_alerts", "pattern", "ERROR"),
    "no alarm": drop("aws_cloudwatch_metric_alarm.compliance_alerts"),
    "nobody is subscribed": drop("aws_sns_topic_subscription.compliance_email"),
  },
  "audit.flow-logs": {
    "what was refused is not logged": set("aws_flow_log.skymanuals", "traffic_type", "ACCEPT"),
    "no flow log": drop("aws_flow_log.skymanuals"),
  },
  "network.private-subnets": {
    "a public database": set("aws_db_instance.postgres", "publicly_accessible", true),
    "the database's group is public": point("aws_db_subnet_group.skymanuals", "subnet_ids", "aws_subnet.public"),
    "the cache's group is public": point("aws_elasticache_subnet_group.skymanuals", "subnet_ids", "aws_subnet.public"),
    "addresses for all": set("aws_subnet.private[0]", "map_public_ip_on_launch", true),
    "a route to everybody": point("aws_route_table.private", "route", "aws_internet_gateway.skymanuals"),
  },
  "network.security-groups": {
    "everybody reaches the cache": set("aws_security_group.redis", "ingress", [
      { cidr_blocks: ["0.0.0.0/0"], ipv6_cidr_blocks: [], protocol: "tcp", from_port: 6379, to_port: 6379 },
    ]),
    "everybody with IPv6 reaches the API": set("aws_security_group.ecs", "ingress", [
      { cidr_blocks: [], ipv6_cidr_blocks: ["::/0"], protocol: "tcp", from_port: 3001, to_port: 3001 },
    ]),
    "every port": set("aws_security_group.rds", "ingress", [
      { cidr_blocks: ["10.0.0.0/16"], ipv6_cidr_blocks: [], protocol: "-1", from_port: 0, to_port: 0 },
    ]),
    "the default group admits": (document) => {
      find(document, "aws_default_security_group.skymanuals").values.ingress = [
        { cidr_blocks: ["10.0.0.0/16"], ipv6_cidr_blocks: [], protocol: "tcp", from_port: 1, to_port: 1 },
      ];
    },
    "nobody knows whom": (document) => {
      delete find(document, "aws_security_group.redis").values.ingress;
    },
  },
  "network.endpoints": {
    "S3 by way of the NAT gateways": drop("aws_vpc_endpoint.s3"),
    "the public tables only": point("aws_vpc_endpoint.s3", "route_table_ids", "aws_route_table.public"),
    "secrets by way of the NAT gateways": drop("aws_vpc_endpoint.secretsmanager"),
    "names that lead outside": set("aws_vpc_endpoint.logs", "private_dns_enabled", false),
  },
  "network.waf": {
    "no web ACL on the distribution": forget("aws_cloudfront_distribution.skymanuals", "web_acl_id"),
    "managed rules count only": (document) => {
      for (const rule of find(document, "aws_wafv2_web_acl.skymanuals").values.rule as {
        override_action: { count: unknown[]; none: unknown[] }[];
      }[]) {
        rule.override_action = rule.override_action.map(() => ({ count: [{}], none: [] }));
      }
    },
    "no rules": set("aws_wafv2_web_acl.skymanuals", "rule", []),
    "no log": drop("aws_wafv2_web_acl_logging_configuration.skymanuals"),
  },
  "encryption.buckets": {
    "no setting": drop("aws_s3_bucket_server_side_encryption_configuration.audit"),
    "an unknown algorithm": set(
      "aws_s3_bucket_server_side_encryption_configuration.chunks",
      "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm",
      "none",
    ),
  },
  "encryption.buckets-in-transit": {
    "no policy": drop("aws_s3_bucket_policy.chunks"),
    "plain requests are admitted": rewrite(
      "aws_s3_bucket_policy.log_snapshots",
      "policy",
      '"aws:SecureTransport" = "false"',
      '"aws:SecureTransport" = "true"',
    ),
  },
  "encryption.database": { "in clear": set("aws_db_instance.postgres", "storage_encrypted", false) },
  "encryption.cache": {
    "at rest in clear": set("aws_elasticache_replication_group.redis", "at_rest_encryption_enabled", "false"),
    "on the way in clear": set("aws_elasticache_replication_group.redis", "transit_encryption_enabled", false),
  },
  "encryption.https": {
    "plain requests": set(
      "aws_cloudfront_distribution.skymanuals",
      "default_cache_behavior.0.viewer_protocol_policy",
      "allow-all",
    ),
    "plain requests of the API": set(
      "aws_cloudfront_distribution.skymanuals",
      "ordered_cache_behavior.0.viewer_protocol_policy",
      "allow-all",
    ),
    "a plain listener": set("aws_lb_listener.api", "protocol", "HTTP"),
  },
  "encryption.log-store": {
    "at rest in clear": set("aws_elasticsearch_domain.skymanuals", "encrypt_at_rest.0.enabled", false),
    "between nodes in clear": set("aws_elasticsearch_domain.skymanuals", "node_to_node_encryption.0.enabled", false),
    "plain requests": set("aws_elasticsearch_domain.skymanuals", "domain_endpoint_options.0.enforce_https", false),
    "TLS 1.0": set(
      "aws_elasticsearch_domain.skymanuals",
      "domain_endpoint_options.0.tls_security_policy",
      "Policy-Min-TLS-1-0-2019-07",
    ),
  },
  "access.least-privilege": {
    everything: rewrite("aws_iam_role_policy.ecs_task", "policy", '"s3:ListBucket"', '"*"'),
    "all of S3, everywhere": rewrite(
      "aws_iam_role_policy.ecs_task",
      "policy",
      '"Action" = ["logs:DescribeLogGroups"]',
      '"Action" = ["s3:*"]',
    ),
    "a policy that cannot be read": rewrite("aws_iam_role_policy.custody", "policy", "jsonencode(", "file("),
  },
  "access.task-roles": {
    "no role": forget("aws_ecs_task_definition.api", "task_role_arn"),
    "a password in clear": rewrite(
      "aws_ecs_task_definition.api",
      "container_definitions",
      '"name" = "DATABASE_TIMEOUT"',
      '"name" = "DATABASE_PASSWORD"',
    ),
  },
  "access.database": {
    "an address range": set("aws_security_group.rds", "ingress.0.cidr_blocks", ["10.0.0.0/16"]),
    "another group": point("aws_db_instance.postgres", "vpc_security_group_ids", "aws_security_group.ecs"),
  },
  "access.api-tokens": {
    "no key": rewrite("aws_ecs_task_definition.api", "container_definitions", '"JWT_SECRET"', '"SOMETHING"'),
    "tokens without an end": rewrite(
      "aws_ecs_task_definition.api",
      "container_definitions",
      '"JWT_EXPIRES_IN"',
      '"SOMETHING"',
    ),
  },
  "recovery.snapshots": { "one day": set("aws_db_instance.postgres", "backup_retention_period", 1) },
  "recovery.state": {
    "no versions": set("aws_s3_bucket_versioning.state", "versioning_configuration.0.status", "Suspended"),
    "no bucket": drop("aws_s3_bucket.state"),
  },
  "recovery.database-failover": { "one zone": set("aws_db_instance.postgres", "multi_az", false) },
  "recovery.services": {
    "no way back": set("aws_ecs_service.api", "deployment_circuit_breaker.0.rollback", false),
  },
  "recovery.protection": {
    "the database may be deleted": set("aws_db_instance.postgres", "deletion_protection", false),
    "no last snapshot": set("aws_db_instance.postgres", "skip_final_snapshot", true),
    "the records may be destroyed": set("aws_s3_bucket.audit", "force_destroy", true),
  },
  "easa.is-d-or-245-a-2": { "four years": noncurrentDays(1461) },
  "easa.is-d-or-245-a-3": { "four years": noncurrentDays(1461) },
  "easa.is-i-or-230": { "nobody is subscribed": drop("aws_sns_topic_subscription.compliance_email") },
  "easa.amc2-bop-add-205": { "four years": noncurrentDays(1461) },
  "easa.145-a-55": { "two years": noncurrentDays(731) },
  "faa.91-417-b-1": { "half a year": noncurrentDays(183) },
  "faa.121-695-b": { "two months": noncurrentDays(62) },
  "faa.121-683-a-2": { "half a year": noncurrentDays(183) },
  "faa.ac-120-78b": { "backups of one day": set("aws_db_instance.postgres", "backup_retention_period", 1) },
};

/** The plans with one mutation, in the first of them that has what it changes. */
export function mutated(plans: readonly SubmittedPlan[], mutation: Mutation): SubmittedPlan[] {
  let isDone = false;
  const result = plans.map((plan) => {
    const document = structuredClone(plan.document);
    try {
      mutation(document as unknown as Document);
    } catch (error) {
      if (!(error instanceof NothingToChange)) {
        throw error;
      }
      return plan;
    }
    isDone = true;
    return submit(plan.file, Buffer.from(JSON.stringify(document)), document);
  });
  if (!isDone) {
    mutation(structuredClone(plans[0]?.document) as unknown as Document);
  }
  return result;
}

class NothingToChange extends Error {}

function find({ planned_values }: Document, address: string): Planned {
  const resource = planned_values.root_module.resources.find((one) => one.address === address);
  if (!resource) {
    throw new NothingToChange(`${address} is not planned`);
  }
  return resource;
}

function configured({ configuration }: Document, address: string): Configured {
  const [bare] = address.split("[");
  const resource = configuration.root_module.resources.find((one) => one.address === bare);
  if (!resource) {
    throw new NothingToChange(`${address} is not configured`);
  }
  return resource;
}

/** Another value. */
function set(address: string, path: string, value: unknown): Mutation {
  return (document) => {
    const keys = path.split(".");
    const last = keys.pop() as string;
    const holder = keys.reduce<Record<string, unknown> | undefined>(
      (one, key) => one?.[key] as Record<string, unknown> | undefined,
      find(document, address).values,
    );
    if (holder?.[last] === undefined) {
      throw new Error(`${address} has no ${path}`);
    }
    holder[last] = value;
    // What the configuration refers to is gone with it.
    if (keys.length === 0) {
      delete configured(document, address).expressions[last];
    }
  };
}

function noncurrentDays(days: number): Mutation {
  return set(
    "aws_s3_bucket_lifecycle_configuration.chunks",
    "rule.0.noncurrent_version_expiration.0.noncurrent_days",
    days,
  );
}

/** The resource with all its instances is not there. */
function drop(address: string): Mutation {
  return (document) => {
    find(document, address);
    const { planned_values, configuration } = document;
    planned_values.root_module.resources = planned_values.root_module.resources.filter(
      (one) => one.address !== address,
    );
    configuration.root_module.resources = configuration.root_module.resources.filter((one) => one.address !== address);
  };
}

/** No resource of the type is there. */
function dropType(type: string): Mutation {
  return ({ planned_values, configuration }) => {
    const { resources } = planned_values.root_module;
    if (!resources.some((one) => one.type === type)) {
      throw new NothingToChange(`no ${type} is planned`);
    }
    planned_values.root_module.resources = resources.filter((one) => one.type !== type);
    configuration.root_module.resources = configuration.root_module.resources.filter(
      ({ address }) => !address.startsWith(`${type}.`),
    );
  };
}

/** An argument is not given. */
function forget(address: string, argument: string): Mutation {
  return (document) => {
    const { expressions } = configured(document, address);
    if (expressions[argument] === undefined) {
      throw new Error(`${address} has no ${argument}`);
    }
    delete expressions[argument];
    delete find(document, address).values[argument];
  };
}

/** An argument refers to something else. */
function point(address: string, argument: string, to: string): Mutation {
  return (document) => {
    const { expressions } = configured(document, address);
    if (expressions[argument] === undefined) {
      throw new Error(`${address} has no ${argument}`);
    }
    expressions[argument] = { references: [`${to}.id`, to] };
  };
}

/** A text within a template. */
function rewrite(address: string, argument: string, from: string, to: string): Mutation {
  return (document) => {
    const expression = configured(document, address).expressions[argument] as { constant_value: string };
    if (!expression.constant_value.includes(from)) {
      throw new Error(`${address} ${argument} has no ${from}`);
    }
    expression.constant_value = expression.constant_value.replaceAll(from, to);
  };
}
