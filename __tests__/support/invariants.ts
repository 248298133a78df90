import { at, strings } from "./blocks";
import { parseJsonencode } from "./jsonencode";
import type { Block, Resource, Statement, Synthesized } from "./synth";

/** A rule over every resource of a stack. Returns what breaks it, `<address>: <what>`; empty if nothing does. */
export type Invariant = (stack: Synthesized) => string[];

/** Breaks the rule unless the resource passes. */
function every(stack: Synthesized, types: readonly string[], what: string, passes: (resource: Resource) => boolean) {
  return stack
    .resources()
    .filter((resource) => types.includes(resource.type) && !passes(resource))
    .map(({ address }) => `${address}: ${what}`);
}

/** Whether another resource of the stack configures this bucket. */
function configures(stack: Synthesized, type: string, bucket: Resource, passes: (config: Block) => boolean): boolean {
  return stack.resources(type).some(({ config }) => config.bucket === `\${${bucket.address}.id}` && passes(config));
}

/** What stores data, and how it is seen to be encrypted at rest. */
const encrypted: Readonly<Record<string, (resource: Resource, stack: Synthesized) => boolean>> = {
  aws_db_instance: ({ config }) => config.storage_encrypted === true,
  aws_elasticache_replication_group: ({ config }) => config.at_rest_encryption_enabled === "true",
  aws_elasticsearch_domain: ({ config }) => at(config, "encrypt_at_rest.enabled") === true,
  aws_kms_key: ({ config }) => config.enable_key_rotation === true,
  aws_s3_bucket: (bucket, stack) =>
    configures(stack, "aws_s3_bucket_server_side_encryption_configuration", bucket, (config) =>
      ["AES256", "aws:kms"].includes(
        String(at(config, "rule.0.apply_server_side_encryption_by_default.sse_algorithm")),
      ),
    ),
  // AWS encrypts these always, with a key of its own unless another is named.
  aws_cloudwatch_log_group: () => true,
  aws_ecr_repository: () => true,
  aws_secretsmanager_secret: () => true,
  aws_secretsmanager_secret_version: () => true,
  // A queue of alarm texts, which CloudWatch cannot write under the AWS-managed key.
  aws_sns_topic: () => true,
};

/** What stores nothing. */
const storesNothing = new Set([
  "aws_acm_certificate",
  "aws_acm_certificate_validation",
  "aws_appautoscaling_policy",
  "aws_appautoscaling_target",
  "aws_budgets_budget",
  "aws_cloudfront_distribution",
  "aws_cloudwatch_log_metric_filter",
  "aws_cloudwatch_log_resource_policy",
  "aws_cloudwatch_metric_alarm",
  "aws_db_parameter_group",
  "aws_db_subnet_group",
  "aws_default_security_group",
  "aws_ecs_cluster",
  "aws_ecs_service",
  "aws_ecs_task_definition",
  "aws_eip",
  "aws_elasticache_subnet_group",
  "aws_flow_log",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_iam_service_linked_role",
  "aws_internet_gateway",
  "aws_kms_alias",
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
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_versioning",
  "aws_security_group",
  "aws_sns_topic_subscription",
  "aws_subnet",
  "aws_vpc",
  "aws_vpc_endpoint",
  "aws_wafv2_web_acl",
  "terraform_data",
]);

const dataIsEncryptedAtRest: Invariant = (stack) =>
  stack.resources().flatMap((resource) => {
    const isEncrypted = encrypted[resource.type];
    if (isEncrypted) return isEncrypted(resource, stack) ? [] : [`${resource.address}: not encrypted at rest`];
    return storesNothing.has(resource.type)
      ? []
      : [`${resource.address}: add its type to the stores, with its encryption argument, or to what stores nothing`];
  });

const dataIsEncryptedInTransit: Invariant = (stack) => [
  ...every(stack, ["aws_elasticache_replication_group"], "takes plain connections", ({ config }) =>
    Boolean(config.transit_encryption_enabled && String(config.auth_token).startsWith("${")),
  ),
  ...every(stack, ["aws_elasticsearch_domain"], "takes plain connections", ({ config }) =>
    Boolean(
      at(config, "domain_endpoint_options.enforce_https") &&
        at(config, "node_to_node_encryption.enabled") &&
        String(at(config, "domain_endpoint_options.tls_security_policy")).includes("TLS-1-2"),
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

/** Types that AWS gives no tags, or whose tags its provider does not manage. */
const untaggable = new Set([
  "aws_acm_certificate_validation",
  "aws_appautoscaling_policy",
  "aws_cloudwatch_log_metric_filter",
  "aws_cloudwatch_log_resource_policy",
  "aws_iam_role_policy",
  "aws_kms_alias",
  "aws_route53_record",
  "aws_route_table_association",
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_versioning",
  "aws_secretsmanager_secret_version",
  "aws_sns_topic_subscription",
  "terraform_data",
]);

/** Documented without tags of their own, or named by AWS: the provider's default tags are all they have. */
const withoutNameTag = new Set([
  "aws_elasticache_subnet_group.skymanuals",
  "aws_iam_service_linked_role.elasticsearch",
  "aws_security_group.rds",
  "aws_security_group.redis",
]);

const everythingIsTagged: Invariant = (stack) => {
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

const oneAccountOnly: Invariant = (stack) =>
  (at(stack.json, "provider.aws") as Block[])
    .filter(({ allowed_account_ids }) => !/^\d{12}$/.test(String(allowed_account_ids)))
    .map(({ alias }) => `provider aws ${alias ?? ""}: may touch any account`);

const dataPorts = [443, 5432, 6379, 9200];

/** Addresses that a rule may name: the VPC's own, or the variable, whose validation refuses the whole internet. */
const privateSources = new Set(["${aws_vpc.skymanuals.cidr_block}", "${var.allowed_ips}"]);

const nothingIsOpenToTheWorld: Invariant = (stack) => [
  ...stack.resources("aws_security_group").flatMap(({ address, config }) =>
    ((config.ingress ?? []) as Block[]).flatMap((rule) => {
      const sources = [rule.cidr_blocks ?? [], rule.ipv6_cidr_blocks ?? []].flat() as string[];
      const open = sources.filter((source) => !privateSources.has(source));
      const from = Number(rule.from_port);
      const to = Number(rule.to_port);
      return [
        ...open.map((source) => `${address}: takes connections from ${source}`),
        ...(rule.protocol === "-1" || from !== to ? [`${address}: takes more than one port`] : []),
        ...(dataPorts.includes(from) && rule.prefix_list_ids && address !== "aws_security_group.alb"
          ? [`${address}: a data port is open to a prefix list`]
          : []),
      ];
    }),
  ),
  ...["aws_security_group_rule", "aws_vpc_security_group_ingress_rule"].flatMap((type) =>
    stack.resources(type).map(({ address }) => `${address}: rules of documented groups are inline`),
  ),
  ...every(stack, ["aws_db_instance"], "has a public address", ({ config }) => config.publicly_accessible !== true),
  ...every(stack, ["aws_ecs_service"], "has public addresses", ({ config }) =>
    Boolean(
      at(config, "network_configuration.assign_public_ip") === false &&
        at(config, "network_configuration.subnets") === "${aws_subnet.private[*].id}",
    ),
  ),
  ...every(stack, ["aws_elasticsearch_domain"], "lies outside the VPC", ({ config }) =>
    Boolean(at(config, "vpc_options.subnet_ids") === "${aws_subnet.private[*].id}"),
  ),
  ...every(stack, ["aws_default_security_group"], "has rules", ({ config }) => !config.ingress && !config.egress),
];

const noBucketIsPublic: Invariant = (stack) =>
  every(stack, ["aws_s3_bucket"], "no public access block, ownership control or TLS-only policy", (bucket) =>
    Boolean(
      configures(stack, "aws_s3_bucket_public_access_block", bucket, (config) =>
        ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"].every(
          (argument) => config[argument] === true,
        ),
      ) &&
        configures(stack, "aws_s3_bucket_ownership_controls", bucket, (config) =>
          Boolean(at(config, "rule.object_ownership") === "BucketOwnerEnforced"),
        ) &&
        configures(stack, "aws_s3_bucket_policy", bucket, ({ policy }) => /DenyInsecureTransport/.test(String(policy))),
    ),
  );

/** Text without what Terraform evaluates. */
function literal(text: string): string {
  return text.replace(/\$\{[^}]*\}/g, "");
}

/** Bits of information per character, from the characters' frequencies. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}

const secretForms: readonly (readonly [string, RegExp])[] = [
  ["an AWS access key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["a private key", /-----BEGIN/],
  ["a token of GitHub or Slack", /\b(gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-[A-Za-z0-9-]{10,})/],
  ["a password in a URL", /:\/\/[^\s/:@]*:[^\s/@${]+@/],
  ["an assigned password", /\b(password|passwd|secret|token)\s*[=:]\s*["']?[^\s"'$]{6,}/i],
];

const secretArgument = /(^|_)(password|secret_string|auth_token|private_key)(_wo)?$/;

const noSecretInTheOutput: Invariant = (stack) => {
  const { variable: _, ...blocks } = stack.json;
  return strings(blocks).flatMap(({ path, text }) => {
    const where = path.join(".");
    const key = path.at(-1) ?? "";
    const prose = key === "description" || key === "alarm_description" || key === "error_message";
    const forms = prose ? [] : secretForms.filter(([, form]) => form.test(text)).map(([what]) => what);
    const random = literal(text)
      .split(/[^A-Za-z0-9+=]/)
      .filter((word) => word.length >= 20 && /\d/.test(word) && entropy(word) > 3.7);
    return [
      ...forms.map((what) => `${where}: holds ${what}`),
      ...random.map((word) => `${where}: holds a random-looking literal of ${word.length} characters`),
      ...(secretArgument.test(key) && !text.includes("${") ? [`${where}: a secret as a literal`] : []),
    ];
  });
};

/** Where an ephemeral value may stand: write-only arguments. */
const ephemeralValuesAreWriteOnly: Invariant = (stack) =>
  strings(stack.json.resource)
    .filter(({ path, text }) => /ephemeral\.|var\.database_password\b/.test(text) && !/_wo$/.test(path.at(-1) ?? ""))
    .map(({ path }) => `${path.join(".")}: an ephemeral value outside a write-only argument`);

/** Arguments without a write-only form. */
const secretsInState = new Set([
  "aws_elasticache_replication_group.redis.auth_token",
  "aws_lb_listener_rule.cloudfront.condition.0.http_header.values.0",
  "aws_lb_listener_rule.cloudfront.condition.0.http_header.values.1",
  "aws_cloudfront_distribution.skymanuals.origin.0.custom_header.0.value",
]);

const fewSecretsReachTheState: Invariant = (stack) =>
  strings(stack.json.resource)
    .filter(({ path, text }) => text.includes(".secret_string") && !/_wo$/.test(path.at(-1) ?? ""))
    .map(({ path }) => path.join("."))
    .filter((path) => !secretsInState.has(path))
    .map((path) => `${path}: a secret that the state would hold`);

const containersGetSecretsByReference: Invariant = (stack) =>
  stack.resources("aws_ecs_task_definition").flatMap(({ address }) => {
    const { environment, secrets = [] } = stack.container(address);
    return [
      ...environment
        .filter(
          ({ name, value }) =>
            /PASSWORD|SECRET|TOKEN|AWS_ACCESS_KEY|DATABASE_URL|REDIS_URL/.test(name) || /@/.test(value),
        )
        .map(({ name }) => `${address}: ${name} in plain text`),
      ...secrets
        .filter(
          ({ valueFrom }) =>
            !/^\$\{aws_secretsmanager_secret\.(\w+)\.arn\}:::\$\{aws_secretsmanager_secret_version\.\1\.version_id\}$/.test(
              valueFrom,
            ),
        )
        .map(({ name }) => `${address}: ${name} is no reference to a version of a secret`),
    ];
  });

const policyArguments: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_resource_policy: "policy_document",
  aws_elasticsearch_domain: "access_policies",
  aws_iam_role: "assume_role_policy",
  aws_iam_role_policy: "policy",
  aws_s3_bucket_policy: "policy",
};

/** Actions that AWS grants on every resource or on none (Service Authorization Reference). */
const withoutResource = new Set([
  "ecr:GetAuthorizationToken",
  "logs:DescribeLogGroups",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
]);

const policiesGrantTheLeast: Invariant = (stack) =>
  stack.resources().flatMap(({ address, type, config }) => {
    const argument = policyArguments[type];
    if (argument === undefined) return [];
    const { Statement: statements } = parseJsonencode(String(config[argument])) as { Statement: Statement[] };
    return statements
      .filter(({ Effect }) => Effect !== "Deny")
      .flatMap((statement) => {
        const actions = [statement.Action].flat();
        const name = `${address} ${statement.Sid ?? ""}`.trim();
        return [
          ...(JSON.stringify(statement.Principal ?? "").includes('"*"') ? [`${name}: allows everybody`] : []),
          ...actions.filter((action) => /(^|:)\*$/.test(action)).map((action) => `${name}: allows ${action}`),
          ...((statement.Resource ?? []).includes("*")
            ? actions
                .filter((action) => !withoutResource.has(action))
                .map((action) => `${name}: ${action} on everything`)
            : []),
          ...("NotAction" in statement || "NotPrincipal" in statement || "NotResource" in statement
            ? [`${name}: allows by exclusion`]
            : []),
        ];
      });
  });

const successorsComeFirst: Invariant = (stack) =>
  stack
    .resources()
    .filter(({ config }) => "name_prefix" in config && !at(config, "lifecycle.create_before_destroy"))
    .map(({ address }) => `${address}: name_prefix without create_before_destroy`);

const databaseBackups: Invariant = (stack) =>
  every(stack, ["aws_db_instance"], "no automated backups, or tags lost on snapshots", ({ config }) =>
    Boolean(Number(config.backup_retention_period) >= 1 && config.copy_tags_to_snapshot),
  );

const publicEntrance: Invariant = (stack) => [
  ...every(stack, ["aws_cloudfront_distribution"], "no web ACL", ({ config }) =>
    /^\$\{aws_wafv2_web_acl\./.test(String(config.web_acl_id)),
  ),
  ...every(stack, ["aws_cloudfront_distribution"], "caches answers, or withholds headers and cookies", ({ config }) =>
    [config.default_cache_behavior, ...((config.ordered_cache_behavior as Block[]) ?? [])].every(
      (behavior) => at(behavior, "cache_policy_id") && at(behavior, "origin_request_policy_id"),
    ),
  ),
  ...every(stack, ["aws_cloudfront_distribution"], "a certificate of its own with TLS below 1.2", ({ config }) =>
    Boolean(
      at(config, "viewer_certificate.cloudfront_default_certificate") ||
        at(config, "viewer_certificate.minimum_protocol_version") === "TLSv1.2_2021",
    ),
  ),
  ...every(stack, ["aws_lb_listener"], "forwards what lacks the secret header", ({ config }) =>
    Boolean(at(config, "default_action.0.type") === "fixed-response"),
  ),
];

const logsAreKept: Invariant = (stack) =>
  every(stack, ["aws_cloudwatch_log_group"], "kept for ever, or not at all", ({ config }) =>
    Boolean(Number(config.retention_in_days) > 0),
  );

/** References to what the stack does not have: Terraform would refuse them, one at a time. */
const referencesResolve: Invariant = (stack) =>
  strings(stack.json).flatMap(({ path, text }) =>
    [...expressions(path, text).matchAll(/(?<![\w.])(?:(?:data|ephemeral)\.)?(?:aws_\w+|terraform_data)\.\w+/g)]
      .map(([address]) => address)
      .filter((address) => !hasAddress(stack, address))
      .map((address) => `${path.join(".")}: ${address} does not exist`),
  );

/** What Terraform reads as an expression in an argument. */
function expressions(path: readonly string[], text: string): string {
  return text.includes("${") || ["depends_on", "replace_triggered_by"].includes(path.at(-2) ?? "") ? text : "";
}

function hasAddress(stack: Synthesized, address: string): boolean {
  try {
    stack.resource(address);
    return true;
  } catch {
    return false;
  }
}

/** Every rule, by what it says. */
export const invariants: Readonly<Record<string, Invariant>> = {
  "data is encrypted at rest": dataIsEncryptedAtRest,
  "data is encrypted in transit": dataIsEncryptedInTransit,
  "everything is tagged": everythingIsTagged,
  "providers touch one account only": oneAccountOnly,
  "nothing but the load balancer is open, and that to CloudFront": nothingIsOpenToTheWorld,
  "no bucket is public": noBucketIsPublic,
  "no secret is in the output": noSecretInTheOutput,
  "ephemeral values stand in write-only arguments": ephemeralValuesAreWriteOnly,
  "the Redis token and the origin headers reach the state, and no other secret": fewSecretsReachTheState,
  "containers get secrets by reference": containersGetSecretsByReference,
  "policies grant the least": policiesGrantTheLeast,
  "C16: what has a name prefix is replaced before it is destroyed": successorsComeFirst,
  "databases are backed up": databaseBackups,
  "the public entrance is CloudFront, with a web ACL": publicEntrance,
  "logs are kept for a stated time": logsAreKept,
  "every reference resolves": referencesResolve,
};

/** What holds data that nothing else holds: types that an environment may protect from destruction. */
export const dataHolders: readonly string[] = [
  "aws_db_instance",
  "aws_elasticache_replication_group",
  "aws_elasticsearch_domain",
  "aws_kms_key",
  "aws_s3_bucket",
];
