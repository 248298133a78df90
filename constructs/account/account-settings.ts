import { EbsEncryptionByDefault } from "@cdktf/provider-aws/lib/ebs-encryption-by-default";
import { IamAccountPasswordPolicy } from "@cdktf/provider-aws/lib/iam-account-password-policy";
import { S3AccountPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-account-public-access-block";
import { Construct } from "constructs";
import { elsewhere, type SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";

export interface AccountSettingsProps {
  /** 12 digits. */
  readonly accountId: string;
  readonly s3PublicAccessBlock: SingletonOrigin | typeof elsewhere;
  readonly ebsEncryption: SingletonOrigin;
  readonly passwordPolicy: SingletonOrigin | typeof elsewhere;
}

/**
 * Settings that hold for everything in the account: no bucket is public, whatever its own settings say; new volumes are encrypted;
 * passwords of IAM users are as the CIS AWS Foundations Benchmark asks. They cost nothing. Where they are set already, an apply sets
 * them to these values without an error; adopted ones are shown in the plan with what changes.
 * Sources: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage"; Amazon EBS User Guide, "Enable Amazon EBS
 * encryption by default"; IAM User Guide, "Set an account password policy"; AWS Security Hub User Guide, IAM.15 and IAM.16 (14
 * characters, 24 former passwords).
 */
export class AccountSettings extends Construct {
  constructor(scope: Construct, id: string, props: AccountSettingsProps) {
    super(scope, id);
    const { accountId, s3PublicAccessBlock, ebsEncryption, passwordPolicy } = props;
    if (s3PublicAccessBlock !== elsewhere) {
      const block = new S3AccountPublicAccessBlock(this, "aws_s3_account_public_access_block.skymanuals", {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      if (s3PublicAccessBlock === "adopt") {
        new Import(this, block, accountId);
      }
    }
    const encryption = new EbsEncryptionByDefault(this, "aws_ebs_encryption_by_default.skymanuals", { enabled: true });
    if (ebsEncryption === "adopt") {
      new Import(this, encryption, "default");
    }
    if (passwordPolicy !== elsewhere) {
      const policy = new IamAccountPasswordPolicy(this, "aws_iam_account_password_policy.skymanuals", {
        minimumPasswordLength: 14,
        passwordReusePrevention: 24,
        requireLowercaseCharacters: true,
        requireUppercaseCharacters: true,
        requireNumbers: true,
        requireSymbols: true,
        allowUsersToChangePassword: true,
      });
      if (passwordPolicy === "adopt") {
        new Import(this, policy, "iam-account-password-policy");
      }
    }
  }
}
