import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { project } from "../../facts/names";
import { Key } from "../parts/key";
import { Output } from "../parts/output";
import { denyInsecureTransport, policyDocument } from "../parts/policy-document";

export interface FindingsProps {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** Who gets them. AWS sends a confirmation to the address first. */
  readonly email: string;
  /** Terraform refuses to plan the destruction of the key. */
  readonly preventDestroy: boolean;
}

interface Message {
  readonly label: string;
  readonly description: string;
  readonly pattern: object;
  /** JSON paths of the event, by the names that stand in `lines` as `<name>`. */
  readonly paths: Readonly<Record<string, string>>;
  /** The mail, line by line. */
  readonly lines: readonly string[];
}

const service = { Service: "events.amazonaws.com" };

/** GuardDuty's severity from 7.0 on is high, from 9.0 on critical. Source: GuardDuty User Guide, "Severity levels of GuardDuty findings". */
const guardDuty: Message = {
  label: "guardduty_findings",
  description: "GuardDuty's findings of severity high and critical",
  pattern: {
    source: ["aws.guardduty"],
    "detail-type": ["GuardDuty Finding"],
    detail: { severity: [{ numeric: [">=", 7] }] },
  },
  paths: {
    account: "$.account",
    region: "$.region",
    severity: "$.detail.severity",
    type: "$.detail.type",
    title: "$.detail.title",
    description: "$.detail.description",
    id: "$.detail.id",
  },
  lines: [
    "GuardDuty, account <account>, <region>: <title>",
    "Severity <severity>, type <type>. <description>",
    "aws guardduty get-findings --region <region> --finding-ids <id> --detector-id $(aws guardduty list-detectors --region <region> --query DetectorIds[0] --output text)",
  ],
};

/** GuardDuty's come by its own events, and once is enough. Workflow status NEW: nobody has taken note of it yet. */
const securityHub: Message = {
  label: "security_hub_findings",
  description: "Security Hub CSPM's findings of severity high and critical, but for GuardDuty's",
  pattern: {
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
  },
  paths: {
    account: "$.account",
    region: "$.region",
    severity: "$.detail.findings[0].Severity.Label",
    title: "$.detail.findings[0].Title",
    description: "$.detail.findings[0].Description",
    resource: "$.detail.findings[0].Resources[0].Id",
    id: "$.detail.findings[0].Id",
    product: "$.detail.findings[0].ProductArn",
  },
  lines: [
    "Security Hub CSPM, account <account>, <region>: <title>",
    "Severity <severity>, resource <resource>. <description>",
    "When somebody works on it: aws securityhub batch-update-findings --region <region> --workflow Status=NOTIFIED --finding-identifiers Id=<id>,ProductArn=<product>",
  ],
};

/** Calls by which somebody would switch off what this stack switches on. */
const switches: Readonly<Record<string, readonly string[]>> = {
  "access-analyzer.amazonaws.com": ["DeleteAnalyzer"],
  "cloudtrail.amazonaws.com": ["DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"],
  "config.amazonaws.com": [
    "DeleteConfigurationRecorder",
    "DeleteDeliveryChannel",
    "DeleteRetentionConfiguration",
    "StopConfigurationRecorder",
  ],
  "guardduty.amazonaws.com": ["DeleteDetector", "StopMonitoringMembers", "UpdateDetector"],
  "securityhub.amazonaws.com": ["BatchDisableStandards", "DisableSecurityHub"],
};

/** A trail has no metric of failed deliveries; what would end its deliveries is a call of the API. */
const switchedOff: Message = {
  label: "governance_changed",
  description: "CloudTrail, Config, GuardDuty, Security Hub CSPM or Access Analyzer is stopped, deleted or changed",
  pattern: {
    source: ["aws.access-analyzer", "aws.cloudtrail", "aws.config", "aws.guardduty", "aws.securityhub"],
    "detail-type": ["AWS API Call via CloudTrail"],
    detail: { eventSource: Object.keys(switches), eventName: Object.values(switches).flat().sort() },
  },
  paths: {
    account: "$.account",
    region: "$.region",
    service: "$.detail.eventSource",
    call: "$.detail.eventName",
    who: "$.detail.userIdentity.arn",
    when: "$.detail.eventTime",
    error: "$.detail.errorCode",
  },
  lines: [
    "Governance, account <account>, <region>: <call> of <service> by <who>",
    "At <when>. Error, if AWS refused it: <error>",
    "An apply of the account's stack does this where its fields change. Anything else is to be explained.",
  ],
};

/**
 * Findings of high severity and changes of what finds them, as mails that a person can read. Security Hub sends an event each time a
 * finding is updated: it mails again until the finding's workflow status is no longer NEW, and the mail has the command.
 *
 * The topic is encrypted under a key of our own (parts/key.ts): EventBridge cannot publish under the AWS-managed one. Rules on events of
 * AWS services and e-mails below 1,000 a month are free (Amazon EventBridge and Amazon SNS, pricing).
 * Sources: Amazon EventBridge User Guide, "Using resource-based policies for Amazon EventBridge" (no condition in the statements for a
 * topic) and "Amazon EventBridge input transformation"; GuardDuty User Guide, "Processing GuardDuty findings with Amazon EventBridge";
 * Security Hub User Guide, "EventBridge event formats for Security Hub CSPM"; CloudTrail User Guide, "Logging management events".
 */
export class Findings extends Construct {
  private readonly topic: SnsTopic;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FindingsProps,
  ) {
    super(scope, id);
    this.topic = this.addTopic(this.addKey());
    for (const message of [guardDuty, securityHub, switchedOff]) {
      this.send(message);
    }
    new Output(this, "findings_topic", this.topic.arn, "Topic of findings of high severity");
  }

  private addKey(): Key {
    const { accountId, region, preventDestroy } = this.props;
    return new Key(this, "findings", {
      deployment: { prefix: project, region, accountId },
      description: "Findings of high severity on their way to an e-mail address",
      services: [
        // Amazon SNS Developer Guide, "Key management", compatibility between event sources and encrypted topics.
        {
          Sid: "Events",
          Principal: service,
          Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
          Resource: ["*"],
        },
      ],
      preventDestroy,
    });
  }

  private addTopic(key: Key): SnsTopic {
    const name = "skymanuals-findings";
    const topic = new SnsTopic(this, "aws_sns_topic.findings", {
      name,
      kmsMasterKeyId: key.id,
      tags: { Name: name },
    });
    new SnsTopicPolicy(this, "aws_sns_topic_policy.findings", {
      arn: topic.arn,
      policy: policyDocument(
        { Sid: "Events", Principal: service, Action: ["sns:Publish"], Resource: [topic.arn] },
        denyInsecureTransport("sns", topic.arn),
      ),
    });
    new SnsTopicSubscription(this, "aws_sns_topic_subscription.findings_email", {
      topicArn: topic.arn,
      protocol: "email",
      endpoint: this.props.email,
    });
    return topic;
  }

  private send({ label, description, pattern, paths, lines }: Message): void {
    const name = `skymanuals-${label.replaceAll("_", "-")}`;
    const rule = new CloudwatchEventRule(this, `aws_cloudwatch_event_rule.${label}`, {
      name,
      description,
      eventPattern: JSON.stringify(pattern),
      tags: { Name: name },
    });
    new CloudwatchEventTarget(this, `aws_cloudwatch_event_target.${label}`, {
      rule: rule.name,
      targetId: "findings",
      arn: this.topic.arn,
      inputTransformer: {
        inputPaths: paths,
        // Each line is a JSON string: quotation marks of a value do not end it.
        inputTemplate: lines.map((line) => `"${line}"`).join("\n"),
      },
    });
  }
}
