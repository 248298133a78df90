import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import type { Construct } from "constructs";
import { Output } from "../constructs/parts/output";
import { PrivateBucket } from "../constructs/parts/private-bucket";
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
    this.addAws(config);

    const key = new KmsKey(this, "aws_kms_key.state", {
      description: "Terraform states of SkyManuals",
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      tags: { Name: bucketName },
      lifecycle: { preventDestroy: true },
    });
    new KmsAlias(this, "aws_kms_alias.state", { name: kmsKeyAlias, targetKeyId: key.keyId });

    const { bucket } = new PrivateBucket(this, "state", {
      bucketName,
      tags: { Name: bucketName },
      preventDestroy: true,
      versioned: true,
      kmsKeyArn: key.arn,
      lifecycle: {
        rules: [
          {
            id: "expire_superseded_states",
            noncurrentVersionExpiration: [{ noncurrentDays: 365 }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
          },
        ],
      },
    });

    new Output(this, "state_bucket", bucket.bucket);
    new Output(this, "kms_key_arn", key.arn);
  }
}
