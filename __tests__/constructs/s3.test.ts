import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3 } from "../../constructs/s3";
import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { synthesizeConstructs, synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const bucket = "${aws_s3_bucket.chunks.id}";

test("the documented bucket, versioned", () => {
  expect(stack.resource("aws_s3_bucket.chunks")).toEqual({
    bucket: "production-skymanuals-chunks",
    force_destroy: false,
    tags: { Name: "skymanuals-chunks", Environment: "${var.environment}" },
    lifecycle: { prevent_destroy: true },
  });
  expect(stack.resource("aws_s3_bucket_versioning.chunks")).toEqual({
    bucket,
    versioning_configuration: { status: "Enabled" },
  });
});

test("section 1: AES256 in the resource that the provider has, with `rule` at top level", () => {
  expect(stack.resource("aws_s3_bucket_server_side_encryption_configuration.chunks")).toEqual({
    bucket,
    rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }],
  });
  expect(stack.resources("aws_s3_bucket_encryption")).toEqual([]);
});

describe("lifecycle", () => {
  const lifecycle = stack.resource("aws_s3_bucket_lifecycle_configuration.chunks");

  test("the whole of it", () => {
    expect(lifecycle).toEqual({
      bucket,
      transition_default_minimum_object_size: "all_storage_classes_128K",
      rule: [
        {
          id: "transition_to_ia",
          status: "Enabled",
          filter: [{}],
          transition: [
            { days: 30, storage_class: "STANDARD_IA" },
            { days: 90, storage_class: "GLACIER_IR" },
          ],
          expiration: [{ days: 2557 }],
          noncurrent_version_expiration: [{ noncurrent_days: 2557 }],
        },
        {
          id: "clean_up",
          status: "Enabled",
          filter: [{}],
          expiration: [{ expired_object_delete_marker: true }],
          abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
        },
      ],
      depends_on: ["aws_s3_bucket_versioning.chunks"],
    });
  });

  test("a chunk in use is kept where the environment says so, and its superseded versions for seven years", () => {
    const kept = synthesizeProduction({ storage: { currentChunks: "keep" } });
    for (const each of [kept, small]) {
      const rules = each.resource("aws_s3_bucket_lifecycle_configuration.chunks").rule as object[];
      expect(rules.map((rule) => Object(rule).expiration)).toEqual([
        undefined,
        [{ expired_object_delete_marker: true }],
      ]);
      expect(at(rules, "0.noncurrent_version_expiration.0.noncurrent_days")).toBe(2557);
    }
  });

  test("section 1: every rule has a filter", () => {
    for (const rule of lifecycle.rule as object[]) {
      expect(rule).toHaveProperty("filter", [{}]);
    }
  });

  test("B17: chunks stay readable in real time: no GLACIER, no DEEP_ARCHIVE", () => {
    expect(JSON.stringify(lifecycle)).not.toMatch(/"(GLACIER|DEEP_ARCHIVE)"/);
  });

  test("C9: seven years are 2557 days, for current and superseded versions", () => {
    expect(at(lifecycle, "rule.0.expiration.0.days")).toBe(2557);
    expect(at(lifecycle, "rule.0.noncurrent_version_expiration.0.noncurrent_days")).toBe(2557);
  });
});

describe("C10", () => {
  test("no public access by ACL or policy", () => {
    expect(stack.resource("aws_s3_bucket_public_access_block.chunks")).toEqual({
      bucket,
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(stack.resource("aws_s3_bucket_ownership_controls.chunks")).toEqual({
      bucket,
      rule: { object_ownership: "BucketOwnerEnforced" },
    });
  });

  test("requests without TLS are refused, whoever sends them", () => {
    expect(stack.statements("aws_s3_bucket_policy.chunks")).toEqual([
      {
        Sid: "DenyInsecureTransport",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: ["${aws_s3_bucket.chunks.arn}", "${aws_s3_bucket.chunks.arn}/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
    expect(stack.resource("aws_s3_bucket_policy.chunks").depends_on).toEqual([
      "aws_s3_bucket_public_access_block.chunks",
    ]);
  });
});

test("an environment that may be thrown away takes the bucket's objects with it", () => {
  expect(small.resource("aws_s3_bucket.chunks")).toMatchObject({
    bucket: "development-skymanuals-chunks",
    force_destroy: true,
    lifecycle: { prevent_destroy: false },
  });
});

test("what replaces the bucket in an adopted state is not set: object lock", () => {
  expect(stack.resource("aws_s3_bucket.chunks")).not.toHaveProperty("object_lock_enabled");
});

describe("a key of our own", () => {
  const own = synthesizeProduction({ encryption: "customer-managed" });

  test("encrypts new chunks, is renewed every year, and is asked for once for many chunks", () => {
    expect(own.resource("aws_kms_key.chunks")).toEqual({
      description: "Document chunks",
      enable_key_rotation: true,
      deletion_window_in_days: 30,
      policy: expect.any(String),
      tags: { Name: "skymanuals-chunks" },
      lifecycle: { prevent_destroy: true },
    });
    expect(own.resource("aws_kms_alias.chunks")).toEqual({
      name: "alias/skymanuals-chunks",
      target_key_id: "${aws_kms_key.chunks.id}",
    });
    expect(own.resource("aws_s3_bucket_server_side_encryption_configuration.chunks").rule).toEqual([
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: "aws:kms",
          kms_master_key_id: "${aws_kms_key.chunks.arn}",
        },
        bucket_key_enabled: true,
      },
    ]);
  });

  test("is granted to the API; without it there is nothing to grant", () => {
    const grant = {
      Sid: "ChunksKey",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: ["${aws_kms_key.chunks.arn}"],
      Condition: { StringEquals: { "kms:ViaService": ["s3.${var.aws_region}.amazonaws.com"] } },
    };
    expect(own.statements("aws_iam_role_policy.ecs_task")).toContainEqual(grant);
    const without = synthesizeProduction({ encryption: "aws" });
    expect(JSON.stringify(without.statements("aws_iam_role_policy.ecs_task"))).not.toContain("kms:");
    // The topics and AWS Backup have keys in any case: AWS's own would not do.
    expect(without.resources("aws_kms_key").map(({ address }) => address)).toEqual([
      "aws_kms_key.alerts",
      "aws_kms_key.backups",
    ]);
    expect(stack.has("aws_kms_key.chunks")).toBe(false);
    expect(JSON.stringify(stack.statements("aws_iam_role_policy.ecs_task"))).not.toContain("aws_kms_key.chunks");
  });
});

test("chunks under a prefix that is declared cold are archived after a year, and others never", () => {
  const cold = synthesizeProduction({ storage: { coldPrefixes: ["superseded/"] } });
  const rules = cold.resource("aws_s3_bucket_lifecycle_configuration.chunks").rule as unknown[];
  expect(rules).toHaveLength(3);
  expect(rules[1]).toEqual({
    id: "archive superseded/",
    status: "Enabled",
    filter: [{ prefix: "superseded/" }],
    transition: [{ days: 365, storage_class: "DEEP_ARCHIVE" }],
  });
});

test("server access logs go to the bucket for logs, where there is one", () => {
  const logged = synthesizeConstructs((scope) => {
    const bucket = new S3Bucket(scope, "access_logs", { bucket: "logs" });
    const policy = new S3BucketPolicy(scope, "aws_s3_bucket_policy.access_logs", { bucket: bucket.id, policy: "{}" });
    new S3(scope, "s3", {
      deployment: { prefix: "sky", environment: "test", region: "eu-north-1", accountId: "111111111111" },
      bucketName: "chunks",
      currentChunks: "keep",
      coldPrefixes: [],
      accessLogs: {
        bucket,
        policy,
        prefixes: { loadBalancer: "alb", cloudfront: "cloudfront", chunks: "s3/chunks/", queryResults: "athena/" },
      },
      preventDestroy: false,
      forceDestroy: true,
    });
  });
  expect(logged.resource("aws_s3_bucket_logging.chunks")).toEqual({
    bucket: "${aws_s3_bucket.chunks.id}",
    target_bucket: "${aws_s3_bucket.access_logs.id}",
    target_prefix: "s3/chunks/",
    depends_on: ["aws_s3_bucket_policy.access_logs"],
  });
});
