import { development } from "../../environments/development";
import { productionDr } from "../../environments/production-dr";
import { changed, synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const bucket = "${aws_s3_bucket.audit.id}";

test("a bucket with versions and Object Lock, which Terraform does not destroy", () => {
  expect(stack.resource("aws_s3_bucket.audit")).toEqual({
    bucket: "production-skymanuals-audit",
    object_lock_enabled: true,
    force_destroy: false,
    tags: { Name: "skymanuals-audit" },
    lifecycle: { prevent_destroy: true },
  });
  expect(stack.resource("aws_s3_bucket_versioning.audit")).toEqual({
    bucket,
    versioning_configuration: { status: "Enabled" },
  });
});

test("C9: every record is locked for any seven years; by nobody's leave in production, for who may bypass it elsewhere", () => {
  expect(stack.resource("aws_s3_bucket_object_lock_configuration.audit")).toEqual({
    bucket,
    rule: { default_retention: { days: 2557, mode: "COMPLIANCE" } },
    depends_on: ["aws_s3_bucket_versioning.audit"],
  });
  expect(small.resource("aws_s3_bucket_object_lock_configuration.audit").rule).toEqual({
    default_retention: { days: 2557, mode: "GOVERNANCE" },
  });
});

test("mode and days are the environment's", () => {
  const other = synthesizePlatform(changed(development, { audit: { ...development.audit, retentionDays: 3 } }));
  expect(other.resource("aws_s3_bucket_object_lock_configuration.audit").rule).toEqual({
    default_retention: { days: 3, mode: "GOVERNANCE" },
  });
});

test("nothing expires", () => {
  expect(stack.has("aws_s3_bucket_lifecycle_configuration.audit")).toBe(false);
});

const denyOthers = (Sid: string, role: string, ...folders: string[]) => ({
  Sid,
  Effect: "Deny",
  Principal: "*",
  Action: ["s3:PutObject"],
  Resource: folders.map((folder) => `\${aws_s3_bucket.audit.arn}/custody/${folder}/*`),
  Condition: {
    ArnNotEquals: {
      "aws:PrincipalArn": `arn:aws:iam::\${data.aws_caller_identity.current.account_id}:role/skymanuals-${role}`,
    },
  },
});

test("the roles that may write are those of the functions", () => {
  expect(stack.resource("aws_iam_role.custody").name).toBe("skymanuals-custody");
  expect(stack.resource("aws_iam_role.verify_custody").name).toBe("skymanuals-verify-custody");
  expect(stack.resource("aws_iam_role.reconcile_custody").name).toBe("skymanuals-reconcile-custody");
});

test("no record is written over, none is deleted, none is anybody else's, nobody comes without TLS", () => {
  expect(stack.statements("aws_s3_bucket_policy.audit")).toEqual([
    {
      Sid: "DenyInsecureTransport",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:*"],
      Resource: ["${aws_s3_bucket.audit.arn}", "${aws_s3_bucket.audit.arn}/*"],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      Sid: "DenyWritingOver",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:PutObject"],
      Resource: ["${aws_s3_bucket.audit.arn}/*"],
      Condition: { Null: { "s3:if-none-match": "true" } },
    },
    denyOthers("DenyOtherRecorders", "custody", "objects", "records"),
    denyOthers("DenyOtherVerifiers", "verify-custody", "checkpoints", "index", "verifications"),
    denyOthers("DenyOtherReconcilers", "reconcile-custody", "reconciliations"),
    {
      Sid: "DenyDeletion",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"],
      Resource: ["${aws_s3_bucket.audit.arn}/*"],
    },
  ]);
});

test("an environment that may be destroyed can be emptied", () => {
  expect(small.resource("aws_s3_bucket.audit")).toMatchObject({
    force_destroy: true,
    lifecycle: { prevent_destroy: false },
  });
  expect(small.statements("aws_s3_bucket_policy.audit").map(({ Sid }) => Sid)).toEqual([
    "DenyInsecureTransport",
    "DenyWritingOver",
    "DenyOtherRecorders",
    "DenyOtherVerifiers",
    "DenyOtherReconcilers",
  ]);
});

test("private, owned by the account, encrypted", () => {
  expect(stack.resource("aws_s3_bucket_public_access_block.audit")).toEqual({
    bucket,
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  });
  expect(stack.resource("aws_s3_bucket_ownership_controls.audit")).toEqual({
    bucket,
    rule: { object_ownership: "BucketOwnerEnforced" },
  });
  expect(stack.resource("aws_s3_bucket_server_side_encryption_configuration.audit")).toEqual({
    bucket,
    rule: [
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: "aws:kms",
          kms_master_key_id: "${aws_kms_key.custody.arn}",
        },
        bucket_key_enabled: true,
      },
    ],
  });
});

test("where records are copied to, nobody but the primary's role copies", () => {
  const pilot = synthesizePlatform(productionDr);
  expect(pilot.statement("aws_s3_bucket_policy.audit", "DenyOtherReplicas")).toEqual({
    Sid: "DenyOtherReplicas",
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
    Resource: ["${aws_s3_bucket.audit.arn}/*"],
    Condition: {
      ArnNotEquals: {
        "aws:PrincipalArn": "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/skymanuals-replication",
      },
    },
  });
  expect(stack.resource("aws_iam_role.replication").name).toBe("skymanuals-replication");
});
