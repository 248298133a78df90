import { isDeepStrictEqual } from "node:util";
import { expiredDatabaseAuthorities } from "../../facts/database-authorities";

/** A value of the guide, or of the provider where the guide is silent, from which the constructs depart on purpose. */
interface Departure {
  readonly documented: (value: unknown) => boolean;
  readonly reason: string;
}

/** Why ours takes the place of what is in the state, or undefined: somebody chose that value, and it stays. */
export function departureReason(resource: string, path: string, value: unknown): string | undefined {
  const departure = departures[resource]?.[path] ?? departures[`${resource.split(".")[0]}.*`]?.[path];
  return departure?.documented(value) ? departure.reason : undefined;
}

/** The reason without regard to the value, for a report of what a plan changes. */
export function reasonOf(resource: string, path: string): string | undefined {
  return (departures[resource]?.[path] ?? departures[`${resource.split(".")[0]}.*`]?.[path])?.reason;
}

const is =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.some((documented) => isDeepStrictEqual(documented, value) || String(documented) === String(value));
const matches = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);
const anything = () => true;

/** Whether every element of `value` answers to one of the patterns, each of which names the members that count. */
const blocksLike =
  (...patterns: readonly Readonly<Record<string, unknown>>[]) =>
  (value: unknown) =>
    Array.isArray(value) && value.every((block) => patterns.some((pattern) => covers(pattern, block)));

function covers(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) &&
      pattern.length === value.length &&
      pattern.every((part, index) => covers(part, value[index]))
    );
  }
  if (typeof pattern === "object" && pattern !== null) {
    const members = value as Readonly<Record<string, unknown>> | null;
    return (
      typeof members === "object" &&
      members !== null &&
      Object.entries(pattern).every(([name, part]) => covers(part, members[name]))
    );
  }
  return isDeepStrictEqual(pattern, value);
}

const service: Readonly<Record<string, Departure>> = {
  task_definition: { documented: anything, reason: "the new revision of its task definition" },
  propagate_tags: { documented: is("NONE"), reason: "tasks carry the service's tags" },
};

const networkOfLogstash = "Logstash has a security group and roles of its own, which nobody calls";

const documentedBehavior = {
  default_root_object: { documented: is("index.html"), reason: "an API has no index.html" },
  default_cache_behavior: {
    documented: blocksLike({
      target_origin_id: "skymanuals-api",
      cache_policy_id: "",
      forwarded_values: [{ headers: ["Authorization", "CloudFront-Forwarded-Proto"] }],
    }),
    reason: "documented: caches answers for an hour whoever asked, drops cookies and Host",
  },
  ordered_cache_behavior: {
    documented: blocksLike({
      path_pattern: "/api/*",
      cache_policy_id: "",
      forwarded_values: [{ headers: ["Authorization", "CloudFront-Forwarded-Proto"] }],
    }),
    reason: "documented: drops cookies and Host",
  },
  origin: {
    documented: blocksLike({ origin_id: "skymanuals-api", custom_header: [], s3_origin_config: [] }),
    reason: "the origin's certificate carries origin.<domain>, and the load balancer wants the secret header",
  },
  viewer_certificate: {
    documented: blocksLike({ cloudfront_default_certificate: true }),
    reason: "CloudFront's default certificate allows TLS 1.0 and no name of ours",
  },
  http_version: { documented: is("http2"), reason: "HTTP/3 for EFB devices on mobile networks" },
} satisfies Readonly<Record<string, Departure>>;

/** By address (or `type.*`) and path; blocks of which there is one are named without an index. */
const departures: Readonly<Record<string, Readonly<Record<string, Departure>>>> = {
  "aws_db_instance.postgres": {
    parameter_group_name: {
      documented: matches(/^default\.postgres\d+$/),
      reason: "TLS is required, statements are counted; waits for the next reboot",
    },
    final_snapshot_identifier: {
      documented: matches(/^skymanuals-postgres-final-snapshot-/),
      reason: "the documented name holds a timestamp and changes in every plan",
    },
    auto_minor_version_upgrade: {
      documented: is(true),
      reason: "AWS does not move the minor version that the environment pins",
    },
    // Any other authority was chosen by somebody.
    ca_cert_identifier: {
      documented: is(...expiredDatabaseAuthorities),
      reason: "that authority has expired: see Before the first apply",
    },
    backup_retention_period: { documented: is(7), reason: "the environment's" },
    monitoring_interval: { documented: is(0), reason: "the environment's" },
  },
  "aws_elasticache_replication_group.redis": {
    snapshot_window: { documented: anything, reason: "AWS chose the documented group's window" },
    auth_token_update_strategy: { documented: is("ROTATE"), reason: "the environment's" },
  },
  "aws_s3_bucket_lifecycle_configuration.chunks": {
    rule: {
      documented: blocksLike({
        id: "transition_to_ia",
        transition: [
          { days: 30, storage_class: "STANDARD_IA" },
          { days: 90, storage_class: "GLACIER" },
        ],
        expiration: [{ days: 2555 }],
      }),
      reason: "chunks in GLACIER cannot be read for hours, and 2555 days are less than seven years",
    },
    transition_default_minimum_object_size: { documented: anything, reason: "stated" },
  },
  "aws_ecs_cluster.skymanuals": {
    setting: {
      documented: blocksLike({ name: "containerInsights", value: "disabled" }),
      reason: "metrics of the tasks",
    },
  },
  "aws_ecs_service.api": service,
  "aws_ecs_service.logstash": {
    ...service,
    "network_configuration.security_groups": { documented: anything, reason: networkOfLogstash },
  },
  "aws_cloudfront_distribution.skymanuals": documentedBehavior,
  "aws_elasticsearch_domain.skymanuals": {
    access_policies: {
      documented: (value) =>
        typeof value === "string" && /"AWS":\s*"\*"|"Principal":\s*"\*"/.test(value) && value.includes('"es:*"'),
      reason: "documented: open to everybody in reach; ours names the roles",
    },
    "cluster_config.zone_awareness_config.availability_zone_count": {
      documented: is(2, 3),
      reason: "one subnet in each of the environment's zones",
    },
    "cluster_config.instance_count": { documented: is(1, 2), reason: "three zones want three nodes" },
  },
  "aws_budgets_budget.monthly": {
    limit_amount: { documented: is("2000", "2000.0"), reason: "below what the medium size costs" },
    cost_filter: {
      documented: blocksLike({
        name: "Service",
        values: [
          "Amazon Elastic Compute Cloud - Compute",
          "Amazon Relational Database Service",
          "Amazon Simple Storage Service",
        ],
      }),
      reason: "leaves out most of what the platform costs",
    },
  },
  "aws_lb_target_group.api": {
    deregistration_delay: { documented: is(300), reason: "a deployment waits for it" },
    "health_check.path": { documented: is("/"), reason: "the API's own health check" },
    "health_check.matcher": { documented: is("200"), reason: "the API's own health check" },
    "health_check.interval": { documented: is(30), reason: "the API's own health check" },
    "health_check.timeout": { documented: is(5, 6), reason: "the API's own health check" },
    "health_check.healthy_threshold": { documented: is(3, 5), reason: "the API's own health check" },
    "health_check.unhealthy_threshold": { documented: is(2, 3), reason: "the API's own health check" },
  },
  "aws_lb_listener.api": {
    port: { documented: is(80, 443), reason: "HTTPS from CloudFront" },
    protocol: { documented: is("HTTP", "HTTPS"), reason: "HTTPS from CloudFront" },
    ssl_policy: { documented: matches(/^ELBSecurityPolicy-2016-08$/), reason: "TLS 1.2 at least" },
    certificate_arn: { documented: anything, reason: "the certificate of origin.<domain>" },
    default_action: {
      documented: blocksLike({ type: "forward" }),
      reason: "only requests with CloudFront's secret header reach the API",
    },
  },
  "aws_cloudwatch_log_group.*": {
    retention_in_days: { documented: is(30), reason: "the environment's" },
  },
  "aws_route_table_association.*": {
    route_table_id: { documented: anything, reason: "each private subnet has a route table of its own" },
  },
  "aws_route53_record.*": {
    alias: { documented: anything, reason: "viewers reach the API through CloudFront" },
    records: { documented: anything, reason: "viewers reach the API through CloudFront" },
    ttl: { documented: anything, reason: "viewers reach the API through CloudFront" },
  },
  "aws_acm_certificate_validation.*": {
    validation_record_fqdns: { documented: anything, reason: "the validation's own records" },
  },
};
