import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { alertTopicName } from "../facts/names";
import { Alarm, type Alerting, metricsOf, type Severity, type TopicsBySeverity } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { type Elsewhere, Key, keyStatements } from "./parts/key";
import { denyInsecureTransport, policyDocument, type Statement } from "./parts/policy-document";

/** What a role needs to publish to a topic. */
export interface Publisher {
  readonly topicArn: string;
  readonly statements: readonly Statement[];
}

export interface AlertTopicsProps {
  readonly deployment: Deployment;
  /** Who gets the alarms of a severity. AWS sends a confirmation to each address first. */
  readonly emails: Readonly<Record<Severity, string>>;
  /** Terraform refuses to plan the destruction of the key. */
  readonly preventDestroy: boolean;
  /** Where the topics are. Default: in the environment's region. */
  readonly elsewhere?: Elsewhere;
}

/** The topics of an environment that another stack has made. */
export function alertTopicArns({ prefix, region, accountId }: Deployment): TopicsBySeverity {
  const topic = (severity: Severity) => ({
    arn: `arn:aws:sns:${region}:${accountId}:${alertTopicName(prefix, severity)}`,
  });
  return { page: topic("page"), ticket: topic("ticket"), compliance: topic("compliance") };
}

/**
 * One topic for each severity, which sends e-mails. The topics are encrypted under a key of our own (parts/key.ts), whatever
 * the environment's `encryption` is: CloudWatch cannot publish to a topic under the AWS-managed key `alias/aws/sns`, whose policy does not admit it (AWS
 * Knowledge Center, "How do I configure a CloudWatch alarm with an encrypted SNS topic?"). They take messages from the alarms of
 * this account and region only, and only with TLS.
 *
 * An alarm's topics are in its own region: what serves CloudFront is watched in us-east-1, so that an environment of another region
 * has topics there, too, whose addresses are confirmed once more.
 *
 * A message that reaches nobody is told to who reads another topic (Amazon CloudWatch User Guide, "Best practice alarm
 * recommendations", SNS). Not watched: redrives to a dead-letter queue, of which e-mail has none.
 */
export class AlertTopics extends Construct {
  readonly bySeverity: Readonly<Record<Severity, SnsTopic>>;
  /** For alarms of the topics' region. */
  readonly alerting: Alerting;
  private readonly key: Key;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AlertTopicsProps,
  ) {
    super(scope, id);
    this.key = new Key(this, "alerts", {
      ...props,
      description: "Alarms on their way to an e-mail address",
      // Amazon SNS Developer Guide, "Key management", compatibility between event sources and encrypted topics.
      services: [this.forAlarms("Alarms", ["kms:Decrypt", "kms:GenerateDataKey*"], "*")],
    });
    const topic = (severity: Severity) => this.addTopic(severity);
    this.bySeverity = { page: topic("page"), ticket: topic("ticket"), compliance: topic("compliance") };
    this.alerting = {
      prefix: props.deployment.prefix,
      topics: this.bySeverity,
      provider: props.elsewhere?.provider,
    };
    this.watch("page", "ticket");
    this.watch("ticket", "page");
    this.watch("compliance", "ticket");
  }

  /**
   * For a function that names what an alarm cannot. Amazon SNS Developer Guide, "Key management", AWS KMS permissions: who publishes
   * to an encrypted topic needs both actions on its key.
   */
  publisher(severity: Severity): Publisher {
    const { arn } = this.bySeverity[severity];
    return {
      topicArn: arn,
      statements: [
        { Sid: "TellTopic", Action: ["sns:Publish"], Resource: [arn] },
        ...keyStatements(this.key, "read and write", "TopicKey", "sns"),
      ],
    };
  }

  /** The end of labels and names. */
  private get region(): string {
    return this.props.elsewhere ? `_${this.props.elsewhere.region.replaceAll("-", "_")}` : "";
  }

  private watch(severity: Severity, toldTo: Severity): void {
    new Alarm(this, `${severity}_alerts_failed${this.region}`, {
      ...this.alerting,
      severity: toldTo,
      runbook: "alerts_failed",
      description: `Messages of severity ${severity} reach nobody.`,
      watch: metricsOf("AWS/SNS", { TopicName: this.bySeverity[severity].name })("NumberOfNotificationsFailed", "Sum"),
      comparison: "above",
      threshold: 0,
      evaluationPeriods: 5,
      datapoints: 1,
      missingData: "notBreaching",
    });
  }

  private addTopic(severity: Severity): SnsTopic {
    const { deployment, emails, elsewhere } = this.props;
    const provider = elsewhere?.provider;
    const name = alertTopicName(deployment.prefix, severity);
    const topic = new SnsTopic(this, `aws_sns_topic.${severity}_alerts${this.region}`, {
      provider,
      name,
      kmsMasterKeyId: this.key.id,
      tags: { Name: name },
    });
    new SnsTopicPolicy(this, `aws_sns_topic_policy.${severity}_alerts${this.region}`, {
      provider,
      arn: topic.arn,
      policy: policyDocument(
        // Amazon SNS Developer Guide, "Example cases for Amazon SNS access control", CloudWatch alarms.
        this.forAlarms("Alarms", ["sns:Publish"], topic.arn),
        denyInsecureTransport("sns", topic.arn),
      ),
    });
    new SnsTopicSubscription(this, `aws_sns_topic_subscription.${severity}_email${this.region}`, {
      provider,
      topicArn: topic.arn,
      protocol: "email",
      endpoint: emails[severity],
    });
    return topic;
  }

  private forAlarms(Sid: string, Action: readonly string[], resource: string): Statement {
    const { deployment, elsewhere } = this.props;
    const { accountId } = deployment;
    const region = elsewhere?.region ?? deployment.region;
    return {
      Sid,
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action,
      Resource: [resource],
      Condition: {
        StringEquals: { "aws:SourceAccount": accountId },
        ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${region}:${accountId}:alarm:*` },
      },
    };
  }
}
