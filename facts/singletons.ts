/**
 * What AWS has once for all environments that share an account, and where it holds.
 *
 * `account`: one for the account, in every region (IAM is global). `region`: one for the account in each region.
 * Sources: AWS IAM User Guide, "Create a service-linked role" and "Set an account password policy"; Amazon CloudWatch Logs API
 * Reference, PutResourcePolicy ("up to 10 resource policies per AWS Region"); CloudTrail User Guide, "Understanding multi-Region
 * trails"; Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage"; AWS Config Developer Guide, "Managing the
 * configuration recorder"; Security Hub User Guide, "Enabling Security Hub CSPM"; GuardDuty API Reference, CreateDetector; IAM User
 * Guide, "Using IAM Access Analyzer"; Amazon EBS User Guide, "Enable Amazon EBS encryption by default".
 */
export const singletonScopes = {
  elasticsearchServiceLinkedRole: "account",
  elasticsearchLogPolicy: "region",
  trail: "account",
  configServiceLinkedRole: "account",
  config: "region",
  securityHub: "region",
  guardDuty: "region",
  accessAnalyzer: "region",
  s3PublicAccessBlock: "account",
  ebsEncryption: "region",
  passwordPolicy: "account",
} as const satisfies Readonly<Record<string, "account" | "region">>;

export type Singleton = keyof typeof singletonScopes;

/** How one comes into the state: the apply creates it, or takes over what AWS has already. */
export type SingletonOrigin = "create" | "adopt";

/** Another entry of the same account, for another region, has it in its state. */
export const elsewhere = "elsewhere";
