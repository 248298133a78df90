import type { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import type { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { Construct } from "constructs";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";
import { actingFor, type Statement } from "./parts/policy-document";
import { PrivateBucket } from "./parts/private-bucket";

export interface AccessLogsProps {
  readonly deployment: Deployment;
  readonly bucketName: string;
  /** The bucket whose requests S3 logs here. */
  readonly chunksBucketName: string;
  /** Days after which a log is deleted. */
  readonly retentionDays: number;
  /** Days after which the load balancer's log is deleted, at most `retentionDays`. */
  readonly loadBalancerRetentionDays: number;
  /** Terraform refuses to plan the destruction of the bucket. */
  readonly preventDestroy: boolean;
  /** Let Terraform delete the bucket with everything in it. */
  readonly forceDestroy: boolean;
}

/**
 * The environment's bucket of access logs: of the load balancer, the distribution and S3 itself, each delivered by its
 * service into a folder of its own; and for a week of what was asked of the log archive. Holds data for a stated time. Costs 0.023 USD a GB and month (S3 list price, us-east-1).
 *
 * The load balancer logs the whole request line, query included (Elastic Load Balancing, "Access logs for your Application Load
 * Balancer", field request_line). The distribution's log leaves the query out, because it may hold tokens: so the load balancer's
 * has a shorter time.
 *
 * The bucket policy depends on no log's source, so that each source can wait for it: `dependsOn: [accessLogs.policy]`.
 */
export class AccessLogs extends Construct {
  readonly bucket: S3Bucket;
  /** Whoever has logs delivered here waits for it: AWS checks the permission when logging is switched on. */
  readonly policy: S3BucketPolicy;
  /** Folders, in the form that each service's setting takes. */
  readonly prefixes = {
    loadBalancer: "alb",
    cloudfront: "cloudfront",
    chunks: "s3/chunks/",
    queryResults: "athena/",
  } as const;
  /** Name of the distribution's log delivery source, which the bucket policy admits. */
  readonly cloudfrontSourceName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AccessLogsProps,
  ) {
    super(scope, id);
    const { prefix, environment } = props.deployment;
    this.cloudfrontSourceName = `${prefix}-cloudfront`;

    const { bucket, policy } = new PrivateBucket(this, "access_logs", {
      ...props,
      tags: { Name: `${prefix}-access-logs`, Environment: environment },
      // Under S3's own keys: load balancers and S3 deliver no logs to a bucket under a KMS key of ours.
      versioned: false,
      lifecycle: {
        rules: [
          {
            id: "expire",
            expiration: [{ days: props.retentionDays }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
          },
          {
            // Where two rules expire an object, S3 follows the shorter one (Amazon S3 User Guide, "Examples of S3 Lifecycle
            // configurations", overlapping filters).
            id: "expire-load-balancer",
            prefix: `${this.prefixes.loadBalancer}/`,
            expiration: [{ days: props.loadBalancerRetentionDays }],
          },
          {
            // Copies: what was asked for is in the archive.
            id: "expire-query-results",
            prefix: this.prefixes.queryResults,
            expiration: [{ days: 7 }],
          },
        ],
      },
      policy: (bucketArn) => ({ allow: this.deliveries(bucketArn, props.deployment) }),
    });
    this.bucket = bucket;
    this.policy = policy;
    new Output(this, "access_logs_bucket", bucket.bucket, "Bucket of the access logs");
  }

  /** Each statement is the one that AWS documents for its service: a condition on a key that it does not send would refuse it. */
  private deliveries(bucketArn: string, { accountId }: Deployment): Statement[] {
    return [
      {
        // Elastic Load Balancing, "Enable access logs for your Application Load Balancer": no condition; the account's id in the
        // path is what keeps other accounts' load balancers out. The same in every region: only before 2022 did ELB write
        // from accounts that differ by region.
        Sid: "LoadBalancerLogs",
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: ["s3:PutObject"],
        Resource: [`${bucketArn}/${this.prefixes.loadBalancer}/AWSLogs/${accountId}/*`],
      },
      {
        // Amazon CloudFront Developer Guide, "Configure standard logging (v2)". CloudWatch Logs delivers CloudFront's logs from
        // us-east-1, whatever the bucket's region.
        Sid: "DistributionLogs",
        Principal: { Service: "delivery.logs.amazonaws.com" },
        Action: ["s3:PutObject"],
        Resource: [`${bucketArn}/${this.prefixes.cloudfront}/*`],
        Condition: {
          StringEquals: { "aws:SourceAccount": accountId, "s3:x-amz-acl": "bucket-owner-full-control" },
          ArnLike: {
            "aws:SourceArn": `arn:aws:logs:us-east-1:${accountId}:delivery-source:${this.cloudfrontSourceName}`,
          },
        },
      },
      {
        // Amazon S3 User Guide, "Enabling Amazon S3 server access logging": the source's ARN and account.
        Sid: "BucketLogs",
        Principal: { Service: "logging.s3.amazonaws.com" },
        Action: ["s3:PutObject"],
        Resource: [`${bucketArn}/${this.prefixes.chunks}*`],
        Condition: actingFor(accountId, `arn:aws:s3:::${this.props.chunksBucketName}`),
      },
    ];
  }
}
