import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation";
import { S3BucketNotification } from "@cdktf/provider-aws/lib/s3-bucket-notification";
import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { SqsQueueRedriveAllowPolicy } from "@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { chunksInABatch } from "../facts/capacity";
import { indexPrefix, recordPrefix, writtenBy } from "../facts/custody-keys";
import { functionName } from "../facts/names";
import type { AlertTopics } from "./alert-topics";
import type { AuditRecords } from "./audit-records";
import { Alarm, type AlarmProps, filledWithZero, type Metric, metricsOf, type Severity } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { type Key, keyStatements } from "./parts/key";
import { NodeFunction } from "./parts/node-function";
import { Output } from "./parts/output";
import { actingFor, assumedBy, denyInsecureTransport, objectsBelow, policyDocument } from "./parts/policy-document";
import { SavedQuery } from "./parts/saved-query";
import type { S3 } from "./s3";
import type { Vpc } from "./vpc";

/** The ARNs of the functions' roles, for the policy of the bucket that is there before them. */
export function custodyRoleArns({ prefix, accountId }: Deployment) {
  const role = (source: string) => `arn:aws:iam::${accountId}:role/${functionName(prefix, source)}`;
  return {
    records: role("custody"),
    checkpoints: role("verify-custody"),
    reconciliations: role("reconcile-custody"),
  };
}

export interface CustodyProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  readonly storage: S3;
  readonly records: AuditRecords;
  /** Media types that a chunk may have. */
  readonly contentTypes: readonly string[];
  /** 1 to 1024. A larger chunk is recorded as rejected, without its digest. */
  readonly maximumChunkMiB: number;
  readonly alertTopics: AlertTopics;
}

/**
 * Reading a batch of the largest chunks (facts/capacity.ts), and recording it. AWS shows a message that failed again after six times
 * as long: the timeout is also how long a record may wait for a second attempt.
 */
const timeoutSeconds = 60;
const verificationSeconds = 900;
const batchingWindowSeconds = 1;
/** A dead letter's age counts from when it was first sent: its queue keeps it longer than the first one did. */
const retentionSeconds = 4 * 86400;
const retentionOfDeadLettersSeconds = 14 * 86400;

/**
 * Hours without a verification that make the alarm: a day, and two hours in which the next one may start late, be tried again and be
 * counted. CloudWatch evaluates a window that slides, whose newest hour is not over: 24 hours would be empty whenever a
 * verification starts a minute later than the day before (Amazon CloudWatch User Guide, "Alarm evaluation window").
 */
const hoursBetweenVerifications = 26;

/** Hours without a whole pass of the reconciliation that make the alarm: one may take hours, and the next one be longer. */
const hoursBetweenPasses = 48;

/**
 * A version this young is not looked for: a message that fails is dead after half an hour, and whatever is recorded within this time
 * is none of the reconciliation's.
 */
const graceSeconds = 3600;

/**
 * The chain of custody: S3 announces every new chunk to a queue, a function records it in the audit bucket, a second one
 * verifies the chain once a day, and a third one finds the chunks that no record names and sends them to the queue, too. Alarms tell
 * of errors, of a queue that is not emptied, of messages that nobody could read, of rejected and of unrecorded chunks, and of a
 * broken chain; the functions name chunk and record to the alarm's topic, which an alarm cannot.
 *
 * A million chunks cost 10.90 to 15.40 USD of S3 requests, in batches of ten or one by one: each one read (0.40), a claim and a
 * record (5 each), and a list for each batch (5). Prices of us-east-1: 0.005 USD a thousand PUT or LIST, 0.0004 a thousand GET
 * (Amazon S3 pricing, S3 Standard, November 2026). Queue and functions come to less than 3 (Amazon SQS and AWS Lambda pricing:
 * three requests of 0.40 USD a million for each batch; 512 MiB for some half a second). Verification and reconciliation of a chain of ten
 * million records cost some 8 USD a month (docs/custody.md has the figures).
 */
export class Custody extends Construct {
  readonly queue: SqsQueue;
  readonly deadLetters: SqsQueue;
  readonly recorder: NodeFunction;
  readonly verifier: NodeFunction;
  readonly reconciler: NodeFunction;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: CustodyProps,
  ) {
    super(scope, id);

    this.deadLetters = this.addDeadLetters();
    this.queue = this.addQueue();
    this.recorder = this.addRecorder();
    this.announceChunks();
    this.verifier = this.addVerifier();
    this.reconciler = this.addReconciler();
    this.runDaily();
    this.runOnApply();
    this.addAlarms();
    new SavedQuery(this, "custody_verification", {
      prefix: this.props.deployment.prefix,
      title: "Custody verification",
      logGroupName: this.verifier.logGroup.name,
      // Lambda's own lines have a type; a failure has an errorMessage.
      stages: [
        "fields @timestamp, level, message.message, message.records, errorMessage",
        "filter not ispresent(type)",
        "sort @timestamp desc",
        "limit 60",
      ],
    });
    new SavedQuery(this, "custody_reconciliation", {
      prefix: this.props.deployment.prefix,
      title: "Custody reconciliation",
      logGroupName: this.reconciler.logGroup.name,
      stages: [
        "fields @timestamp, level, message.message, message.key, message.versionId, message.reason, errorMessage",
        "filter not ispresent(type)",
        "sort @timestamp desc",
        "limit 200",
      ],
    });
    new Output(this, "custody_queue_url", this.queue.url, "Queue of new chunks");
    new Output(this, "custody_dead_letters_url", this.deadLetters.url, "Queue of messages that could not be read");
    new Output(this, "custody_log_group", this.recorder.logGroup.name, "Log group of the function that records chunks");
  }

  private get name(): string {
    return `${this.props.deployment.prefix}-chunks-custody`;
  }

  private get key(): Key | undefined {
    return this.props.deployment.keys?.custody;
  }

  /** Under a key of our own, SQS asks for a data key every five minutes, its default. */
  private get queueEncryption() {
    return this.key ? { kmsMasterKeyId: this.key.arn } : { sqsManagedSseEnabled: true };
  }

  private addDeadLetters(): SqsQueue {
    const name = `${this.name}-dead-letters`;
    const deadLetters = new SqsQueue(this, "aws_sqs_queue.custody_dead_letters", {
      name,
      messageRetentionSeconds: retentionOfDeadLettersSeconds,
      ...this.queueEncryption,
      tags: { Name: name },
    });
    new SqsQueuePolicy(this, "aws_sqs_queue_policy.custody_dead_letters", {
      queueUrl: deadLetters.id,
      policy: policyDocument(denyInsecureTransport("sqs", deadLetters.arn)),
    });
    return deadLetters;
  }

  private addQueue(): SqsQueue {
    const { name } = this;
    const queue = new SqsQueue(this, "aws_sqs_queue.custody", {
      name,
      // AWS Lambda Developer Guide, "Using Lambda with Amazon SQS": at least six times the function's timeout and the batching
      // window, and at least five attempts before a message is dead.
      visibilityTimeoutSeconds: 6 * timeoutSeconds + batchingWindowSeconds,
      messageRetentionSeconds: retentionSeconds,
      ...this.queueEncryption,
      redrivePolicy: Fn.jsonencode({ deadLetterTargetArn: this.deadLetters.arn, maxReceiveCount: 5 }),
      tags: { Name: name },
    });
    new SqsQueueRedriveAllowPolicy(this, "aws_sqs_queue_redrive_allow_policy.custody_dead_letters", {
      queueUrl: this.deadLetters.id,
      redriveAllowPolicy: Fn.jsonencode({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
    });
    return queue;
  }

  private addRecorder(): NodeFunction {
    const { deployment, network, securityGroup, storage, records, contentTypes, maximumChunkMiB } = this.props;
    const audit = records.bucket.arn;
    const ticket = this.props.alertTopics.publisher("ticket");
    return new NodeFunction(this, "custody", {
      deployment,
      description: "Records every new chunk in the chain of custody",
      source: "custody",
      network,
      securityGroup,
      environmentVariables: {
        CHUNKS_BUCKET: storage.chunks.bucket,
        AUDIT_BUCKET: records.bucket.bucket,
        ALLOWED_CONTENT_TYPES: contentTypes.join(","),
        MAXIMUM_BYTES: String(maximumChunkMiB * 1024 * 1024),
        TOPIC_ARN: ticket.topicArn,
      },
      statements: [
        {
          Sid: "ReadChunks",
          Action: ["s3:GetObject", "s3:GetObjectVersion"],
          Resource: [`${storage.chunks.arn}/*`],
        },
        ...storage.keyStatements("read"),
        {
          Sid: "AppendRecords",
          Action: ["s3:GetObject", "s3:PutObject"],
          Resource: objectsBelow(audit, writtenBy.records),
        },
        // Also what makes S3 answer 404 instead of 403 for an object that is not there.
        { Sid: "FindObjects", Action: ["s3:ListBucket"], Resource: [audit, storage.chunks.arn] },
        {
          Sid: "TakeMessages",
          Action: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
          Resource: [this.queue.arn],
        },
        ...records.keyStatements("read and write"),
        // AWS Lambda Developer Guide, "Using Lambda with Amazon SQS", execution role permissions: an encrypted queue.
        ...keyStatements(this.key, "read", "QueueKey", "sqs"),
        ...ticket.statements,
      ],
      timeoutSeconds,
      memoryMiB: 512,
      dependsOn: [records.locked],
    });
  }

  /** From the bucket by way of the queue to the function. */
  private announceChunks(): void {
    const { deployment, network, storage, maximumChunkMiB } = this.props;
    const queuePolicy = new SqsQueuePolicy(this, "aws_sqs_queue_policy.custody", {
      queueUrl: this.queue.id,
      policy: policyDocument(
        {
          // Amazon S3 User Guide, "Granting permissions to publish event notification messages to a destination".
          Sid: "NewChunks",
          Principal: { Service: "s3.amazonaws.com" },
          Action: ["sqs:SendMessage"],
          Resource: [this.queue.arn],
          Condition: actingFor(deployment.accountId, storage.chunks.arn),
        },
        denyInsecureTransport("sqs", this.queue.arn),
      ),
    });

    new LambdaEventSourceMapping(this, "aws_lambda_event_source_mapping.custody", {
      eventSourceArn: this.queue.arn,
      functionName: this.recorder.lambda.arn,
      batchSize: chunksInABatch(maximumChunkMiB),
      maximumBatchingWindowInSeconds: batchingWindowSeconds,
      functionResponseTypes: ["ReportBatchItemFailures"],
      // SQS allows 2 at least (Lambda API, ScalingConfig). More would not be faster: all append to one chain.
      scalingConfig: { maximumConcurrency: 2 },
      tags: { Name: this.name },
      dependsOn: network.egress,
    });
    new S3BucketNotification(this, "aws_s3_bucket_notification.chunks", {
      bucket: storage.chunks.id,
      queue: [{ id: "custody", queueArn: this.queue.arn, events: ["s3:ObjectCreated:*"] }],
      // A chunk without a version cannot be recorded.
      dependsOn: [queuePolicy, storage.versioning],
    });
  }

  private addVerifier(): NodeFunction {
    const { network, securityGroup, records, alertTopics } = this.props;
    const audit = records.bucket.arn;
    const page = alertTopics.publisher("page");
    return new NodeFunction(this, "verify_custody", {
      deployment: this.props.deployment,
      description: "Verifies the chain of custody",
      source: "verify-custody",
      network,
      securityGroup,
      environmentVariables: { AUDIT_BUCKET: records.bucket.bucket, TOPIC_ARN: page.topicArn },
      statements: [
        {
          Sid: "ReadRecords",
          Action: ["s3:GetObject", "s3:GetObjectVersion"],
          Resource: objectsBelow(audit, [...writtenBy.checkpoints, recordPrefix]),
        },
        { Sid: "KeepFindings", Action: ["s3:PutObject"], Resource: objectsBelow(audit, writtenBy.checkpoints) },
        { Sid: "FindRecords", Action: ["s3:ListBucket", "s3:ListBucketVersions"], Resource: [audit] },
        ...records.keyStatements("read and write"),
        ...page.statements,
      ],
      timeoutSeconds: verificationSeconds,
      // 270 MB of recorded versions for ten million records, and as much while their table doubles.
      memoryMiB: 2048,
      dependsOn: [records.locked],
    });
  }

  private addReconciler(): NodeFunction {
    const { deployment, network, securityGroup, storage, records, alertTopics } = this.props;
    const audit = records.bucket.arn;
    const ticket = alertTopics.publisher("ticket");
    return new NodeFunction(this, "reconcile_custody", {
      deployment,
      description: "Finds chunks that no record of the chain of custody names",
      source: "reconcile-custody",
      network,
      securityGroup,
      environmentVariables: {
        CHUNKS_BUCKET: storage.chunks.bucket,
        AUDIT_BUCKET: records.bucket.bucket,
        QUEUE_URL: this.queue.url,
        GRACE_SECONDS: String(graceSeconds),
        TOPIC_ARN: ticket.topicArn,
      },
      statements: [
        {
          Sid: "ReadRecords",
          Action: ["s3:GetObject", "s3:GetObjectVersion"],
          Resource: objectsBelow(audit, [indexPrefix, ...writtenBy.reconciliations, recordPrefix]),
        },
        { Sid: "KeepProgress", Action: ["s3:PutObject"], Resource: objectsBelow(audit, writtenBy.reconciliations) },
        { Sid: "FindRecords", Action: ["s3:ListBucket", "s3:ListBucketVersions"], Resource: [audit] },
        { Sid: "FindChunks", Action: ["s3:ListBucketVersions"], Resource: [storage.chunks.arn] },
        { Sid: "SendChunks", Action: ["sqs:GetQueueAttributes", "sqs:SendMessage"], Resource: [this.queue.arn] },
        ...records.keyStatements("read and write"),
        ...keyStatements(this.key, "read and write", "QueueKey", "sqs"),
        ...ticket.statements,
      ],
      timeoutSeconds: verificationSeconds,
      // As for the verification, whose indexes it reads.
      memoryMiB: 2048,
      dependsOn: [records.locked],
    });
  }

  /**
   * Once, when the platform is made: the alarms on a missing verification and a missing pass would tell of the time before the first
   * night.
   */
  private runOnApply(): void {
    const invoke = (label: string, { lambda }: NodeFunction, ...after: ITerraformDependable[]) =>
      new LambdaInvocation(this, `aws_lambda_invocation.${label}`, {
        functionName: lambda.functionName,
        lifecycleScope: "CREATE_ONLY",
        input: "{}",
        dependsOn: [...this.props.network.egress, ...after],
      });
    const verification = invoke("verify_custody", this.verifier);
    invoke("reconcile_custody", this.reconciler, verification);
  }

  private runDaily(): void {
    this.schedule("verify_custody", this.verifier, {
      name: "verify-custody",
      description: "Verifies the chain of custody once a day",
      scheduleExpression: "cron(30 1 * * ? *)",
    });
    // The first run that finds the day's pass complete ends at once, as all that follow: 0.10 USD a month.
    this.schedule("reconcile_custody", this.reconciler, {
      name: "reconcile-custody",
      description: "Finds unrecorded chunks once a day, in as many runs as it takes",
      scheduleExpression: "cron(0/15 2-23 * * ? *)",
    });
  }

  private schedule(
    label: string,
    { lambda }: NodeFunction,
    settings: { readonly name: string; readonly description: string; readonly scheduleExpression: string },
  ): void {
    const { prefix, region, accountId } = this.props.deployment;
    const name = `${prefix}-${settings.name}-schedule`;
    const role = new IamRole(this, `aws_iam_role.${label}_schedule`, {
      name,
      // EventBridge Scheduler User Guide, "Confused deputy prevention": the group's ARN, never a schedule's.
      assumeRolePolicy: assumedBy(
        "scheduler.amazonaws.com",
        actingFor(accountId, `arn:aws:scheduler:${region}:${accountId}:schedule-group/default`),
      ),
      tags: { Name: name },
    });
    const policy = new IamRolePolicy(this, `aws_iam_role_policy.${label}_schedule`, {
      name: "invoke",
      role: role.id,
      policy: policyDocument(
        { Action: ["lambda:InvokeFunction"], Resource: [lambda.arn] },
        // EventBridge Scheduler User Guide, "Encryption at rest": the role decrypts the payload.
        ...(this.key ? [{ Sid: "ScheduleKey", Action: ["kms:Decrypt"], Resource: [this.key.arn] }] : []),
      ),
    });
    new SchedulerSchedule(this, `aws_scheduler_schedule.${label}`, {
      ...settings,
      name: `${prefix}-${settings.name}`,
      flexibleTimeWindow: { mode: "OFF" },
      kmsKeyArn: this.key?.arn,
      target: { arn: lambda.arn, roleArn: role.arn },
      dependsOn: [policy],
    });
  }

  /**
   * Thresholds of throttles and durations: Amazon CloudWatch User Guide, "Best practice alarm recommendations", Lambda, where the
   * duration is the reader's to derive, from the timeout. Not watched: ClaimedAccountConcurrency, which is the account's, while these
   * functions run at most two at once and one a day.
   */
  private addAlarms(): void {
    this.alarm("custody_errors", "page", "The function that records new chunks failed as a whole.", {
      watch: lambdaSum(this.recorder, "Errors"),
    });
    this.alarm(
      "verify_custody_errors",
      "page",
      "The chain of custody is broken, or could not be read: see the function's log.",
      { watch: lambdaSum(this.verifier, "Errors") },
    );
    this.alarm("verify_custody_missing", "ticket", "The chain of custody was not verified for a day.", {
      watch: filledWithZero(lambdaSum(this.verifier, "Invocations", 3600)),
      comparison: "below",
      evaluationPeriods: hoursBetweenVerifications,
      missingData: "breaching",
    });
    this.alarm("custody_age", "ticket", "A new chunk has waited for 15 minutes to be recorded.", {
      watch: queueMaximum(this.queue, "ApproximateAgeOfOldestMessage"),
      threshold: 900,
    });
    this.alarm(
      "custody_dead_letters",
      "page",
      "A message about a new chunk could not be read; it is kept until 14 days after it was sent.",
      { watch: queueMaximum(this.deadLetters, "ApproximateNumberOfMessagesVisible") },
    );
    this.alarm(
      "custody_throttles",
      "ticket",
      "Lambda has not run the function that records new chunks as often as asked.",
      {
        watch: lambdaSum(this.recorder, "Throttles", 60),
        evaluationPeriods: 5,
      },
    );
    this.alarm(
      "custody_duration",
      "ticket",
      "Recording takes more than four fifths of the time that the function has.",
      {
        watch: duration(this.recorder, 60),
        comparison: "above",
        threshold: 0.8 * timeoutSeconds * 1000,
        evaluationPeriods: 15,
      },
    );
    this.alarm(
      "verify_custody_duration",
      "ticket",
      "Verifying the chain takes more than four fifths of the time that the function has.",
      {
        watch: duration(this.verifier, 3600),
        comparison: "above",
        threshold: 0.8 * verificationSeconds * 1000,
      },
    );
    this.alarm("custody_rejected", "ticket", "A chunk is in the bucket that breaks the rules: the record says which.", {
      watch: this.count("custody_rejected", this.recorder, "RejectedChunks", '{ $.message.verdict = "rejected" }'),
    });
    this.alarm("custody_reconciled", "ticket", "A chunk had no record: it was sent to be recorded.", {
      watch: this.count("custody_reconciled", this.reconciler, "UnrecordedChunks", '{ $.message.foundAt = "*" }'),
    });
    this.alarm("reconcile_custody_errors", "ticket", "Chunks that no record names could not be looked for.", {
      watch: lambdaSum(this.reconciler, "Errors"),
    });
    this.alarm(
      "reconcile_custody_missing",
      "ticket",
      "Unrecorded chunks were not looked for in the whole bucket for two days.",
      {
        watch: filledWithZero({
          ...this.count("custody_passes", this.reconciler, "ReconciliationPasses", "{ $.message.marker IS NULL }"),
          periodSeconds: 3600,
        }),
        comparison: "below",
        evaluationPeriods: hoursBetweenPasses,
        missingData: "breaching",
      },
    );
  }

  /** Lines of a function's log that a pattern matches. */
  private count(label: string, { logGroup }: NodeFunction, metricName: string, pattern: string): Metric {
    const { prefix } = this.props.deployment;
    new CloudwatchLogMetricFilter(this, `aws_cloudwatch_log_metric_filter.${label}`, {
      name: `${prefix}-${label.replaceAll("_", "-")}`,
      logGroupName: logGroup.name,
      pattern,
      metricTransformation: { namespace: prefix, name: metricName, value: "1", defaultValue: "0" },
    });
    return { namespace: prefix, metricName, statistic: "Sum", periodSeconds: fiveMinutes };
  }

  /** Goes off when one data point reaches 1, unless `rest` says otherwise; no data is no alarm. */
  private alarm(
    label: string,
    severity: Severity,
    description: string,
    rest: Pick<AlarmProps, "watch"> & Partial<AlarmProps>,
  ): void {
    const { deployment, alertTopics } = this.props;
    new Alarm(this, label, {
      prefix: deployment.prefix,
      severity,
      topics: alertTopics.bySeverity,
      description,
      comparison: "atLeast",
      threshold: 1,
      missingData: "notBreaching",
      ...rest,
    });
  }
}

const fiveMinutes = 300;

function lambdaSum({ lambda }: NodeFunction, metricName: string, periodSeconds = fiveMinutes): Metric {
  return {
    namespace: "AWS/Lambda",
    metricName,
    dimensions: { FunctionName: lambda.functionName },
    statistic: "Sum",
    periodSeconds,
  };
}

/** Milliseconds, of nine of ten invocations. */
function duration({ lambda }: NodeFunction, periodSeconds: number): Metric {
  return metricsOf("AWS/Lambda", { FunctionName: lambda.functionName }, periodSeconds)("Duration", "p90");
}

function queueMaximum({ name }: SqsQueue, metricName: string): Metric {
  return {
    namespace: "AWS/SQS",
    metricName,
    dimensions: { QueueName: name },
    statistic: "Maximum",
    periodSeconds: fiveMinutes,
  };
}
