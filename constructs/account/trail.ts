import { Cloudtrail, type CloudtrailAdvancedEventSelector } from "@cdktf/provider-aws/lib/cloudtrail";
import { Construct } from "constructs";
import { project } from "../../facts/names";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";
import { Key } from "../parts/key";
import { Output } from "../parts/output";
import type { Statement } from "../parts/policy-document";
import { PrivateBucket } from "../parts/private-bucket";

export interface TrailProps {
  /** 12 digits. */
  readonly accountId: string;
  /** The trail's home region: only there can it be changed. */
  readonly region: string;
  readonly origin: SingletonOrigin;
  readonly name: string;
  readonly bucket: string;
  readonly lockMode: "COMPLIANCE" | "GOVERNANCE";
  /** Days that each log file is locked. */
  readonly retentionDays: number;
  /** Buckets whose objects' accesses are logged, by name. Empty: no data events are. */
  readonly watchedBuckets: readonly string[];
  readonly objectEvents: "write" | "all";
  readonly preventDestroy: boolean;
  readonly forceDestroy: boolean;
}

const service = { Service: "cloudtrail.amazonaws.com" };

/**
 * The account's trail: every call of AWS's API in every region, and accesses to the objects of given buckets, in log files whose
 * digests prove that none was changed or removed. The bucket holds data: each file is locked, and none expires, so that seven years
 * is the least and not the most. Only the trail's own key opens the files.
 *
 * Cost a month: the first copy of management events is free; a second trail's costs 2 USD per 100,000. Data events cost 0.10 USD per
 * 100,000 (AWS CloudTrail, pricing, us-east-1, November 2026): with `write`, 1 USD for each million of chunks and records. `all` adds
 * 1 USD for each million of reads: the daily verification of ten million records alone would cost 300 USD, and who asked the API for
 * a chunk stands in the API's own log. The key's price is in parts/key.ts. Storage costs 0.023 USD per GB (Amazon S3 Standard).
 *
 * An apply that creates it where it exists ends with TrailAlreadyExistsException; a sixth trail of a region with
 * MaximumNumberOfTrailsExceededException, also where the others are of other regions and log here.
 * Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for CloudTrail",
 * "Validating CloudTrail log file integrity", "Quotas in AWS CloudTrail" and "Logging data events".
 */
export class Trail extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: TrailProps,
  ) {
    super(scope, id);
    const { name, bucket: bucketName } = props;
    const logs = new PrivateBucket(this, "trail", {
      bucketName,
      tags: { Name: bucketName },
      preventDestroy: props.preventDestroy,
      forceDestroy: props.forceDestroy,
      versioned: true,
      // The trail names its key with each file. A bucket key would ask for permissions beyond CloudTrail's documented policy.
      objectLock: { mode: props.lockMode, days: props.retentionDays },
      policy: (bucketArn) => ({ allow: this.deliveries(bucketArn) }),
    });
    const trail = new Cloudtrail(this, "aws_cloudtrail.skymanuals", {
      name,
      s3BucketName: logs.bucket.bucket,
      kmsKeyId: this.addKey().arn,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      advancedEventSelector: this.selectors(),
      tags: { Name: name },
      dependsOn: [logs.policy, logs.ready],
    });
    if (props.origin === "adopt") {
      new Import(this, trail, this.arn);
    }
    new Output(this, "trail_bucket", logs.bucket.bucket, "Bucket of the CloudTrail log files");
  }

  private get arn(): string {
    return `arn:aws:cloudtrail:${this.props.region}:${this.props.accountId}:trail/${this.props.name}`;
  }

  private addKey(): Key {
    const { accountId, region, preventDestroy } = this.props;
    // In a scope of its own: the bucket is called so, too.
    return new Key(new Construct(this, "key"), "trail", {
      deployment: { prefix: project, region, accountId },
      description: "CloudTrail log files",
      services: [
        {
          Sid: "AllowCloudTrailToEncryptLogs",
          Principal: service,
          Action: ["kms:GenerateDataKey*"],
          Resource: ["*"],
          Condition: {
            StringEquals: { "aws:SourceArn": this.arn },
            StringLike: { "kms:EncryptionContext:aws:cloudtrail:arn": `arn:aws:cloudtrail:*:${accountId}:trail/*` },
          },
        },
        {
          Sid: "AllowCloudTrailToDescribeKey",
          Principal: service,
          Action: ["kms:DescribeKey"],
          Resource: ["*"],
          Condition: { StringEquals: { "aws:SourceArn": this.arn } },
        },
      ],
      preventDestroy,
    });
  }

  private deliveries(bucketArn: string): Statement[] {
    return [
      {
        Sid: "AWSCloudTrailAclCheck",
        Principal: service,
        Action: ["s3:GetBucketAcl"],
        Resource: [bucketArn],
        Condition: { StringEquals: { "aws:SourceArn": this.arn } },
      },
      {
        Sid: "AWSCloudTrailWrite",
        Principal: service,
        Action: ["s3:PutObject"],
        Resource: [`${bucketArn}/AWSLogs/${this.props.accountId}/*`],
        Condition: {
          StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": this.arn },
        },
      },
    ];
  }

  private selectors(): CloudtrailAdvancedEventSelector[] {
    const { watchedBuckets, objectEvents } = this.props;
    return [
      { name: "Calls of AWS's API", fieldSelector: [{ field: "eventCategory", equalTo: ["Management"] }] },
      ...(watchedBuckets.length === 0
        ? []
        : [
            {
              name: "Objects of chunks and records",
              fieldSelector: [
                { field: "eventCategory", equalTo: ["Data"] },
                { field: "resources.type", equalTo: ["AWS::S3::Object"] },
                { field: "resources.ARN", startsWith: watchedBuckets.map((bucket) => `arn:aws:s3:::${bucket}/`) },
                ...(objectEvents === "write" ? [{ field: "readOnly", equalTo: ["false"] }] : []),
              ],
            },
          ]),
    ];
  }
}
