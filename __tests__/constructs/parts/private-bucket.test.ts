import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { PrivateBucket, type PrivateBucketProps } from "../../../constructs/parts/private-bucket";
import { synthesizeConstructs } from "../../support/synth";

const bare = { bucketName: "sky-files", tags: { Name: "sky-files" }, preventDestroy: true, versioned: false };
const synthesizeBucket = (props: Partial<PrivateBucketProps>) =>
  synthesizeConstructs((scope) => {
    new PrivateBucket(scope, "files", { ...bare, ...props });
  });
const bucket = "${aws_s3_bucket.files.id}";
const arn = "${aws_s3_bucket.files.arn}";
const tlsOnly = {
  Sid: "DenyInsecureTransport",
  Effect: "Deny",
  Principal: "*",
  Action: ["s3:*"],
  Resource: [arn, `${arn}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

test("a bare one is encrypted, without ACLs, closed to the public and for TLS only", () => {
  const stack = synthesizeBucket({});
  expect(Object.fromEntries(stack.resources().map(({ address, config }) => [address, config]))).toEqual({
    "aws_s3_bucket.files": {
      bucket: "sky-files",
      tags: { Name: "sky-files" },
      lifecycle: { prevent_destroy: true },
    },
    "aws_s3_bucket_server_side_encryption_configuration.files": {
      bucket,
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }],
    },
    "aws_s3_bucket_public_access_block.files": {
      bucket,
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    },
    "aws_s3_bucket_ownership_controls.files": { bucket, rule: { object_ownership: "BucketOwnerEnforced" } },
    "aws_s3_bucket_policy.files": {
      bucket,
      policy: expect.any(String),
      depends_on: ["aws_s3_bucket_public_access_block.files"],
    },
  });
  expect(stack.statements("aws_s3_bucket_policy.files")).toEqual([tlsOnly]);
});

test("under a key of ours with a bucket key", () => {
  const stack = synthesizeBucket({ kmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/1" });
  expect(stack.resource("aws_s3_bucket_server_side_encryption_configuration.files").rule).toEqual([
    {
      apply_server_side_encryption_by_default: {
        sse_algorithm: "aws:kms",
        kms_master_key_id: "arn:aws:kms:us-east-1:123456789012:key/1",
      },
      bucket_key_enabled: true,
    },
  ]);
});

test("locks and rules follow the versions that they are about", () => {
  const stack = synthesizeBucket({
    versioned: true,
    objectLock: { mode: "GOVERNANCE", days: 3 },
    lifecycle: {
      rules: [
        { id: "all", expiration: [{ days: 9 }] },
        { id: "some", prefix: "old/" },
      ],
    },
  });
  const dependsOn = ["aws_s3_bucket_versioning.files"];
  expect(stack.resource("aws_s3_bucket.files").object_lock_enabled).toBe(true);
  expect(stack.resource("aws_s3_bucket_versioning.files")).toEqual({
    bucket,
    versioning_configuration: { status: "Enabled" },
  });
  expect(stack.resource("aws_s3_bucket_object_lock_configuration.files")).toEqual({
    bucket,
    rule: { default_retention: { mode: "GOVERNANCE", days: 3 } },
    depends_on: dependsOn,
  });
  expect(stack.resource("aws_s3_bucket_lifecycle_configuration.files")).toEqual({
    bucket,
    rule: [
      { id: "all", status: "Enabled", filter: [{}], expiration: [{ days: 9 }] },
      { id: "some", status: "Enabled", filter: [{ prefix: "old/" }] },
    ],
    depends_on: dependsOn,
  });
});

test("rules of a bucket without versions wait for nothing", () => {
  const stack = synthesizeBucket({ lifecycle: { rules: [{ id: "all", expiration: [{ days: 9 }] }] } });
  expect(stack.resource("aws_s3_bucket_lifecycle_configuration.files").depends_on).toBeUndefined();
});

test("what is ready before the first object is the lock, else the versions, else the bucket", () => {
  const ready = (props: Partial<PrivateBucketProps>) =>
    synthesizeConstructs((scope) => {
      const files = new PrivateBucket(scope, "files", { ...bare, ...props });
      new SnsTopic(scope, "waits", { dependsOn: [files.ready] });
    }).resource("aws_sns_topic.waits").depends_on;
  expect(ready({ versioned: true, objectLock: { mode: "COMPLIANCE", days: 1 } })).toEqual([
    "aws_s3_bucket_object_lock_configuration.files",
  ]);
  expect(ready({ versioned: true })).toEqual(["aws_s3_bucket_versioning.files"]);
  expect(ready({})).toEqual(["aws_s3_bucket.files"]);
});

test("Object Lock without versions is refused, with the way out", () => {
  expect(() => synthesizeBucket({ objectLock: { mode: "COMPLIANCE", days: 1 } })).toThrow(
    "bare/files: objectLock locks versions; got versioned: false; set versioned: true",
  );
});

test("what the policy says besides stands around the refusal without TLS, and whom it admits finds the ACLs off", () => {
  const statement = (Sid: string, bucketArn: string) => ({ Sid, Action: ["s3:PutObject"], Resource: [bucketArn] });
  const stack = synthesizeBucket({
    policy: (bucketArn) => ({
      allow: [statement("Deliver", bucketArn)],
      deny: [{ ...statement("Keep", bucketArn), Effect: "Deny" }],
    }),
  });
  expect(stack.statements("aws_s3_bucket_policy.files")).toEqual([
    { Effect: "Allow", Sid: "Deliver", Action: ["s3:PutObject"], Resource: [arn] },
    tlsOnly,
    { Effect: "Deny", Sid: "Keep", Action: ["s3:PutObject"], Resource: [arn] },
  ]);
  expect(stack.resource("aws_s3_bucket_policy.files").depends_on).toEqual([
    "aws_s3_bucket_public_access_block.files",
    "aws_s3_bucket_ownership_controls.files",
  ]);
});

test("logging waits for the policy that admits it", () => {
  const stack = synthesizeConstructs((scope) => {
    const logs = new PrivateBucket(scope, "logs", bare);
    new PrivateBucket(scope, "files", {
      ...bare,
      accessLogs: { bucket: logs.bucket.id, prefix: "s3/files/", policy: logs.policy },
    });
  });
  expect(stack.resource("aws_s3_bucket_logging.files")).toEqual({
    bucket,
    target_bucket: "${aws_s3_bucket.logs.id}",
    target_prefix: "s3/files/",
    depends_on: ["aws_s3_bucket_policy.logs"],
  });
});
