import { attribute } from "../planned";
import { each, equals, needs, type Requirement, refersTo, some, states } from "../requirement";

const source = "Setup guide, Compliance and Auditing, Security Auditing";

export const auditing: readonly Requirement[] = [
  {
    id: "audit.cloudtrail",
    title: "CloudTrail records API calls of all regions, and each access to chunks and records",
    source,
    promise: "CloudTrail för API calls",
    serves: ["IS.D.OR.245(a)(4)"],
    inAccount: "That the trail logs and delivers, and that its digests validate: aws cloudtrail validate-logs.",
    ofAccount: true,
    checks: [
      "cloudtrail_multi_region_enabled",
      "cloudtrail_log_file_validation_enabled",
      "cloudtrail_s3_dataevents_read_enabled",
      "cloudtrail_s3_dataevents_write_enabled",
    ],
    judge: (planned) => ({
      findings: some(planned.of("aws_cloudtrail"), "aws_cloudtrail", "a trail of all regions", (trail) => {
        const events = JSON.stringify([
          trail.values.event_selector ?? [],
          trail.values.advanced_event_selector ?? [],
          trail.expressions.event_selector ?? [],
          trail.expressions.advanced_event_selector ?? [],
        ]);
        return [
          equals(trail, "is_multi_region_trail", true),
          equals(trail, "enable_log_file_validation", true),
          needs(trail, "enable_logging", "true", (value) => value !== false),
          needs(trail, "include_global_service_events", "true", (value) => value !== false),
          ...["chunks", "audit"].map((label) =>
            states(
              trail,
              `data events of aws_s3_bucket.${label}`,
              events.includes(bucketName(label)) ? "selected" : "not selected",
              "each read and write of an object",
              /AWS::S3::Object/.test(events) && events.includes(bucketName(label)),
            ),
          ),
        ];
        function bucketName(label: string): string {
          return String(planned.at(`aws_s3_bucket.${label}`)[0]?.values.bucket ?? `(${label})`);
        }
      }),
    }),
  },
  {
    id: "audit.config",
    title: "AWS Config records every resource, and holds it against rules",
    source,
    promise: "Config rules för compliance checking",
    serves: [],
    inAccount: "What the rules find: nothing evaluates them before an account runs.",
    ofAccount: true,
    checks: ["config_recorder_all_regions_enabled"],
    judge: (planned) => ({
      findings: [
        ...some(
          planned.of("aws_config_configuration_recorder"),
          "aws_config_configuration_recorder",
          "a recorder of all resources",
          (one) => [equals(one, "recording_group[0].all_supported", true)],
        ),
        ...some(
          planned.of("aws_config_delivery_channel"),
          "aws_config_delivery_channel",
          "a delivery channel",
          (one) => [needs(one, "s3_bucket_name", "a bucket", () => attribute(one, "s3_bucket_name").text !== "absent")],
        ),
        ...some(
          planned.of("aws_config_configuration_recorder_status"),
          "aws_config_configuration_recorder_status",
          "the recorder is on",
          (one) => [equals(one, "is_enabled", true)],
        ),
        ...some(
          planned.of("aws_config_conformance_pack", "aws_config_config_rule"),
          "aws_config_conformance_pack",
          "rules",
          (one) => [needs(one, "name", "rules", () => true)],
        ),
      ],
    }),
  },
  {
    id: "audit.flow-logs",
    title: "The VPC's traffic is logged",
    source,
    promise: "VPC Flow Logs för network monitoring",
    serves: ["IS.D.OR.245(a)(4)"],
    inAccount: "That lines arrive, and who reads them.",
    checks: ["vpc_flow_logs_enabled"],
    judge: (planned) => ({
      findings: each(planned.of("aws_vpc"), "aws_vpc", "a VPC", (vpc) =>
        some(
          planned.pointingAt(vpc, "aws_flow_log", "vpc_id"),
          `aws_flow_log (${vpc.address})`,
          "a flow log of all traffic",
          (log) => [
            equals(log, "traffic_type", "ALL"),
            refersTo(log, "log_destination", "a log group or bucket", () => true),
          ],
        ),
      ),
    }),
  },
  {
    id: "audit.security-hub",
    title: "Security Hub CSPM holds the account against standards",
    source,
    promise: "Security Hub för vulnerability management",
    serves: ["IS.D.OR.245(a)(4)"],
    inAccount: "Its findings, and what became of them.",
    ofAccount: true,
    checks: ["securityhub_enabled"],
    judge: (planned) => ({
      findings: [
        ...some(planned.of("aws_securityhub_account"), "aws_securityhub_account", "Security Hub CSPM", (one) => [
          needs(one, "enable_default_standards", "Security Hub CSPM", () => true),
        ]),
        ...each(
          planned.of("aws_securityhub_standards_subscription"),
          "aws_securityhub_standards_subscription",
          "a standard",
          (one) => [needs(one, "standards_arn", "a standard", () => attribute(one, "standards_arn").text !== "absent")],
        ),
      ],
    }),
  },
];
