import { accounts, environments } from "../../environments";
import { synthesizeStateBackend } from "../support/synth";

const [account] = accounts as [(typeof accounts)[number]];
const stack = synthesizeStateBackend(account);
const bucket = "${aws_s3_bucket.state.id}";

test("the bucket and the key refuse their own destruction", () => {
  expect(stack.resource("aws_s3_bucket.state")).toMatchObject({
    bucket: account.stateBucket.bucket,
    lifecycle: { prevent_destroy: true },
  });
  expect(stack.resource("aws_s3_bucket.state")).not.toHaveProperty("force_destroy");
  expect(stack.resource("aws_kms_key.state")).toMatchObject({
    enable_key_rotation: true,
    deletion_window_in_days: 30,
    lifecycle: { prevent_destroy: true },
  });
  expect(stack.resource("aws_kms_alias.state")).toEqual({
    name: account.stateBucket.kmsKeyAlias,
    target_key_id: "${aws_kms_key.state.key_id}",
  });
});

test("states are encrypted under the key, and superseded ones can be restored for a year", () => {
  expect(stack.resource("aws_s3_bucket_server_side_encryption_configuration.state")).toEqual({
    bucket,
    rule: [
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: "aws:kms",
          kms_master_key_id: "${aws_kms_key.state.arn}",
        },
        bucket_key_enabled: true,
      },
    ],
  });
  expect(stack.resource("aws_s3_bucket_versioning.state")).toEqual({
    bucket,
    versioning_configuration: { status: "Enabled" },
  });
  expect(stack.resource("aws_s3_bucket_lifecycle_configuration.state")).toMatchObject({
    rule: [{ status: "Enabled", noncurrent_version_expiration: [{ noncurrent_days: 365 }] }],
  });
});

test("every environment with the s3 backend uses the bucket and key of its own account", () => {
  for (const { accountId, region, backend } of environments) {
    if (backend.type !== "s3") {
      continue;
    }
    const own = accounts.find((one) => one.accountId === accountId && one.region === region);
    expect(backend).toMatchObject({
      bucket: own?.stateBucket.bucket,
      kmsKeyId: own?.stateBucket.kmsKeyAlias,
      region,
    });
  }
});

test("what an environment's backend needs is put out", () => {
  expect(stack.output("state_bucket").value).toBe("${aws_s3_bucket.state.bucket}");
  expect(stack.output("kms_key_arn").value).toBe("${aws_kms_key.state.arn}");
});
