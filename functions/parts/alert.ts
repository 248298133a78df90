import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";

/** Tells whoever reads a topic. The text is JSON, as that of an alarm is. */
export type Tell = (alert: {
  /** ASCII, at most 100 characters (Amazon SNS API Reference, Publish, Subject). */
  readonly subject: string;
  readonly details: Readonly<Record<string, unknown>>;
}) => Promise<void>;

export function tellTopic(sns: SNSClient, topicArn: string): Tell {
  return async ({ subject, details }) => {
    const Message = JSON.stringify(details, null, 2);
    await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message }));
  };
}
