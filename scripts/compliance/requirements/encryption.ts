import { attribute, type Planned, type PlannedResources, statements } from "../planned";
import { each, equals, type Finding, missing, needs, type Requirement, states } from "../requirement";

const source = "Setup guide, Security Considerations, Data Encryption";

export const encryption: readonly Requirement[] = [
  {
    id: "encryption.buckets",
    title: "Every bucket is encrypted at rest",
    source,
    promise: "S3 bucket encryption med AES-256",
    serves: ["AC 120-78B"],
    inAccount: "That objects from before the setting are encrypted too; S3 encrypts new ones in any case.",
    checks: ["s3_bucket_default_encryption"],
    judge: (planned) => {
      const algorithms = new Set<unknown>();
      const findings = each(planned.of("aws_s3_bucket"), "aws_s3_bucket", "buckets", (bucket) => {
        const [settings] = companions(planned, bucket, "aws_s3_bucket_server_side_encryption_configuration");
        if (!settings) {
          return [missing(`${bucket.address} (encryption)`, "a setting of encryption")];
        }
        const path = "rule[0].apply_server_side_encryption_by_default[0].sse_algorithm";
        algorithms.add(attribute(settings, path).value);
        return [
          needs(settings, path, "AES256, aws:kms or aws:kms:dsse", (value) =>
            ["AES256", "aws:kms", "aws:kms:dsse"].includes(String(value)),
          ),
        ];
      });
      return {
        findings,
        meaning: algorithms.has("AES256")
          ? 'AES256 is what the guide says, to the letter: S3 encrypts with keys that it owns. Whoever may read an object may read it decrypted; no key policy stands between, no use of a key is logged, and no key can be withdrawn. A key of your own is encryption: "customer-managed".'
          : "Each use of the keys is logged by CloudTrail, and withdrawing a key makes its objects unreadable.",
      };
    },
  },
  {
    id: "encryption.buckets-in-transit",
    title: "Every bucket refuses requests without TLS",
    source,
    promise: "S3 bucket encryption med AES-256",
    serves: ["AC 120-78B"],
    inAccount: "That no bucket policy was changed by hand.",
    checks: ["s3_bucket_secure_transport_policy"],
    judge: (planned) => ({
      findings: each(planned.of("aws_s3_bucket"), "aws_s3_bucket", "buckets", (bucket) => {
        const [policy] = companions(planned, bucket, "aws_s3_bucket_policy");
        if (!policy) {
          return [missing(`${bucket.address} (policy)`, "Deny where aws:SecureTransport is false")];
        }
        const denial = statements(policy)?.find(
          ({ effect, condition }) =>
            effect === "Deny" &&
            /"aws:SecureTransport":(\["false"\]|"false"|false)/.test(JSON.stringify(condition ?? {})),
        );
        return [
          states(
            policy,
            "policy",
            denial ? `Deny ${denial.sid}` : attribute(policy, "policy").text,
            "Deny where aws:SecureTransport is false",
            denial !== undefined,
          ),
        ];
      }),
    }),
  },
  {
    id: "encryption.database",
    title: "The database is encrypted at rest",
    source,
    promise: "RDS encryption at rest",
    serves: ["AC 120-78B"],
    inAccount: "The key that RDS uses, and that copies of snapshots elsewhere are encrypted too.",
    checks: ["rds_instance_storage_encrypted", "rds_snapshots_encrypted"],
    judge: (planned) => ({
      findings: each(planned.of("aws_db_instance"), "aws_db_instance", "a database", (one) => [
        // A reader of the same region has the storage of its source, and its encryption.
        attribute(one, "replicate_source_db").references.length > 0
          ? needs(one, "replicate_source_db", "a source that is encrypted", () => true)
          : equals(one, "storage_encrypted", true),
      ]),
    }),
  },
  {
    id: "encryption.cache",
    title: "The cache is encrypted at rest and in transit",
    source,
    promise: "ElastiCache encryption in transit och at rest",
    serves: [],
    inAccount: "That clients do connect with TLS: the cache refuses others once it is required.",
    checks: [
      "elasticache_redis_cluster_in_transit_encryption_enabled",
      "elasticache_redis_cluster_rest_encryption_enabled",
    ],
    judge: (planned) => ({
      findings: each(
        planned.of("aws_elasticache_replication_group"),
        "aws_elasticache_replication_group",
        "a cache",
        (one) => [equals(one, "at_rest_encryption_enabled", true), equals(one, "transit_encryption_enabled", true)],
      ),
    }),
  },
  {
    id: "encryption.https",
    title: "CloudFront serves by HTTPS only",
    source,
    promise: "CloudFront HTTPS enforcement",
    serves: [],
    inAccount: "That the certificates are issued and renewed, and the name points to the distribution.",
    checks: ["cloudfront_distributions_https_enabled", "cloudfront_distributions_using_deprecated_ssl_protocols"],
    judge: (planned) => ({
      findings: [
        ...each(planned.of("aws_cloudfront_distribution"), "aws_cloudfront_distribution", "a distribution", (one) => {
          const ordered = (one.values.ordered_cache_behavior ?? []) as readonly unknown[];
          return ["default_cache_behavior[0]", ...ordered.map((_, index) => `ordered_cache_behavior[${index}]`)].map(
            (behaviour) =>
              needs(one, `${behaviour}.viewer_protocol_policy`, "redirect-to-https or https-only", (value) =>
                ["redirect-to-https", "https-only"].includes(String(value)),
              ),
          );
        }),
        ...planned
          .of("aws_lb_listener")
          .filter((listener) => attribute(listener, "load_balancer_arn").references.includes("aws_lb.main"))
          .map((listener) => equals(listener, "protocol", "HTTPS")),
      ],
    }),
  },
  {
    id: "encryption.log-store",
    title: "The log store is encrypted at rest, between nodes and to its clients",
    source: "Setup guide, ELK Stack for Advanced Logging",
    promise: 'encrypt_at_rest, node_to_node_encryption, enforce_https, "Policy-Min-TLS-1-2-2019-07"',
    serves: [],
    inAccount: "Who is admitted by the domain's policy in effect.",
    checks: [
      "opensearch_service_domains_encryption_at_rest_enabled",
      "opensearch_service_domains_node_to_node_encryption_enabled",
      "opensearch_service_domains_https_communications_enforced",
    ],
    judge: (planned) => ({
      findings: each(planned.of("aws_elasticsearch_domain"), "aws_elasticsearch_domain", "a domain", (one) => [
        equals(one, "encrypt_at_rest[0].enabled", true),
        equals(one, "node_to_node_encryption[0].enabled", true),
        equals(one, "domain_endpoint_options[0].enforce_https", true),
        needs(one, "domain_endpoint_options[0].tls_security_policy", "TLS 1.2 or newer", (value) =>
          /^Policy-Min-TLS-1-2/.test(String(value)),
        ),
      ]),
    }),
  },
];

/** Settings of a bucket that are resources of their own. */
export function companions(planned: PlannedResources, bucket: Planned, type: string): Planned[] {
  return planned.pointingAt(bucket, type, "bucket", bucket.values.bucket);
}

/** Days for which a bucket's Object Lock keeps every object, and its mode. */
export function lockedFor(planned: PlannedResources, bucket: Planned, minimumDays: number): Finding[] {
  const [lock] = companions(planned, bucket, "aws_s3_bucket_object_lock_configuration");
  if (!lock) {
    return [missing(`${bucket.address} (Object Lock)`, `Object Lock for at least ${minimumDays} days`)];
  }
  const years = attribute(lock, "rule[0].default_retention[0].years").value;
  const inYears = typeof years === "number" && years > 0;
  return [
    inYears
      ? needs(
          lock,
          "rule[0].default_retention[0].years",
          `at least ${minimumDays} days`,
          (value) => typeof value === "number" && Math.floor(value * 365.25) >= minimumDays,
        )
      : needs(
          lock,
          "rule[0].default_retention[0].days",
          `at least ${minimumDays} days`,
          (value) => typeof value === "number" && value >= minimumDays,
        ),
  ];
}
