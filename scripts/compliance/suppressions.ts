/** A finding of Checkov that stays, and why. */
export interface Suppression {
  readonly check: string;
  /** Addresses without index; a last `*` stands for any rest. One that suppresses nothing fails the scan. */
  readonly addresses: readonly string[];
  /** The environments, `account`, `account-region`, `state`: see `stackOf`. */
  readonly stacks: readonly string[];
  readonly reason: string;
}

/** What runs: the standby is a pilot light. */
const running = ["development", "staging", "production"] as const;
const all = [...running, "production-dr"] as const;
/** They may be destroyed with all that they hold. */
const disposable = ["development", "staging"] as const;
/** It was adopted: a key that is chosen when a resource is created would replace it. */
const adopted = ["production"] as const;

export const suppressions: readonly Suppression[] = [
  // Entrance
  {
    check: "CKV_AWS_86",
    addresses: ["aws_cloudfront_distribution.skymanuals"],
    stacks: running,
    reason:
      "the access log goes through aws_cloudwatch_log_delivery.cloudfront, CloudFront's second form, which the check does not know",
  },
  {
    check: "CKV_AWS_374",
    addresses: ["aws_cloudfront_distribution.skymanuals"],
    stacks: running,
    reason: "aircraft fly everywhere: the guide restricts no country (restriction_type none)",
  },
  {
    check: "CKV_AWS_310",
    addresses: ["aws_cloudfront_distribution.skymanuals"],
    stacks: running,
    reason: "one origin in several zones; CloudFront fails over reads only (GET, HEAD, OPTIONS), and the API writes",
  },
  {
    check: "CKV_AWS_305",
    addresses: ["aws_cloudfront_distribution.skymanuals"],
    stacks: running,
    reason: "an API has no page to serve at its root",
  },
  {
    check: "CKV2_AWS_32",
    addresses: ["aws_cloudfront_distribution.skymanuals"],
    stacks: running,
    reason:
      "both behaviours have AWS's managed policy SecurityHeadersPolicy, by its id; the check looks for a policy of our own",
  },
  {
    check: "CKV2_AWS_47",
    addresses: ["aws_cloudfront_distribution.skymanuals"],
    stacks: running,
    reason:
      "AWSManagedRulesKnownBadInputsRuleSet, which has the rule on Log4j, blocks; the check also wants AWSManagedRulesAnonymousIpList, which would refuse crews behind hotels' and airports' proxies",
  },
  {
    check: "CKV2_AWS_28",
    addresses: ["aws_lb.main"],
    stacks: ["production"],
    reason: "the web ACL is CloudFront's; the load balancer admits CloudFront only, by prefix list and a secret header",
  },
  {
    check: "CKV_AWS_378",
    addresses: ["aws_lb_target_group.api"],
    stacks: ["production"],
    reason: "tasks speak HTTP to their load balancer within the private subnets, as the guide has it",
  },
  {
    check: "CKV_AWS_378",
    addresses: ["aws_lb_target_group.internal"],
    stacks: ["development"],
    reason: "tasks speak HTTP to their load balancer within the private subnets, as the guide has it",
  },
  {
    check: "CKV_AWS_2",
    addresses: ["aws_lb_listener.internal"],
    stacks: ["development"],
    reason: "without a domain there is no certificate; CloudFront reaches it by a VPC origin, within AWS's network",
  },
  {
    check: "CKV_AWS_103",
    addresses: ["aws_lb_listener.internal"],
    stacks: ["development"],
    reason: "without a domain there is no certificate; CloudFront reaches it by a VPC origin, within AWS's network",
  },
  {
    check: "CKV2_AWS_20",
    addresses: ["aws_lb.internal"],
    stacks: ["development"],
    reason: "without a domain there is no certificate to redirect to; CloudFront redirects viewers",
  },
  {
    check: "CKV2_AWS_42",
    addresses: ["aws_cloudfront_distribution.skymanuals"],
    stacks: ["development"],
    reason: "without a domain the distribution has CloudFront's own name and certificate",
  },
  {
    check: "CKV_AWS_174",
    addresses: ["aws_cloudfront_distribution.skymanuals"],
    stacks: ["development"],
    reason: "AWS fixes TLSv1 for CloudFront's own certificate",
  },
  {
    check: "CKV_AWS_150",
    addresses: ["aws_lb.internal"],
    stacks: disposable,
    reason: "the environment may be destroyed: protection.deletionProtection is false",
  },
  {
    check: "CKV2_AWS_38",
    addresses: ["aws_route53_zone.skymanuals"],
    stacks: ["staging"],
    reason:
      "signing needs a record at the parent zone, which somebody else holds: signed without it the name would not resolve",
  },
  // Network
  {
    check: "CKV_AWS_130",
    addresses: ["aws_subnet.public"],
    stacks: running,
    reason:
      "documented: the public subnets hold NAT gateways and, in production, the load balancer; no instance is started there",
  },
  {
    check: "CKV2_AWS_5",
    addresses: ["aws_security_group.migrations"],
    stacks: running,
    reason: "it is attached when a migration runs: a release starts the task with it",
  },
  // Functions
  {
    check: "CKV_AWS_116",
    addresses: ["aws_lambda_function.*"],
    stacks: running,
    reason:
      "Lambda's dead-letter queue is for asynchronous calls: Terraform calls some synchronously, the recorder's queue has a dead-letter queue of its own, and a schedule that fails is run again the next day, with an alarm",
  },
  {
    check: "CKV_AWS_272",
    addresses: ["aws_lambda_function.*"],
    stacks: running,
    reason:
      "the bundle is built and uploaded by the same apply: a signature by the same credentials would prove nothing more",
  },
  // Secrets and parameters
  {
    check: "CKV2_AWS_57",
    addresses: ["aws_secretsmanager_secret.*"],
    stacks: running,
    reason:
      "rotated by a raised version and an apply (docs/rotation.md): consumers read a new value when their tasks start only",
  },
  {
    check: "CKV2_AWS_34",
    addresses: ["aws_ssm_parameter.*"],
    stacks: running,
    reason: "an image's tag, ids of subnets and the number of a version: no secrets, and read by Terraform in clear",
  },
  // Database
  {
    check: "CKV_AWS_118",
    addresses: ["aws_db_instance.postgres"],
    stacks: running,
    reason:
      "Performance Insights and CloudWatch's metrics have alarms; the operating system's own processes would add nothing that one acts on",
  },
  {
    check: "CKV_AWS_161",
    addresses: ["aws_db_instance.postgres"],
    stacks: running,
    reason:
      "the application logs in with a user that owns nothing and a rotated secret (decisions 8 and 15); a token holds for 15 minutes, and its pool opens connections later",
  },
  {
    check: "CKV_AWS_354",
    addresses: ["aws_db_instance.postgres"],
    stacks: adopted,
    reason: "the key of Performance Insights is chosen once: RDS refuses another while it is on",
  },
  {
    check: "CKV_AWS_157",
    addresses: ["aws_db_instance.postgres"],
    stacks: disposable,
    reason: "one zone: it holds nothing that may not be lost, and two cost twice as much",
  },
  {
    check: "CKV_AWS_293",
    addresses: ["aws_db_instance.postgres"],
    stacks: disposable,
    reason: "the environment may be destroyed: protection.deletionProtection is false",
  },
  // Cache and log store
  {
    check: "CKV_AWS_191",
    addresses: ["aws_elasticache_replication_group.redis"],
    stacks: adopted,
    reason: "another key replaces the cluster, and the sessions in it",
  },
  {
    check: "CKV_AWS_247",
    addresses: ["aws_elasticsearch_domain.skymanuals"],
    stacks: adopted,
    reason: "another key replaces the domain, and the index in it",
  },
  {
    check: "CKV_AWS_317",
    addresses: ["aws_elasticsearch_domain.skymanuals"],
    stacks: running,
    reason: "audit logs need fine-grained access control, which Kibana and Logstash as documented have no users for",
  },
  {
    check: "CKV2_AWS_52",
    addresses: ["aws_elasticsearch_domain.skymanuals"],
    stacks: running,
    reason:
      "the domain admits roles of the stack by its policy, from security groups only; on an adopted domain it cannot be taken back",
  },
  {
    check: "CKV2_AWS_59",
    addresses: ["aws_elasticsearch_domain.skymanuals"],
    stacks: ["development"],
    reason: "elasticsearch.dedicatedMasterCount is 0: a small domain of logs that may be lost",
  },
  {
    check: "CKV_AWS_318",
    addresses: ["aws_elasticsearch_domain.skymanuals"],
    stacks: ["development"],
    reason: "elasticsearch.dedicatedMasterCount is 0: a small domain of logs that may be lost",
  },
  {
    check: "CKV_AWS_119",
    addresses: ["aws_dynamodb_table.logstash"],
    stacks: running,
    reason: "it holds positions in a stream, and no line of a log",
  },
  {
    check: "CKV_AWS_28",
    addresses: ["aws_dynamodb_table.logstash"],
    stacks: running,
    reason: "a lost position is read from the stream's beginning again, and documents overwrite themselves",
  },
  {
    check: "CKV_AWS_136",
    addresses: ["aws_ecr_repository.logstash"],
    stacks: adopted,
    reason: "another key replaces the repository, and the images in it",
  },
  // Logs
  {
    check: "CKV_AWS_338",
    addresses: ["aws_cloudwatch_log_group.*"],
    stacks: running,
    reason:
      "the guide keeps 30 days in CloudWatch, where a GB costs more than tenfold; what is kept longer lies in a bucket",
  },
  // Buckets
  {
    check: "CKV_AWS_145",
    addresses: ["aws_s3_bucket.access_logs"],
    stacks: all,
    reason: "S3's and the load balancer's logs are delivered to buckets with S3's own keys only",
  },
  {
    check: "CKV_AWS_145",
    addresses: ["aws_s3_bucket.chunks"],
    stacks: adopted,
    reason: "documented: AES256; the report of npm run compliance says what that means",
  },
  {
    check: "CKV_AWS_21",
    addresses: ["aws_s3_bucket.access_logs"],
    stacks: all,
    reason: "each log is an object of its own that its service writes once",
  },
  {
    check: "CKV_AWS_18",
    addresses: ["aws_s3_bucket.audit"],
    stacks: all,
    reason: "only two functions write there, whose roles the policy names; CloudTrail has each access as a data event",
  },
  {
    check: "CKV_AWS_18",
    addresses: ["aws_s3_bucket.log_snapshots"],
    stacks: running,
    reason: "only the domain's role reaches it",
  },
  {
    check: "CKV2_AWS_61",
    addresses: ["aws_s3_bucket.audit"],
    stacks: all,
    reason: "a record is never deleted by a rule: the chain would be broken",
  },
  {
    check: "CKV2_AWS_62",
    addresses: ["aws_s3_bucket.access_logs", "aws_s3_bucket.audit"],
    stacks: all,
    reason: "nothing waits for these objects",
  },
  {
    check: "CKV2_AWS_62",
    addresses: ["aws_s3_bucket.log_snapshots"],
    stacks: running,
    reason: "nothing waits for these objects",
  },
  {
    check: "CKV2_AWS_62",
    addresses: ["aws_s3_bucket.chunks"],
    stacks: ["production-dr"],
    reason: "a pilot light: the recorder of custody is deployed on the day",
  },
  {
    check: "CKV_AWS_144",
    addresses: ["aws_s3_bucket.access_logs"],
    stacks: all,
    reason: "logs of accesses are not recovered: those of a lost region end with it",
  },
  {
    check: "CKV_AWS_144",
    addresses: ["aws_s3_bucket.log_snapshots"],
    stacks: running,
    reason: "the index is not recovered",
  },
  {
    check: "CKV_AWS_144",
    addresses: ["aws_s3_bucket.chunks", "aws_s3_bucket.audit"],
    stacks: disposable,
    reason: "no recovery region: the environment may be lost",
  },
  {
    check: "CKV_AWS_144",
    addresses: ["aws_s3_bucket.chunks", "aws_s3_bucket.audit"],
    stacks: ["production-dr"],
    reason: "it is the copy",
  },
  // The bucket of states
  {
    check: "CKV_AWS_18",
    addresses: ["aws_s3_bucket.state"],
    stacks: ["state"],
    reason: "versions, and Terraform's own lock; who read a state is in CloudTrail",
  },
  {
    check: "CKV2_AWS_62",
    addresses: ["aws_s3_bucket.state"],
    stacks: ["state"],
    reason: "nothing waits for these objects",
  },
  {
    check: "CKV_AWS_144",
    addresses: ["aws_s3_bucket.state"],
    stacks: ["state"],
    reason: "a state describes its region: it is made anew with npm run adopt where it was lost",
  },
  {
    check: "CKV2_AWS_64",
    addresses: ["aws_kms_key.state"],
    stacks: ["state"],
    reason: "AWS's default policy: the account's own IAM policies decide",
  },
  {
    check: "CKV_AWS_18",
    addresses: ["aws_s3_bucket.log_archive"],
    stacks: running,
    reason: "only the delivery stream's role writes there, and each line is locked",
  },
  {
    check: "CKV2_AWS_62",
    addresses: ["aws_s3_bucket.log_archive"],
    stacks: running,
    reason: "nothing waits for these objects",
  },
  {
    check: "CKV_AWS_144",
    addresses: ["aws_s3_bucket.log_archive"],
    stacks: running,
    reason: "archived lines stay in their region: chunks, records of custody and the database are what is copied",
  },
  // What an account has once, or once in each region
  {
    check: "CKV2_AWS_48",
    addresses: ["aws_config_configuration_recorder.skymanuals"],
    stacks: ["account-region"],
    reason: "IAM's resources, which are global, are recorded once, where the trail of all regions stands",
  },
  {
    check: "CKV_AWS_18",
    addresses: ["aws_s3_bucket.config"],
    stacks: ["account", "account-region"],
    reason: "only AWS Config writes there, and it holds settings and no content",
  },
  {
    check: "CKV2_AWS_61",
    addresses: ["aws_s3_bucket.config"],
    stacks: ["account", "account-region"],
    reason: "nothing expires: seven years is the least",
  },
  {
    check: "CKV_AWS_252",
    addresses: ["aws_cloudtrail.skymanuals"],
    stacks: ["account"],
    reason: "a message for each log file would tell nobody anything; what stops the trail is told by an event",
  },
  {
    check: "CKV2_AWS_10",
    addresses: ["aws_cloudtrail.skymanuals"],
    stacks: ["account"],
    reason: "EventBridge has the calls within minutes, and CloudWatch Logs would be paid for a second copy",
  },
  {
    check: "CKV_AWS_9",
    addresses: ["aws_iam_account_password_policy.skymanuals"],
    stacks: ["account"],
    reason:
      "a password that expires is replaced by a weaker one (NIST SP 800-63B); the CIS benchmark 3.0 asks for no expiry",
  },
  {
    check: "CKV2_AWS_3",
    addresses: ["aws_guardduty_detector.skymanuals"],
    stacks: ["account", "account-region"],
    reason: "the account watches itself, and is not the administrator of an organization",
  },
  {
    check: "CKV2_AWS_62",
    addresses: ["aws_s3_bucket.config"],
    stacks: ["account", "account-region"],
    reason: "nothing waits for these objects",
  },
  {
    check: "CKV2_AWS_62",
    addresses: ["aws_s3_bucket.trail"],
    stacks: ["account"],
    reason: "nothing waits for these objects",
  },
  {
    check: "CKV_AWS_18",
    addresses: ["aws_s3_bucket.trail"],
    stacks: ["account"],
    reason: "versions under a lock; who reads a log file is known by the key that it needs, which CloudTrail logs",
  },
  {
    check: "CKV2_AWS_61",
    addresses: ["aws_s3_bucket.trail"],
    stacks: ["account"],
    reason: "nothing expires: seven years is the least",
  },
  {
    check: "CKV_AWS_144",
    addresses: ["aws_s3_bucket.config"],
    stacks: ["account", "account-region"],
    reason: "log files of all regions, locked; CloudTrail and AWS Config keep their own history besides",
  },
  {
    check: "CKV_AWS_144",
    addresses: ["aws_s3_bucket.trail"],
    stacks: ["account"],
    reason: "log files of all regions, locked; CloudTrail and AWS Config keep their own history besides",
  },
  {
    check: "CKV_AWS_145",
    addresses: ["aws_s3_bucket.config"],
    stacks: ["account", "account-region"],
    reason: "settings and no content, under S3's own keys",
  },
  {
    check: "CKV_AWS_145",
    addresses: ["aws_s3_bucket.trail"],
    stacks: ["account"],
    reason:
      "CloudTrail names its own key with each file; a default key would have a bucket key, for which its documented policy has no room",
  },
];
