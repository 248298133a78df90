import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import type { Construct } from "constructs";

/**
 * Keeps the public out of a bucket and switches its ACLs off. S3 refuses two changes of a bucket's access at once: the bucket's
 * policy waits for what is returned.
 *
 * @param label of the bucket: `chunks` makes `aws_s3_bucket_public_access_block.chunks` and `aws_s3_bucket_ownership_controls.chunks`
 * @param bucket the bucket's name
 */
export function makePrivate(scope: Construct, label: string, bucket: string) {
  const publicAccessBlock = new S3BucketPublicAccessBlock(scope, `aws_s3_bucket_public_access_block.${label}`, {
    bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  const ownership = new S3BucketOwnershipControls(scope, `aws_s3_bucket_ownership_controls.${label}`, {
    bucket,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  return { publicAccessBlock, ownership };
}
