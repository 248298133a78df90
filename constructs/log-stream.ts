import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogSubscriptionFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-subscription-filter";
import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KinesisStream } from "@cdktf/provider-aws/lib/kinesis-stream";
import { Construct } from "constructs";
import { logStreamName, logStreamRetentionHours } from "../facts/log-stream";
import { logstashName } from "../facts/names";
import type { Logs } from "./logs";
import { Alarm, type Metric, type TopicsBySeverity } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { keyStatements } from "./parts/key";
import { assumedBy, policyDocument, type Statement } from "./parts/policy-document";

export interface LogStreamProps {
  readonly deployment: Deployment;
  readonly logs: Logs;
  /** Each takes 1 MB or 1,000 records a second; CloudWatch Logs sends its records compressed. */
  readonly shards: number;
  readonly topics: TopicsBySeverity;
}

const minute = 60;
const hour = 60 * minute;

/**
 * What stands between CloudWatch Logs and Logstash, so that no event is lost between them: a data stream that the log groups of the
 * API and of commands in its containers are subscribed to, and a table with Logstash's position in it. In place of logstash.tf's
 * input `cloudwatch_logs` (decision 17).
 *
 * Holds seven days of events, which CloudWatch Logs holds for thirty. A log group has at most two subscription filters (Amazon CloudWatch Logs User Guide, "CloudWatch Logs
 * quotas"): the log archive takes the other.
 *
 * Costs 25.55 USD a month for each shard: 0.015 USD an hour, and 0.02 USD an hour for keeping data longer than a day; and 0.014 USD
 * for a million records of 25 KB (Amazon Kinesis Data Streams Pricing, us-east-1, 730 hours). The table costs about half a USD: a
 * lease is renewed every three seconds, 0.625 USD for a million writes (Amazon DynamoDB Pricing, on-demand, us-east-1).
 */
export class LogStream extends Construct {
  readonly stream: KinesisStream;
  /** Where Logstash's Kinesis Client Library keeps which shard it has read how far. */
  readonly positions: DynamodbTable;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LogStreamProps,
  ) {
    super(scope, id);
    const { prefix, keys } = props.deployment;

    this.stream = new KinesisStream(this, "aws_kinesis_stream.logs", {
      name: logStreamName(prefix),
      shardCount: props.shards,
      streamModeDetails: { streamMode: "PROVISIONED" },
      retentionPeriod: logStreamRetentionHours,
      encryptionType: "KMS",
      // Whoever may use the stream may use AWS's own key, without a statement for it (Amazon Kinesis Data Streams Developer Guide, "How
      // do I get started with server-side encryption?").
      kmsKeyId: keys?.logs?.arn ?? "alias/aws/kinesis",
      tags: { Name: logStreamName(prefix) },
    });

    // The library takes a table that is there, under its application's name and with this key (amazon-kinesis-client 1.x,
    // LeaseManager.createLeaseTableIfNotExists, KinesisClientLeaseSerializer); one that it made itself would outlive the stack.
    this.positions = new DynamodbTable(this, "aws_dynamodb_table.logstash", {
      name: logstashName(prefix),
      billingMode: "PAY_PER_REQUEST",
      hashKey: "leaseKey",
      attribute: [{ name: "leaseKey", type: "S" }],
      tags: { Name: logstashName(prefix) },
    });

    const { role, policy } = this.addRole();
    for (const [label, group] of this.subscribed()) {
      new CloudwatchLogSubscriptionFilter(this, `aws_cloudwatch_log_subscription_filter.${label}`, {
        name: `${logstashName(prefix)}-${label}`,
        logGroupName: group.name,
        // Every event.
        filterPattern: "",
        destinationArn: this.stream.arn,
        roleArn: role.arn,
        // All shards share what one busy container writes. The order of events does not matter: each has its time.
        distribution: "Random",
        // CloudWatch Logs sends a test record when the filter is created.
        dependsOn: [policy],
      });
    }
    this.addAlarms();
  }

  /** What Logstash's task may do with both (Amazon Kinesis Data Streams Developer Guide, "IAM permissions required for KCL consumer applications"). */
  get readerStatements(): readonly Statement[] {
    return [
      {
        Sid: "ReadLogStream",
        Action: [
          "kinesis:DescribeStream",
          "kinesis:DescribeStreamSummary",
          "kinesis:GetRecords",
          "kinesis:GetShardIterator",
          "kinesis:ListShards",
        ],
        Resource: [this.stream.arn],
      },
      {
        // Without CreateTable: the table is this stack's.
        Sid: "KeepPosition",
        Action: [
          "dynamodb:DeleteItem",
          "dynamodb:DescribeTable",
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:Scan",
          "dynamodb:UpdateItem",
        ],
        Resource: [this.positions.arn],
      },
      ...this.keyStatements("read"),
    ];
  }

  /** Amazon Kinesis Data Streams Developer Guide, "Permissions to use user-generated KMS keys", producers and consumers. */
  private keyStatements(use: "read" | "write"): Statement[] {
    return keyStatements(this.props.deployment.keys?.logs, use, "StreamKey", "kinesis");
  }

  private subscribed(): [string, CloudwatchLogGroup][] {
    const { api, ecs } = this.props.logs;
    return [
      ["api", api],
      ["ecs", ecs],
    ];
  }

  private addRole(): { role: IamRole; policy: IamRolePolicy } {
    const { prefix, region, accountId } = this.props.deployment;
    const name = `${prefix}-log-stream`;
    // Amazon CloudWatch Logs User Guide, "Subscription filters with Amazon Kinesis Data Streams": these two policies.
    const role = new IamRole(this, "aws_iam_role.log_stream", {
      name,
      assumeRolePolicy: assumedBy("logs.amazonaws.com", {
        StringLike: { "aws:SourceArn": `arn:aws:logs:${region}:${accountId}:*` },
      }),
      tags: { Name: name },
    });
    const policy = new IamRolePolicy(this, "aws_iam_role_policy.log_stream", {
      name: "deliver",
      role: role.id,
      policy: policyDocument(
        { Sid: "PutRecord", Action: ["kinesis:PutRecord"], Resource: [this.stream.arn] },
        ...this.keyStatements("write"),
      ),
    });
    return { role, policy };
  }

  private addAlarms(): void {
    const { topics, logs } = this.props;
    const { prefix } = this.props.deployment;
    const ofStream = (metricName: string, statistic: Metric["statistic"], periodSeconds: number): Metric => ({
      namespace: "AWS/Kinesis",
      metricName,
      dimensions: { StreamName: this.stream.name },
      statistic,
      periodSeconds,
    });
    const age = "GetRecords.IteratorAgeMilliseconds";

    new Alarm(this, "log_stream_behind", {
      prefix,
      severity: "ticket",
      topics,
      description:
        "Logstash reads the log stream more than 15 minutes late, or not at all: what is searched for is not there yet.",
      watch: ofStream(age, "Maximum", 5 * minute),
      comparison: "above",
      threshold: 15 * minute * 1000,
      evaluationPeriods: 3,
      // Nobody reads.
      missingData: "breaching",
    });
    new Alarm(this, "log_stream_far_behind", {
      prefix,
      severity: "page",
      topics,
      description: `For 12 hours Logstash has read the log stream more than 12 hours late, or not at all. After ${logStreamRetentionHours} hours the stream forgets what was not read.`,
      watch: ofStream(age, "Maximum", hour),
      comparison: "above",
      threshold: 12 * hour * 1000,
      evaluationPeriods: 12,
      missingData: "breaching",
    });
    new Alarm(this, "log_stream_throttled", {
      prefix,
      severity: "ticket",
      topics,
      description:
        "The log stream refuses records for want of shards. CloudWatch Logs sends them again for 24 hours, then drops them: raise logstash.streamShards.",
      watch: ofStream("WriteProvisionedThroughputExceeded", "Sum", 5 * minute),
      comparison: "above",
      threshold: 0,
      evaluationPeriods: 3,
      missingData: "notBreaching",
    });
    // By what comes in and out: CloudWatch Logs' own DeliveryErrors has a dimension DestinationType, whose values AWS does not document.
    const incoming = (group: CloudwatchLogGroup): Metric => ({
      namespace: "AWS/Logs",
      metricName: "IncomingLogEvents",
      dimensions: { LogGroupName: group.name },
      statistic: "Sum",
      periodSeconds: 5 * minute,
    });
    new Alarm(this, "log_stream_unfed", {
      prefix,
      severity: "ticket",
      topics,
      description:
        "CloudWatch Logs takes events and sends none of them to the log stream: a subscription filter or its role is broken.",
      watch: {
        expression: "IF(FILL(api, 0) + FILL(ecs, 0) > 0 AND FILL(stream, 0) == 0, 1, 0)",
        metrics: {
          api: incoming(logs.api),
          ecs: incoming(logs.ecs),
          stream: ofStream("IncomingRecords", "Sum", 5 * minute),
        },
      },
      comparison: "atLeast",
      threshold: 1,
      evaluationPeriods: 3,
      missingData: "notBreaching",
    });
  }
}
