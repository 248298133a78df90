import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { tlsOnly } from "../constructs/parts/policy-document";
import { makePrivate } from "../constructs/parts/private-bucket";
import type { Account } from "../environments/environment";
import { stateStack } from "../facts/names";
import { RootModule } from "./root-module";

/**
 * The bucket and the key that hold the states of an account's environments with the `s3` backend. Holds data, and refuses
 * its own destruction. The key costs 1 USD a month (AWS list price).
 */
export class StateBackend extends RootModule {
  constructor(scope: Construct, config: Account) {
    super(scope, stateStack(config.name), config);
    const { bucket: bucketName, kmsKeyAlias } = config.stateBucket;
    new AwsProvider(this, "aws", {
      region: config.region,
      allowedAccountIds: [config.accountId],
      defaultTags: [{ tags: { Project: "skymanuals", ManagedBy: "terraform" } }],
    });

    const key = new KmsKey(this, "aws_kms_key.state", {
      description: "Terraform states of SkyManuals",
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      tags: { Name: bucketName },
      lifecycle: { preventDestroy: true },
    });
    new KmsAlias(this, "aws_kms_alias.state", { name: kmsKeyAlias, targetKeyId: key.keyId });

    const stateBucket = new S3Bucket(this, "aws_s3_bucket.state", {
      bucket: bucketName,
      tags: { Name: bucketName },
      lifecycle: { preventDestroy: true },
    });
    const bucket = stateBucket.id;
    const versioning = new S3BucketVersioningA(this, "aws_s3_bucket_versioning.state", {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "aws_s3_bucket_server_side_encryption_configuration.state", {
      bucket,
      rule: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
          bucketKeyEnabled: true,
        },
      ],
    });
    new S3BucketLifecycleConfiguration(this, "aws_s3_bucket_lifecycle_configuration.state", {
      bucket,
      rule: [
        {
          id: "expire_superseded_states",
          status: "Enabled",
          filter: [{}],
          noncurrentVersionExpiration: [{ noncurrentDays: 365 }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
      dependsOn: [versioning],
    });
    const { publicAccessBlock } = makePrivate(this, "state", bucket);
    new S3BucketPolicy(this, "aws_s3_bucket_policy.state", {
      bucket,
      policy: tlsOnly(stateBucket.arn),
      // S3 refuses two changes of a bucket's access at once.
      dependsOn: [publicAccessBlock],
    });

    new TerraformOutput(this, "state_bucket", { value: stateBucket.bucket, staticId: true });
    new TerraformOutput(this, "kms_key_arn", { value: key.arn, staticId: true });
  }
}
