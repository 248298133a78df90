import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import type { Severity, TopicsBySeverity } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { denyInsecureTransport, policyDocument, type Statement } from "./parts/policy-document";

export interface AlertTopicsProps {
  readonly deployment: Deployment;
  /** Who gets the alarms of a severity. AWS sends a confirmation to each address first. */
  readonly emails: Readonly<Record<Severity, string>>;
  /** Terraform refuses to plan the destruction of the key. */
  readonly preventDestroy: boolean;
}

/**
 * One topic for each severity, which sends e-mails. The topics are encrypted under a key of our own (1 USD a month, AWS list
 * price): CloudWatch cannot publish to a topic under the AWS-managed key `alias/aws/sns`, whose policy does not admit it (AWS
 * Knowledge Center, "How do I configure a CloudWatch alarm with an encrypted SNS topic?"). They take messages from the alarms of
 * this account and region only, and only with TLS.
 */
export class AlertTopics extends Construct {
  readonly bySeverity: TopicsBySeverity;

  constructor(scope: Construct, id: string, props: AlertTopicsProps) {
    super(scope, id);
    const key = this.addKey(props);
    const topic = (severity: Severity) => this.addTopic(severity, key, props);
    this.bySeverity = { page: topic("page"), ticket: topic("ticket"), compliance: topic("compliance") };
  }

  private addKey({ deployment, preventDestroy }: AlertTopicsProps): KmsKey {
    const name = `${deployment.prefix}-alerts`;
    const key = new KmsKey(this, "aws_kms_key.alerts", {
      description: "Alarms on their way to an e-mail address",
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      policy: policyDocument(
        {
          Sid: "Account",
          Principal: { AWS: `arn:aws:iam::${deployment.accountId}:root` },
          Action: ["kms:*"],
          Resource: ["*"],
        },
        // Amazon SNS Developer Guide, "Key management", compatibility between event sources and encrypted topics.
        forAlarms("Alarms", ["kms:Decrypt", "kms:GenerateDataKey*"], "*", deployment),
      ),
      tags: { Name: name },
      lifecycle: { preventDestroy },
    });
    new KmsAlias(this, "aws_kms_alias.alerts", { name: `alias/${name}`, targetKeyId: key.id });
    return key;
  }

  private addTopic(severity: Severity, key: KmsKey, { deployment, emails }: AlertTopicsProps): SnsTopic {
    const name = `${deployment.prefix}-${severity}-alerts`;
    const topic = new SnsTopic(this, `aws_sns_topic.${severity}_alerts`, {
      name,
      kmsMasterKeyId: key.id,
      tags: { Name: name },
    });
    new SnsTopicPolicy(this, `aws_sns_topic_policy.${severity}_alerts`, {
      arn: topic.arn,
      policy: policyDocument(
        // Amazon SNS Developer Guide, "Example cases for Amazon SNS access control", CloudWatch alarms.
        forAlarms("Alarms", ["sns:Publish"], topic.arn, deployment),
        denyInsecureTransport("sns", topic.arn),
      ),
    });
    new SnsTopicSubscription(this, `aws_sns_topic_subscription.${severity}_email`, {
      topicArn: topic.arn,
      protocol: "email",
      endpoint: emails[severity],
    });
    return topic;
  }
}

function forAlarms(
  Sid: string,
  Action: readonly string[],
  resource: string,
  { region, accountId }: Deployment,
): Statement {
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
