import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const account = "${data.aws_caller_identity.current.account_id}";
const statement = (sid: string) => stack.statement("aws_s3_bucket_policy.access_logs", sid);

test("the bucket keeps its own name, and its logs as long as the environment says", () => {
  expect(stack.resource("aws_s3_bucket.access_logs")).toMatchObject({
    bucket: "production-skymanuals-logs",
    force_destroy: false,
    lifecycle: { prevent_destroy: true },
  });
  expect(stack.resource("aws_s3_bucket_lifecycle_configuration.access_logs").rule).toEqual([
    {
      id: "expire",
      status: "Enabled",
      filter: [{}],
      expiration: [{ days: 365 }],
      abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
    },
    {
      id: "expire-load-balancer",
      status: "Enabled",
      filter: [{ prefix: "alb/" }],
      expiration: [{ days: 30 }],
    },
    {
      id: "expire-query-results",
      status: "Enabled",
      filter: [{ prefix: "athena/" }],
      expiration: [{ days: 7 }],
    },
  ]);
});

test("the load balancer's log, which has the query, goes first: the shorter rule is of the folder that it writes to", () => {
  expect(at(stack.resource("aws_lb.main"), "access_logs.prefix")).toBe("alb");
  expect(development.edge.loadBalancerLogRetentionDays).toBeLessThanOrEqual(development.edge.logRetentionDays);
});

test("load balancers deliver to S3's own keys only", () => {
  expect(stack.resource("aws_s3_bucket_server_side_encryption_configuration.access_logs").rule).toEqual([
    { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } },
  ]);
});

test("nobody needs an ACL", () => {
  expect(at(stack.resource("aws_s3_bucket_ownership_controls.access_logs"), "rule.object_ownership")).toBe(
    "BucketOwnerEnforced",
  );
  expect(stack.resources("aws_s3_bucket_acl")).toEqual([]);
});

describe("each service writes to its own folder, for this account only", () => {
  test("load balancers, by the account's id in the path, for ELB sends no source", () => {
    expect(statement("LoadBalancerLogs")).toEqual({
      Sid: "LoadBalancerLogs",
      Effect: "Allow",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: ["s3:PutObject"],
      Resource: [`\${aws_s3_bucket.access_logs.arn}/alb/AWSLogs/${account}/*`],
    });
  });

  test("the distribution's log delivery, from us-east-1", () => {
    expect(statement("DistributionLogs")).toMatchObject({
      Principal: { Service: "delivery.logs.amazonaws.com" },
      Action: ["s3:PutObject"],
      Resource: ["${aws_s3_bucket.access_logs.arn}/cloudfront/*"],
      Condition: {
        StringEquals: { "aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control" },
        ArnLike: { "aws:SourceArn": `arn:aws:logs:us-east-1:${account}:delivery-source:skymanuals-cloudfront` },
      },
    });
    expect(stack.resource("aws_cloudwatch_log_delivery_source.cloudfront").name).toBe("skymanuals-cloudfront");
  });

  test("the bucket of chunks", () => {
    expect(statement("BucketLogs")).toMatchObject({
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: ["s3:PutObject"],
      Resource: ["${aws_s3_bucket.access_logs.arn}/s3/chunks/*"],
      Condition: {
        StringEquals: { "aws:SourceAccount": account },
        ArnLike: { "aws:SourceArn": `arn:aws:s3:::${stack.resource("aws_s3_bucket.chunks").bucket}` },
      },
    });
  });

  test("nobody else, and nobody without TLS", () => {
    const sids = stack.statements("aws_s3_bucket_policy.access_logs").map(({ Sid, Effect }) => [Sid, Effect]);
    expect(sids).toEqual([
      ["LoadBalancerLogs", "Allow"],
      ["DistributionLogs", "Allow"],
      ["BucketLogs", "Allow"],
      ["DenyInsecureTransport", "Deny"],
    ]);
  });
});

test("an environment that may be destroyed takes its logs along", () => {
  expect(synthesizePlatform(development).resource("aws_s3_bucket.access_logs")).toMatchObject({
    force_destroy: true,
    lifecycle: { prevent_destroy: false },
  });
});
