import { at } from "../blocks";
import type { Block } from "../synth";
import { configures, every, type Invariant } from "./invariant";

export const oneAccountOnly: Invariant = (stack) =>
  (at(stack.json, "provider.aws") as Block[])
    .filter(({ allowed_account_ids }) => !/^\d{12}$/.test(String(allowed_account_ids)))
    .map(({ alias }) => `provider aws ${alias ?? ""}: may touch any account`);

const dataPorts = [443, 5432, 6379, 9200];

/** Addresses that a rule may name: the VPC's own, or the variable, whose validation refuses the whole internet. */
const privateSources = new Set(["${aws_vpc.skymanuals.cidr_block}", "${var.allowed_ips}"]);

export const nothingIsOpenToTheWorld: Invariant = (stack) => [
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

export const noBucketIsPublic: Invariant = (stack) =>
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

/** CloudFront's managed policies CachingDisabled and AllViewer. */
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const allViewer = "216adef6-5c7f-47e4-b989-5492eafa07d3";

export const publicEntrance: Invariant = (stack) => [
  ...every(stack, ["aws_cloudfront_distribution"], "no web ACL", ({ config }) =>
    /^\$\{aws_wafv2_web_acl\./.test(String(config.web_acl_id)),
  ),
  ...every(stack, ["aws_cloudfront_distribution"], "caches answers, or withholds headers and cookies", ({ config }) =>
    [config.default_cache_behavior, ...((config.ordered_cache_behavior as Block[]) ?? [])].every((behavior) =>
      // Caching what everybody may see is right only where the API does not see who asks.
      at(behavior, "cache_policy_id") === cachingDisabled
        ? at(behavior, "origin_request_policy_id") === allViewer
        : at(behavior, "path_pattern") && !at(behavior, "origin_request_policy_id"),
    ),
  ),
  ...every(stack, ["aws_cloudfront_distribution"], "a certificate of its own with TLS below 1.2", ({ config }) =>
    Boolean(
      at(config, "viewer_certificate.cloudfront_default_certificate") ||
        at(config, "viewer_certificate.minimum_protocol_version") === "TLSv1.2_2021",
    ),
  ),
  ...every(
    stack,
    ["aws_lb"],
    "is neither public in the public subnets nor internal in the private ones",
    ({ config }) =>
      config.internal === true
        ? config.subnets === "${aws_subnet.private[*].id}"
        : config.internal === false && config.subnets === "${aws_subnet.public[*].id}",
  ),
  ...every(stack, ["aws_lb_listener"], "forwards what lacks the secret header", ({ config }) =>
    Boolean(
      at(config, "default_action.0.type") === "fixed-response" ||
        // Nothing but the distribution reaches an internal one.
        stack
          .resources("aws_lb")
          .some((lb) => lb.config.internal === true && config.load_balancer_arn === `\${${lb.address}.arn}`),
    ),
  ),
];
