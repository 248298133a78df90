import { AthenaNamedQuery } from "@cdktf/provider-aws/lib/athena-named-query";
import { AthenaWorkgroup } from "@cdktf/provider-aws/lib/athena-workgroup";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogStream } from "@cdktf/provider-aws/lib/cloudwatch-log-stream";
import { CloudwatchLogSubscriptionFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-subscription-filter";
import { GlueCatalogDatabase } from "@cdktf/provider-aws/lib/glue-catalog-database";
import { GlueCatalogTable } from "@cdktf/provider-aws/lib/glue-catalog-table";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KinesisFirehoseDeliveryStream } from "@cdktf/provider-aws/lib/kinesis-firehose-delivery-stream";
import { Construct } from "constructs";
import {
  archiveBuffer,
  archiveDay,
  archivedLogColumns,
  archivedLogsFolder,
  logArchiveDatabase,
  logArchiveName,
  undeliveredLogsFolder,
} from "../facts/log-archive";
import type { AccessLogs } from "./access-logs";
import { Alarm, type Metric, metricsOf, type TopicsBySeverity } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { keyStatements } from "./parts/key";
import { Output } from "./parts/output";
import { assumedBy, denyDeletion, denyOthers, policyDocument } from "./parts/policy-document";
import { PrivateBucket } from "./parts/private-bucket";

export interface LogArchiveProps {
  readonly deployment: Deployment;
  readonly bucketName: string;
  readonly lockMode: "COMPLIANCE" | "GOVERNANCE";
  /** Days that each object is locked. */
  readonly lockDays: number;
  /** Days after which S3 deletes an object, at least `lockDays`. */
  readonly retentionDays: number;
  /** What is archived, by the labels of the subscription filters. At most nine, because one alarm watches them all. */
  readonly groups: Readonly<Record<string, CloudwatchLogGroup>>;
  /** Takes the results of queries, which are no records. */
  readonly accessLogs: AccessLogs;
  readonly topics: TopicsBySeverity;
  /** Terraform refuses to plan the destruction of the bucket. */
  readonly preventDestroy: boolean;
  /** Let Terraform delete the bucket with everything in it, past its lock. */
  readonly forceDestroy: boolean;
}

const minute = 60;
const hour = 60 * minute;

/**
 * The log archive: every event of the given log groups goes through a subscription filter into one delivery stream, and from there
 * into a bucket under Object Lock, a quarter of an hour later at most; and a table by which Athena reads them there (decision 21).
 *
 * Holds data that nobody changes. A line is archived as it was written: what Logstash redacts on the way to the index is in it.
 *
 * Costs 0.033 USD a GB of what the groups take (Amazon Data Firehose pricing, us-east-1: 0.029 USD a GB in, in steps of 5 KB a
 * record, and 0.00325 USD a GB that is decompressed), and for a GB of compressed lines 0.023 USD in each of the first three months
 * and 0.004 USD afterwards (Amazon S3 pricing, S3 Standard and Glacier Instant Retrieval). A query costs 5 USD for each TB that it
 * reads (Amazon Athena pricing).
 */
export class LogArchive extends Construct {
  readonly bucket: PrivateBucket;
  readonly stream: KinesisFirehoseDeliveryStream;
  private readonly name: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LogArchiveProps,
  ) {
    super(scope, id);
    const { deployment, groups } = props;
    this.name = logArchiveName(deployment.prefix);

    this.bucket = this.addBucket();
    this.stream = this.addStream();
    this.subscribe();
    this.describeForAthena();
    this.addAlarms(groups);
    new Output(this, "log_archive_stream", this.stream.name, "Delivery stream to the log archive");
    new Output(this, "log_archive_bucket", this.bucket.bucket.bucket, "Bucket of the archived logs");
  }

  private addBucket(): PrivateBucket {
    const { lockMode: mode, lockDays: days, retentionDays, deployment } = this.props;
    const { bucketName, preventDestroy, forceDestroy } = this.props;
    return new PrivateBucket(this, "log_archive", {
      bucketName,
      preventDestroy,
      forceDestroy,
      tags: { Name: this.name },
      kmsKeyArn: deployment.keys?.logs?.arn,
      versioned: true,
      objectLock: { mode, days },
      lifecycle: {
        rules: [
          {
            id: "archive",
            // Athena reads Glacier Instant Retrieval, and no other class of Glacier without a restore.
            transition: [{ days: 90, storageClass: "GLACIER_IR" }],
            expiration: [{ days: retentionDays }],
            // Behind the delete marker that the expiration makes.
            noncurrentVersionExpiration: [{ noncurrentDays: 30 }],
          },
          {
            id: "clean_up",
            expiration: [{ expiredObjectDeleteMarker: true }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
          },
        ],
      },
      policy: (bucketArn) => ({
        deny: [
          // An object of somebody else would be taken for lines of the log groups, and could not be removed.
          denyOthers(
            "DenyOtherWriters",
            `arn:aws:iam::${deployment.accountId}:role/${this.name}`,
            ["s3:PutObject"],
            [`${bucketArn}/*`],
          ),
          ...(forceDestroy ? [] : [denyDeletion(bucketArn)]),
        ],
      }),
    });
  }

  private addStream(): KinesisFirehoseDeliveryStream {
    const { name } = this;
    const { keys } = this.props.deployment;
    const { arn: bucketArn } = this.bucket.bucket;
    const log = new CloudwatchLogGroup(this, "aws_cloudwatch_log_group.log_archive", {
      name: `/aws/kinesisfirehose/${name}`,
      retentionInDays: 30,
      kmsKeyId: keys?.logs?.arn,
      tags: { Name: name },
    });
    new Output(this, "log_archive_errors", log.name, "Log group of what Firehose could not deliver");
    const logStream = new CloudwatchLogStream(this, "aws_cloudwatch_log_stream.log_archive", {
      name: "delivery",
      logGroupName: log.name,
    });
    const role = new IamRole(this, "aws_iam_role.log_archive", {
      name,
      // No condition: Amazon Data Firehose Developer Guide, "Allow Firehose to assume an IAM role", has none.
      assumeRolePolicy: assumedBy("firehose.amazonaws.com"),
      tags: { Name: name },
    });
    const policy = new IamRolePolicy(this, "aws_iam_role_policy.log_archive", {
      name: "deliver",
      role: role.id,
      policy: policyDocument(
        {
          // The same guide, "Grant Firehose access to an Amazon S3 destination", without s3:GetObject: nothing is read back.
          Sid: "ListArchive",
          Action: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
          Resource: [bucketArn],
        },
        {
          Sid: "WriteArchive",
          Action: ["s3:AbortMultipartUpload", "s3:PutObject"],
          Resource: [`${bucketArn}/*`],
        },
        { Sid: "WriteLog", Action: ["logs:PutLogEvents"], Resource: [`${log.arn}:log-stream:${logStream.name}`] },
        ...keyStatements(keys?.logs, "read and write", "ArchiveKey", "s3"),
      ),
    });
    const day = `${archiveDay.name}=!{timestamp:${archiveDay.pattern}}/`;
    return new KinesisFirehoseDeliveryStream(this, "aws_kinesis_firehose_delivery_stream.log_archive", {
      name,
      destination: "extended_s3",
      serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" },
      extendedS3Configuration: {
        roleArn: role.arn,
        bucketArn,
        // UTC. Amazon Data Firehose Developer Guide, "Understand custom prefixes for Amazon S3 objects".
        prefix: `${archivedLogsFolder}${day}`,
        errorOutputPrefix: `${undeliveredLogsFolder}!{firehose:error-output-type}/${day}`,
        bufferingInterval: archiveBuffer.seconds,
        bufferingSize: archiveBuffer.mebibytes,
        // Gives the objects the ending .gz, by which Athena knows them as compressed.
        compressionFormat: "GZIP",
        processingConfiguration: {
          enabled: true,
          processors: [
            {
              type: "Decompression",
              parameters: [{ parameterName: "CompressionFormat", parameterValue: "GZIP" }],
            },
            // One envelope of events a line. Without CloudWatchLogProcessing, which would leave the messages only: neither their
            // time nor their group, stream and id.
            { type: "AppendDelimiterToRecord" },
          ],
        },
        cloudwatchLoggingOptions: { enabled: true, logGroupName: log.name, logStreamName: logStream.name },
      },
      tags: { Name: name },
      // The first object must find its lock, and a policy that knows its writer.
      dependsOn: [policy, this.bucket.ready, this.bucket.policy],
    });
  }

  private subscribe(): void {
    const { region, accountId } = this.props.deployment;
    const name = `${this.name}-feed`;
    // Amazon CloudWatch Logs User Guide, "Subscription filters with Amazon Data Firehose": these two policies.
    const role = new IamRole(this, "aws_iam_role.log_archive_feed", {
      name,
      assumeRolePolicy: assumedBy("logs.amazonaws.com", {
        StringLike: { "aws:SourceArn": `arn:aws:logs:${region}:${accountId}:*` },
      }),
      tags: { Name: name },
    });
    const policy = new IamRolePolicy(this, "aws_iam_role_policy.log_archive_feed", {
      name: "deliver",
      role: role.id,
      policy: policyDocument({
        Sid: "PutRecord",
        Action: ["firehose:PutRecord"],
        Resource: [this.stream.arn],
      }),
    });
    for (const [label, group] of Object.entries(this.props.groups)) {
      new CloudwatchLogSubscriptionFilter(this, `aws_cloudwatch_log_subscription_filter.archive_${label}`, {
        name: `${this.name}-${label.replaceAll("_", "-")}`,
        logGroupName: group.name,
        // Every event.
        filterPattern: "",
        destinationArn: this.stream.arn,
        roleArn: role.arn,
        // CloudWatch Logs sends a test record when the filter is created.
        dependsOn: [policy],
      });
    }
  }

  /** Days need no partition that somebody adds: Athena computes them ("Partition projection with Amazon Athena"). */
  private describeForAthena(): void {
    const { deployment, accessLogs, groups, retentionDays } = this.props;
    const location = `s3://${this.props.bucketName}/${archivedLogsFolder}`;
    const database = new GlueCatalogDatabase(this, "aws_glue_catalog_database.log_archive", {
      name: logArchiveDatabase(deployment.prefix),
      description: "Archived logs",
      tags: { Name: this.name },
    });
    const table = new GlueCatalogTable(this, "aws_glue_catalog_table.log_archive", {
      name: "logs",
      databaseName: database.name,
      description: "A line holds events of one log stream; a day is the one on which they arrived, UTC",
      tableType: "EXTERNAL_TABLE",
      parameters: {
        EXTERNAL: "TRUE",
        "projection.enabled": "true",
        [`projection.${archiveDay.name}.type`]: "date",
        [`projection.${archiveDay.name}.format`]: archiveDay.pattern,
        [`projection.${archiveDay.name}.range`]: `NOW-${retentionDays}DAYS,NOW`,
        // Athena's placeholder: the first dollar is Terraform's escape.
        "storage.location.template": [location, archiveDay.name, "=$${", archiveDay.name, "}/"].join(""),
      },
      partitionKeys: [{ name: archiveDay.name, type: "string", comment: "yyyy-mm-dd" }],
      storageDescriptor: {
        location,
        compressed: true,
        inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        columns: archivedLogColumns.map((column) => ({ ...column, name: column.name.toLowerCase() })),
        serDeInfo: {
          name: "json",
          serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
          parameters: { "case.insensitive": "TRUE" },
        },
      },
    });
    const workgroup = new AthenaWorkgroup(this, "aws_athena_workgroup.log_archive", {
      name: this.name,
      description: "Queries of the archived logs",
      // With the queries that were run in it.
      forceDestroy: true,
      configuration: {
        enforceWorkgroupConfiguration: true,
        publishCloudwatchMetricsEnabled: false,
        // 100 GB: half a USD.
        bytesScannedCutoffPerQuery: 100_000_000_000,
        resultConfiguration: {
          outputLocation: `s3://${accessLogs.bucket.bucket}/${accessLogs.prefixes.queryResults}`,
          encryptionConfiguration: { encryptionOption: "SSE_S3" },
        },
      },
      tags: { Name: this.name },
    });
    new AthenaNamedQuery(this, "aws_athena_named_query.log_archive", {
      name: `${deployment.prefix}: archived lines of a log group`,
      description: "Lines arrive up to a day after they were written: the day after belongs to it",
      database: database.name,
      workgroup: workgroup.name,
      query: [
        'SELECT from_unixtime(event."timestamp" / 1000e0) AS time, logstream, event.message',
        `FROM ${table.name} CROSS JOIN UNNEST(logevents) AS t(event)`,
        "WHERE day BETWEEN cast(current_date - interval '1' day AS varchar) AND cast(current_date AS varchar)",
        `AND loggroup = '${Object.values(groups)[0]?.name}'`,
        "ORDER BY time",
      ].join("\n"),
    });
    new Output(this, "log_archive_workgroup", workgroup.name, "Athena workgroup of the archived logs");
  }

  private addAlarms(groups: LogArchiveProps["groups"]): void {
    const { topics, deployment } = this.props;
    const { prefix } = deployment;
    const dimensions = { DeliveryStreamName: this.stream.name };
    const ofStream = (metricName: string, statistic: Metric["statistic"], periodSeconds: number) =>
      metricsOf("AWS/Firehose", dimensions, periodSeconds)(metricName, statistic);
    const freshness = "DeliveryToS3.DataFreshness";

    // Amazon Data Firehose Developer Guide, "Implement best practices with CloudWatch Alarms": freshness above the buffer, throttling.
    new Alarm(this, "log_archive_behind", {
      prefix,
      severity: "ticket",
      topics,
      description: "The log archive is more than half an hour behind: Firehose cannot write to its bucket.",
      watch: ofStream(freshness, "Maximum", 5 * minute),
      comparison: "above",
      threshold: 2 * archiveBuffer.seconds,
      evaluationPeriods: 3,
      // Nothing is waiting.
      missingData: "notBreaching",
    });
    new Alarm(this, "log_archive_far_behind", {
      prefix,
      severity: "page",
      topics,
      description:
        "The log archive is more than 12 hours behind. After 24 hours Firehose drops what it could not write: only the log groups have it then, for 30 days.",
      watch: ofStream(freshness, "Maximum", hour),
      comparison: "above",
      threshold: 12 * hour,
      missingData: "notBreaching",
    });
    new Alarm(this, "log_archive_refused", {
      prefix,
      severity: "ticket",
      topics,
      description: "The bucket of the log archive refuses objects of Firehose.",
      watch: ofStream("DeliveryToS3.Success", "Average", 15 * minute),
      comparison: "below",
      threshold: 1,
      evaluationPeriods: 2,
      // Nothing was written, because nothing came.
      missingData: "notBreaching",
    });
    new Alarm(this, "log_archive_unreadable", {
      prefix,
      severity: "ticket",
      topics,
      description: `Firehose could not read records of CloudWatch Logs: they are in the archive's folder ${undeliveredLogsFolder}, as they came.`,
      watch: ofStream("OutputDecompressedRecords.Failed", "Sum", 5 * minute),
      comparison: "above",
      threshold: 0,
      missingData: "notBreaching",
    });
    new Alarm(this, "log_archive_throttled", {
      prefix,
      severity: "ticket",
      topics,
      description:
        "Firehose refuses records for want of throughput. CloudWatch Logs sends them again for 24 hours, then drops them: raise the quota of the delivery stream.",
      watch: ofStream("ThrottledRecords", "Sum", 5 * minute),
      comparison: "above",
      threshold: 0,
      evaluationPeriods: 3,
      missingData: "notBreaching",
    });
    const incoming = (group: CloudwatchLogGroup) =>
      metricsOf("AWS/Logs", { LogGroupName: group.name }, 5 * minute)("IncomingLogEvents", "Sum");
    const sum = Object.keys(groups)
      .map((label) => `FILL(${label}, 0)`)
      .join(" + ");
    new Alarm(this, "log_archive_unfed", {
      prefix,
      severity: "ticket",
      topics,
      description:
        "CloudWatch Logs takes events and sends none of them to the log archive: the subscription filters or their role are broken.",
      watch: {
        expression: `IF(${sum} > 0 AND FILL(archive, 0) == 0, 1, 0)`,
        metrics: {
          ...Object.fromEntries(Object.entries(groups).map(([label, group]) => [label, incoming(group)])),
          archive: ofStream("IncomingRecords", "Sum", 5 * minute),
        },
      },
      comparison: "atLeast",
      threshold: 1,
      evaluationPeriods: 3,
      missingData: "notBreaching",
    });
  }
}
