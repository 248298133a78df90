import { accounts } from "../../environments";
import { synthesizeAccount } from "../support/synth";

const [account] = accounts as [(typeof accounts)[number]];
const stack = synthesizeAccount(account);

const withSingletons = (values: Partial<typeof account.singletons>) =>
  synthesizeAccount({ ...account, singletons: { ...account.singletons, ...values } });

test("is a root module of its own, for one account", () => {
  expect(stack.name).toBe(`skymanuals-account-${account.name}`);
  expect(stack.json.provider).toMatchObject({
    aws: [{ region: account.region, allowed_account_ids: [account.accountId] }],
  });
});

test("A4: creates the role by which Elasticsearch enters a VPC, or adopts the one there is", () => {
  const address = "aws_iam_service_linked_role.elasticsearch";
  expect(stack.resource(address)).toEqual({ aws_service_name: "es.amazonaws.com" });
  expect(stack.json).not.toHaveProperty("import");

  const adopting = withSingletons({ elasticsearchServiceLinkedRole: "adopt" });
  expect(adopting.json.import).toEqual([
    {
      to: address,
      id: `arn:aws:iam::${account.accountId}:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForAmazonElasticsearchService`,
    },
  ]);
});

test("A4: an account without the role to adopt is told which of the two roles it is, and what to set", () => {
  const adopting = withSingletons({ elasticsearchServiceLinkedRole: "adopt" });
  expect(adopting.resource("data.aws_iam_roles.elasticsearch")).toEqual({
    path_prefix: "/aws-service-role/es.amazonaws.com/",
    lifecycle: {
      postcondition: [
        {
          condition: "${length(self.names) > 0}",
          error_message: `Account ${account.accountId} has no role AWSServiceRoleForAmazonElasticsearchService to adopt (AWSServiceRoleForAmazonOpenSearchService is another one): set singletons.elasticsearchServiceLinkedRole to "create" in environments/accounts.ts.`,
        },
      ],
    },
  });
  // The import waits for it: Terraform's own error names neither.
  expect(adopting.resource("aws_iam_service_linked_role.elasticsearch").depends_on).toEqual([
    "data.aws_iam_roles.elasticsearch",
  ]);
  expect(stack.json).not.toHaveProperty("data.aws_iam_roles");
});

test("C18: one resource policy lets Elasticsearch write the log groups of every domain of this account", () => {
  const address = "aws_cloudwatch_log_resource_policy.elasticsearch_logs";
  expect(stack.resources("aws_cloudwatch_log_resource_policy")).toHaveLength(1);
  expect(stack.statements(address, "policy_document")).toEqual([
    {
      Effect: "Allow",
      Principal: { Service: "es.amazonaws.com" },
      Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
      Resource: [`arn:aws:logs:${account.region}:${account.accountId}:log-group:/aws/aes/domains/*`],
      Condition: {
        StringEquals: { "aws:SourceAccount": account.accountId },
        ArnLike: { "aws:SourceArn": `arn:aws:es:${account.region}:${account.accountId}:domain/*` },
      },
    },
  ]);
});

test("adopts the resource policy of the region by its name", () => {
  expect(withSingletons({ elasticsearchLogPolicy: "adopt" }).json.import).toEqual([
    { to: "aws_cloudwatch_log_resource_policy.elasticsearch_logs", id: "skymanuals-elasticsearch-logs" },
  ]);
});

test("a mail a day tells of unusual costs, of all services, from an impact on", () => {
  expect(stack.resource("aws_ce_anomaly_monitor.services")).toEqual({
    name: "skymanuals-cost-anomalies",
    monitor_type: "DIMENSIONAL",
    monitor_dimension: "SERVICE",
    tags: { Name: "skymanuals-cost-anomalies" },
  });
  expect(stack.resource("aws_ce_anomaly_subscription.daily")).toEqual({
    name: "skymanuals-cost-anomalies",
    frequency: "DAILY",
    monitor_arn_list: ["${aws_ce_anomaly_monitor.services.arn}"],
    subscriber: [{ type: "EMAIL", address: "admin@skymanuals.com" }],
    threshold_expression: {
      dimension: {
        key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
        values: ["100"],
        match_options: ["GREATER_THAN_OR_EQUAL"],
      },
    },
    tags: { Name: "skymanuals-cost-anomalies" },
  });
  expect(stack.json).not.toHaveProperty("resource.aws_ce_cost_allocation_tag");
});

test("an account that has its one monitor of services is told of what that finds; one that pays activates the tags", () => {
  const monitorArn = "arn:aws:ce::111111111111:anomalymonitor/44ec7a5b-5b4d-4d6c-8d4e-6a3d1a2b3c4d";
  const other = synthesizeAccount({
    ...account,
    costs: { email: "costs@skymanuals.com", anomalyUsd: 12.5, monitorArn, activateTags: true },
  });
  expect(other.json).not.toHaveProperty("resource.aws_ce_anomaly_monitor");
  expect(other.resource("aws_ce_anomaly_subscription.daily").monitor_arn_list).toEqual([monitorArn]);
  expect(other.resource("aws_ce_cost_allocation_tag.project")).toEqual({ tag_key: "Project", status: "Active" });
  expect(other.resource("aws_ce_cost_allocation_tag.environment")).toEqual({
    tag_key: "Environment",
    status: "Active",
  });
});

const production = accounts.find(({ name }) => name === "production") as (typeof accounts)[number];
const productionDr = accounts.find(({ name }) => name === "production-dr") as (typeof accounts)[number];
const withGovernance = (values: Partial<typeof account.governance>) =>
  synthesizeAccount({ ...account, governance: { ...account.governance, ...values } });

describe("the trail", () => {
  test("logs every region, and writes of the environments' chunks and records, with digests, under a key of its own", () => {
    expect(stack.resource("aws_cloudtrail.skymanuals")).toEqual({
      name: "skymanuals",
      s3_bucket_name: "${aws_s3_bucket.trail.bucket}",
      kms_key_id: "${aws_kms_key.trail.arn}",
      is_multi_region_trail: true,
      include_global_service_events: true,
      enable_log_file_validation: true,
      advanced_event_selector: [
        { name: "Calls of AWS's API", field_selector: [{ field: "eventCategory", equals: ["Management"] }] },
        {
          name: "Objects of chunks and records",
          field_selector: [
            { field: "eventCategory", equals: ["Data"] },
            { field: "resources.type", equals: ["AWS::S3::Object"] },
            {
              field: "resources.ARN",
              starts_with: [
                "arn:aws:s3:::development-skymanuals-chunks/",
                "arn:aws:s3:::development-skymanuals-audit/",
                "arn:aws:s3:::staging-skymanuals-chunks/",
                "arn:aws:s3:::staging-skymanuals-audit/",
              ],
            },
            { field: "readOnly", equals: ["false"] },
          ],
        },
      ],
      tags: { Name: "skymanuals" },
      depends_on: ["aws_s3_bucket_policy.trail", "aws_s3_bucket_object_lock_configuration.trail"],
    });
  });

  test("logs reads too where it is told to, and no objects where there is no environment", () => {
    const selectorsOf = (synthesized: typeof stack) =>
      synthesized.resource("aws_cloudtrail.skymanuals").advanced_event_selector as {
        readonly field_selector: readonly { readonly field: string }[];
      }[];
    const { trail } = account.governance;
    const all = withGovernance({ trail: trail && { ...trail, objectEvents: "all" } });
    expect(selectorsOf(all)[1]?.field_selector.map(({ field }) => field)).toEqual([
      "eventCategory",
      "resources.type",
      "resources.ARN",
    ]);
    expect(selectorsOf(synthesizeAccount(account, []))).toHaveLength(1);
  });

  test("writes into a bucket that locks each file for seven years, and that production can neither empty nor destroy", () => {
    const kept = synthesizeAccount(production);
    expect(kept.resource("aws_s3_bucket.trail")).toEqual({
      bucket: "skymanuals-trail-222222222222",
      object_lock_enabled: true,
      force_destroy: false,
      tags: { Name: "skymanuals-trail-222222222222" },
      lifecycle: { prevent_destroy: true },
    });
    expect(kept.resource("aws_s3_bucket_object_lock_configuration.trail")).toMatchObject({
      rule: { default_retention: { mode: "COMPLIANCE", days: 2557 } },
    });
    expect(kept.resource("aws_kms_key.trail")).toMatchObject({ lifecycle: { prevent_destroy: true } });
    expect(stack.resource("aws_s3_bucket_object_lock_configuration.trail")).toMatchObject({
      rule: { default_retention: { mode: "GOVERNANCE", days: 2557 } },
    });
    expect(kept.json).not.toHaveProperty("resource.aws_s3_bucket_lifecycle_configuration");
  });
});

describe("AWS Config", () => {
  test("records everything, what is global in the region of the trail only, for seven years", () => {
    expect(stack.resource("aws_config_configuration_recorder.skymanuals")).toEqual({
      name: "default",
      role_arn: "arn:aws:iam::111111111111:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
      recording_group: { all_supported: true, include_global_resource_types: true },
      recording_mode: { recording_frequency: "CONTINUOUS" },
      depends_on: ["aws_iam_service_linked_role.config"],
    });
    expect(stack.resource("aws_config_retention_configuration.skymanuals")).toEqual({
      retention_period_in_days: 2557,
    });
    expect(stack.resource("aws_config_delivery_channel.skymanuals")).toEqual({
      name: "default",
      s3_bucket_name: "${aws_s3_bucket.config.bucket}",
      snapshot_delivery_properties: { delivery_frequency: "TwentyFour_Hours" },
      depends_on: ["aws_config_configuration_recorder.skymanuals", "aws_s3_bucket_policy.config"],
    });
    expect(stack.resource("aws_config_configuration_recorder_status.skymanuals")).toMatchObject({
      is_enabled: true,
      depends_on: ["aws_config_delivery_channel.skymanuals"],
    });
    const second = synthesizeAccount(productionDr).resource("aws_config_configuration_recorder.skymanuals");
    expect(second.recording_group).toEqual({ all_supported: true, include_global_resource_types: false });
    expect(second).not.toHaveProperty("depends_on");
  });

  test("delivers to a bucket that does not lock by default: Config would refuse it", () => {
    expect(stack.has("aws_s3_bucket_object_lock_configuration.config")).toBe(false);
    expect(stack.resource("aws_s3_bucket.config")).not.toHaveProperty("object_lock_enabled");
    expect(stack.resource("aws_s3_bucket_versioning.config")).toMatchObject({
      versioning_configuration: { status: "Enabled" },
    });
  });
});

test("Security Hub CSPM has the standards that are named, and no others", () => {
  expect(stack.resource("aws_securityhub_account.skymanuals")).toEqual({
    enable_default_standards: false,
    control_finding_generator: "SECURITY_CONTROL",
    auto_enable_controls: true,
    lifecycle: { ignore_changes: ["enable_default_standards"] },
  });
  expect(stack.resources("aws_securityhub_standards_subscription").map(({ config }) => config.standards_arn)).toEqual([
    "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0",
    "arn:aws:securityhub:us-east-1::standards/cis-aws-foundations-benchmark/v/3.0.0",
  ]);
});

test("GuardDuty watches S3, logins to the database and functions, and puts nothing into tasks", () => {
  expect(stack.resource("aws_guardduty_detector.skymanuals")).toEqual({
    enable: true,
    finding_publishing_frequency: "FIFTEEN_MINUTES",
    tags: { Name: "skymanuals" },
  });
  const features = stack.resources("aws_guardduty_detector_feature").map(({ config }) => [config.name, config.status]);
  expect(Object.fromEntries(features)).toEqual({
    S3_DATA_EVENTS: "ENABLED",
    RDS_LOGIN_EVENTS: "ENABLED",
    LAMBDA_NETWORK_LOGS: "ENABLED",
    EKS_AUDIT_LOGS: "DISABLED",
    EBS_MALWARE_PROTECTION: "DISABLED",
    RUNTIME_MONITORING: "DISABLED",
  });
});

test("IAM Access Analyzer looks at who outside of the account reaches in", () => {
  expect(stack.resource("aws_accessanalyzer_analyzer.skymanuals")).toEqual({
    analyzer_name: "skymanuals",
    type: "ACCOUNT",
    tags: { Name: "skymanuals" },
  });
});

test("no bucket of the account is public, new volumes are encrypted, passwords are long", () => {
  expect(stack.resource("aws_s3_account_public_access_block.skymanuals")).toEqual({
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  });
  expect(stack.resource("aws_ebs_encryption_by_default.skymanuals")).toEqual({ enabled: true });
  expect(stack.resource("aws_iam_account_password_policy.skymanuals")).toEqual({
    minimum_password_length: 14,
    password_reuse_prevention: 24,
    require_lowercase_characters: true,
    require_uppercase_characters: true,
    require_numbers: true,
    require_symbols: true,
    allow_users_to_change_password: true,
  });
});

test("what AWS has already is taken over by its id", () => {
  const adopted = withSingletons({
    trail: "adopt",
    configServiceLinkedRole: "adopt",
    config: "adopt",
    securityHub: "adopt",
    guardDuty: "adopt",
    accessAnalyzer: "adopt",
    s3PublicAccessBlock: "adopt",
    ebsEncryption: "adopt",
    passwordPolicy: "adopt",
  });
  const ids = (adopted.json.import as { readonly to: string; readonly id: string }[]).map(({ to, id }) => [to, id]);
  expect(Object.fromEntries(ids)).toEqual({
    "aws_cloudtrail.skymanuals": "arn:aws:cloudtrail:us-east-1:111111111111:trail/skymanuals",
    "aws_iam_service_linked_role.config":
      "arn:aws:iam::111111111111:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
    "aws_config_configuration_recorder.skymanuals": "default",
    "aws_config_delivery_channel.skymanuals": "default",
    "aws_config_configuration_recorder_status.skymanuals": "default",
    "aws_securityhub_account.skymanuals": "111111111111",
    "aws_guardduty_detector.skymanuals": "${data.aws_guardduty_detector.existing.id}",
    "aws_accessanalyzer_analyzer.skymanuals": "skymanuals",
    "aws_s3_account_public_access_block.skymanuals": "111111111111",
    "aws_ebs_encryption_by_default.skymanuals": "default",
    "aws_iam_account_password_policy.skymanuals": "iam-account-password-policy",
  });
});

test("in the account's second region: what each region has, and not what holds in all of them", () => {
  const second = synthesizeAccount(productionDr);
  const first = synthesizeAccount(production);
  const addresses = second.resources().map(({ address }) => address);
  const missing = first.resources().flatMap(({ address }) => (addresses.includes(address) ? [] : [address]));
  expect(missing.filter((address) => !/^aws_(ce_|s3_bucket|kms_)/.test(address))).toEqual([
    "aws_cloudtrail.skymanuals",
    "aws_iam_account_password_policy.skymanuals",
    "aws_iam_service_linked_role.config",
    "aws_iam_service_linked_role.elasticsearch",
    "aws_s3_account_public_access_block.skymanuals",
  ]);
  expect(missing.filter((address) => /^aws_(s3_bucket|kms_key)\./.test(address))).toEqual([
    "aws_kms_key.trail",
    "aws_s3_bucket.trail",
  ]);
  expect(addresses.filter((address) => !first.has(address))).toEqual([]);
});

describe("findings of high severity", () => {
  const patternOf = (label: string) =>
    JSON.parse(String(stack.resource(`aws_cloudwatch_event_rule.${label}`).event_pattern)) as Record<string, unknown>;

  test("GuardDuty's from 7 on", () => {
    expect(patternOf("guardduty_findings")).toEqual({
      source: ["aws.guardduty"],
      "detail-type": ["GuardDuty Finding"],
      detail: { severity: [{ numeric: [">=", 7] }] },
    });
  });

  test("Security Hub's that are high or critical and that nobody has taken note of, but for GuardDuty's", () => {
    expect(patternOf("security_hub_findings")).toEqual({
      source: ["aws.securityhub"],
      "detail-type": ["Security Hub Findings - Imported"],
      detail: {
        findings: {
          Severity: { Label: ["HIGH", "CRITICAL"] },
          Workflow: { Status: ["NEW"] },
          RecordState: ["ACTIVE"],
          ProductName: [{ "anything-but": ["GuardDuty"] }],
        },
      },
    });
  });

  test("go to an address by a topic under a key that EventBridge may use", () => {
    expect(stack.resource("aws_sns_topic_subscription.findings_email")).toEqual({
      topic_arn: "${aws_sns_topic.findings.arn}",
      protocol: "email",
      endpoint: "security@skymanuals.com",
    });
    expect(stack.resource("aws_sns_topic.findings").kms_master_key_id).toBe("${aws_kms_key.findings.id}");
    for (const label of ["guardduty_findings", "security_hub_findings", "governance_changed"]) {
      expect(stack.resource(`aws_cloudwatch_event_target.${label}`)).toMatchObject({
        rule: `\${aws_cloudwatch_event_rule.${label}.name}`,
        arn: "${aws_sns_topic.findings.arn}",
      });
    }
  });
});
