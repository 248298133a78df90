import { synthesizeAccounts, synthesizeEnvironments } from "./support/environments";
import { Evaluator } from "./support/expressions";
import { Permissions } from "./support/permissions";
import { type Statement, Synthesized } from "./support/synth";

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** A statement for an AWS service, in the form that AWS documents. REGION and ACCOUNT stand for the stack's. */
interface Documented {
  /** The AWS document that has the statement. */
  readonly source: string;
  readonly actions: readonly string[];
  /** The whole resource; undefined in a trust policy, which has none. */
  readonly resource?: RegExp;
  /**
   * `<operator> <key>`: the form of its value. The statement has all of these and no others: a key that the service does not send
   * refuses it.
   */
  readonly conditions: Readonly<Record<string, RegExp>>;
}

const account = { "StringEquals aws:SourceAccount": /^ACCOUNT$/ };

/** What names a service as principal, by type of resource and service. Add a row, with its source, for a new one. */
const documented: Readonly<Record<string, readonly Documented[]>> = {
  "aws_s3_bucket_policy logdelivery.elasticloadbalancing.amazonaws.com": [
    {
      source: 'Elastic Load Balancing, "Enable access logs for your Application Load Balancer"',
      actions: ["s3:PutObject"],
      resource: /^arn:aws:s3:::[^/]+\/[^*]+\/AWSLogs\/ACCOUNT\/\*$/,
      conditions: {},
    },
  ],
  "aws_s3_bucket_policy delivery.logs.amazonaws.com": [
    {
      source: 'Amazon CloudFront Developer Guide, "Configure standard logging (v2)"',
      actions: ["s3:PutObject"],
      resource: /^arn:aws:s3:::[^/]+\/cloudfront\/\*$/,
      conditions: {
        ...account,
        "StringEquals s3:x-amz-acl": /^bucket-owner-full-control$/,
        "ArnLike aws:SourceArn": /^arn:aws:logs:(us-east-1|REGION):ACCOUNT:delivery-source:[^*]+$/,
      },
    },
  ],
  "aws_s3_bucket_policy logging.s3.amazonaws.com": [
    {
      source: 'Amazon S3 User Guide, "Enabling Amazon S3 server access logging"',
      actions: ["s3:PutObject"],
      resource: /^arn:aws:s3:::[^/]+\/s3\/[^*]+\/\*$/,
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:s3:::[^*]+$/ },
    },
  ],
  "aws_sqs_queue_policy s3.amazonaws.com": [
    {
      source: 'Amazon S3 User Guide, "Granting permissions to publish event notification messages to a destination"',
      actions: ["sqs:SendMessage"],
      resource: /^arn:aws:sqs:REGION:ACCOUNT:[^*]+$/,
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:s3:::[^*]+$/ },
    },
  ],
  "aws_sns_topic_policy cloudwatch.amazonaws.com": [
    {
      source: 'Amazon SNS Developer Guide, "Example cases for Amazon SNS access control", CloudWatch alarms',
      actions: ["sns:Publish"],
      resource: /^arn:aws:sns:REGION:ACCOUNT:[^*]+$/,
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:cloudwatch:REGION:ACCOUNT:alarm:\*$/ },
    },
  ],
  "aws_kms_key cloudwatch.amazonaws.com": [
    {
      // EventBridge sends no such keys with its requests to KMS, CloudWatch alarms do.
      source:
        'Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", compatibility between event sources and encrypted topics',
      actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
      resource: /^\*$/,
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:cloudwatch:REGION:ACCOUNT:alarm:\*$/ },
    },
  ],
  "aws_kms_key logs.REGION.amazonaws.com": [
    {
      source:
        'Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service"',
      actions: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
      resource: /^\*$/,
      conditions: { "ArnLike kms:EncryptionContext:aws:logs:arn": /^arn:aws:logs:REGION:ACCOUNT:\*$/ },
    },
  ],
  "aws_kms_key s3.amazonaws.com": [
    {
      // It documents no condition.
      source: 'Amazon S3 User Guide, "Granting permissions to publish event notification messages to a destination"',
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resource: /^\*$/,
      conditions: {},
    },
  ],
  "aws_sns_topic_policy events.amazonaws.com": [
    {
      // It documents no condition: EventBridge sends no such keys with its requests to a topic.
      source:
        'Amazon EventBridge User Guide, "Using resource-based policies for Amazon EventBridge", Amazon SNS permissions',
      actions: ["sns:Publish"],
      resource: /^arn:aws:sns:REGION:ACCOUNT:[^*]+$/,
      conditions: {},
    },
  ],
  "aws_kms_key events.amazonaws.com": [
    {
      source:
        'Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", compatibility between event sources and encrypted topics',
      actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
      resource: /^\*$/,
      conditions: {},
    },
  ],
  "aws_s3_bucket_policy cloudtrail.amazonaws.com": [
    {
      source: 'AWS CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"',
      actions: ["s3:GetBucketAcl"],
      resource: /^arn:aws:s3:::[^*/]+$/,
      conditions: { "StringEquals aws:SourceArn": /^arn:aws:cloudtrail:REGION:ACCOUNT:trail\/[^*]+$/ },
    },
    {
      source: 'AWS CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"',
      actions: ["s3:PutObject"],
      resource: /^arn:aws:s3:::[^*/]+\/AWSLogs\/ACCOUNT\/\*$/,
      conditions: {
        "StringEquals s3:x-amz-acl": /^bucket-owner-full-control$/,
        "StringEquals aws:SourceArn": /^arn:aws:cloudtrail:REGION:ACCOUNT:trail\/[^*]+$/,
      },
    },
  ],
  "aws_kms_key cloudtrail.amazonaws.com": [
    {
      source:
        'AWS CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail", encrypt permissions for trails',
      actions: ["kms:GenerateDataKey*"],
      resource: /^\*$/,
      conditions: {
        "StringEquals aws:SourceArn": /^arn:aws:cloudtrail:REGION:ACCOUNT:trail\/[^*]+$/,
        "StringLike kms:EncryptionContext:aws:cloudtrail:arn": /^arn:aws:cloudtrail:\*:ACCOUNT:trail\/\*$/,
      },
    },
    {
      source: 'AWS CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail", describe KMS key properties',
      actions: ["kms:DescribeKey"],
      resource: /^\*$/,
      conditions: { "StringEquals aws:SourceArn": /^arn:aws:cloudtrail:REGION:ACCOUNT:trail\/[^*]+$/ },
    },
  ],
  "aws_s3_bucket_policy config.amazonaws.com": [
    {
      source: 'AWS Config Developer Guide, "Permissions for the Amazon S3 bucket for the AWS Config delivery channel"',
      actions: ["s3:GetBucketAcl"],
      resource: /^arn:aws:s3:::[^*/]+$/,
      conditions: account,
    },
    {
      source: 'AWS Config Developer Guide, "Permissions for the Amazon S3 bucket for the AWS Config delivery channel"',
      actions: ["s3:ListBucket"],
      resource: /^arn:aws:s3:::[^*/]+$/,
      conditions: account,
    },
    {
      source: 'AWS Config Developer Guide, "Permissions for the Amazon S3 bucket for the AWS Config delivery channel"',
      actions: ["s3:PutObject"],
      resource: /^arn:aws:s3:::[^*/]+\/AWSLogs\/ACCOUNT\/Config\/\*$/,
      conditions: { ...account, "StringEquals s3:x-amz-acl": /^bucket-owner-full-control$/ },
    },
  ],
  "aws_cloudwatch_log_resource_policy es.amazonaws.com": [
    {
      source: 'Amazon OpenSearch Service Developer Guide, "Monitoring OpenSearch logs with Amazon CloudWatch Logs"',
      actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
      resource: /^arn:aws:logs:REGION:ACCOUNT:log-group:[^*]+\*$/,
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:es:REGION:ACCOUNT:domain\/\*$/ },
    },
  ],
  "aws_iam_role backup.amazonaws.com": [
    {
      // It documents no condition.
      source: 'AWS Backup Developer Guide, "IAM service roles", trust policy of a custom role',
      actions: ["sts:AssumeRole"],
      conditions: {},
    },
  ],
  "aws_iam_role ecs-tasks.amazonaws.com": [
    {
      source: 'Amazon ECS Developer Guide, "Amazon ECS task IAM role"',
      actions: ["sts:AssumeRole"],
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:ecs:REGION:ACCOUNT:\*$/ },
    },
    {
      // It documents no condition for the role by which ECS itself starts a task.
      source: 'Amazon ECS Developer Guide, "Amazon ECS task execution IAM role"',
      actions: ["sts:AssumeRole"],
      conditions: {},
    },
  ],
  "aws_iam_role es.amazonaws.com": [
    {
      source: 'Amazon OpenSearch Service Developer Guide, "Creating index snapshots", prerequisites',
      actions: ["sts:AssumeRole"],
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:es:REGION:ACCOUNT:domain\/[^*]+$/ },
    },
  ],
  "aws_iam_role firehose.amazonaws.com": [
    {
      source: 'Amazon Data Firehose Developer Guide, "Allow Firehose to assume an IAM role"',
      actions: ["sts:AssumeRole"],
      conditions: {},
    },
  ],
  "aws_iam_role lambda.amazonaws.com": [
    {
      // It documents no condition, and aws:SourceArn only for policies whose resource is a function.
      source: 'AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role"',
      actions: ["sts:AssumeRole"],
      conditions: {},
    },
  ],
  "aws_iam_role logs.amazonaws.com": [
    {
      source:
        'Amazon CloudWatch Logs User Guide, "Log group-level subscription filters", Kinesis Data Streams and Firehose',
      actions: ["sts:AssumeRole"],
      conditions: { "StringLike aws:SourceArn": /^arn:aws:logs:REGION:ACCOUNT:\*$/ },
    },
  ],
  "aws_iam_role s3.amazonaws.com": [
    {
      source: 'Amazon S3 User Guide, "Setting up permissions for live replication"',
      actions: ["sts:AssumeRole"],
      conditions: {},
    },
  ],
  "aws_iam_role batchoperations.s3.amazonaws.com": [
    {
      source: 'Amazon S3 User Guide, "Configuring an IAM role for S3 Batch Replication"',
      actions: ["sts:AssumeRole"],
      conditions: {},
    },
  ],
  "aws_iam_role scheduler.amazonaws.com": [
    {
      // The group's ARN: "Do not scope the aws:SourceArn statement to a specific schedule".
      source: 'EventBridge Scheduler User Guide, "Confused deputy prevention in EventBridge Scheduler"',
      actions: ["sts:AssumeRole"],
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:scheduler:REGION:ACCOUNT:schedule-group\/[\w-]+$/ },
    },
  ],
  "aws_iam_role vpc-flow-logs.amazonaws.com": [
    {
      source: 'Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs"',
      actions: ["sts:AssumeRole"],
      conditions: { ...account, "ArnLike aws:SourceArn": /^arn:aws:ec2:REGION:ACCOUNT:vpc-flow-log\/\*$/ },
    },
  ],
};

/** Roles by which ECS starts tasks; all others that ECS takes are the tasks' own. */
const isExecutionRole = (address: string) => address.endsWith("_execution");

interface Found {
  readonly address: string;
  readonly row: string;
  readonly statement: Statement;
}

function namingServices(stack: Synthesized): Found[] {
  return new Permissions(stack).policies().flatMap(({ address, document }) =>
    document.Statement.flatMap((statement) =>
      [(statement.Principal as { Service?: string | string[] } | undefined)?.Service ?? []].flat().map((service) => ({
        address,
        row: `${address.split(".")[0]} ${general(stack, service)}`,
        statement,
      })),
    ),
  );
}

/** With the stack's region and account by name. */
function general(stack: Synthesized, text: string): string {
  const { account: accountId, region } = new Evaluator(stack);
  return text.replaceAll(accountId, "ACCOUNT").replaceAll(region, "REGION");
}

function sameActions({ actions }: Documented, statement: Statement): boolean {
  return JSON.stringify([statement.Action].flat().sort()) === JSON.stringify([...actions].sort());
}

function departures(stack: Synthesized): string[] {
  const name = (text: string) => general(stack, text);
  return namingServices(stack).flatMap(({ address, row, statement }) => {
    const rows = documented[row] ?? [];
    const taken = row === "aws_iam_role ecs-tasks.amazonaws.com" ? [rows[isExecutionRole(address) ? 1 : 0]] : rows;
    const form = taken.find((each) => each && sameActions(each, statement)) ?? taken[0];
    if (!form) {
      return [`${address}: no row "${row}"`];
    }
    const { resource, conditions } = form;
    const found = Object.fromEntries(
      Object.entries((statement.Condition ?? {}) as Condition).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, values]) => [
          `${operator === "ArnEquals" ? "ArnLike" : operator} ${key}`,
          [values].flat(),
        ]),
      ),
    );
    return [
      ...(sameActions(form, statement) ? [] : [`${address}: actions ${statement.Action}`]),
      ...[statement.Resource ?? []]
        .flat()
        .filter((each) => !resource?.test(name(each)))
        .map((each) => `${address}: resource ${name(each)}`),
      ...Object.keys(found)
        .filter((key) => !(key in conditions))
        .map((key) => `${address}: condition ${key}`),
      ...Object.entries(conditions).flatMap(([key, value]) =>
        (found[key] ?? [""])
          .filter((each) => !value.test(name(each)))
          .map((each) => `${address}: ${key} is ${name(each) || "missing"}`),
      ),
    ];
  });
}

const platforms = synthesizeEnvironments();
const stacks = [...platforms, ...synthesizeAccounts()];

test.each(stacks)("$name: every statement for an AWS service is the one that AWS documents", (stack) => {
  expect(departures(stack)).toEqual([]);
});

test("every row is in use, and has a source", () => {
  const rows = new Set(stacks.flatMap((stack) => namingServices(stack).map(({ row }) => row)));
  expect([...rows].sort()).toEqual(Object.keys(documented).sort());
  for (const { source } of Object.values(documented).flat()) {
    expect(source).toMatch(/, "[^"]+"/);
  }
});

describe("the comparison sees", () => {
  const [stack] = platforms as [Synthesized];

  function changed(address: string, argument: string, from: string, to: string): string[] {
    const json = structuredClone(stack.json) as { resource: Record<string, Record<string, Record<string, unknown>>> };
    const [type = "", label = ""] = address.split(".");
    const config = json.resource[type]?.[label] as Record<string, unknown>;
    expect(String(config[argument])).toContain(from);
    config[argument] = String(config[argument]).replace(from, to);
    return departures(new Synthesized(stack.name, json));
  }

  test("a condition that the service does not send", () => {
    const [principal, condition] = [
      '"Service" = "logdelivery.elasticloadbalancing.amazonaws.com"}',
      '"Condition" = {"ArnLike" = {"aws:SourceArn" = "arn:aws:elasticloadbalancing:eu:1:loadbalancer/*"}}',
    ];
    const policy = "aws_s3_bucket_policy.access_logs";
    expect(changed(policy, "policy", principal, `${principal}, ${condition}`)).toEqual([
      `${policy}: condition ArnLike aws:SourceArn`,
    ]);
  });

  test("a service without a row", () => {
    const policy = "aws_sqs_queue_policy.custody";
    expect(changed(policy, "policy", "s3.amazonaws.com", "sns.amazonaws.com")).toEqual([
      `${policy}: no row "aws_sqs_queue_policy sns.amazonaws.com"`,
    ]);
  });

  test("a role that a service may take for any account", () => {
    const role = "aws_iam_role.ecs_task";
    expect(changed(role, "assume_role_policy", "aws:SourceAccount", "aws:ResourceAccount")).toEqual([
      `${role}: condition StringEquals aws:ResourceAccount`,
      `${role}: StringEquals aws:SourceAccount is missing`,
    ]);
  });

  test("another account's path", () => {
    const policy = "aws_s3_bucket_policy.access_logs";
    expect(changed(policy, "policy", "/AWSLogs/", "/Logs/")).toEqual([
      expect.stringMatching(`^${policy}: resource arn:aws:s3:::[\\w-]+/alb/Logs/ACCOUNT/\\*$`),
    ]);
  });
});
