import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Construct } from "constructs";
import { keyAlias } from "../../facts/names";
import type { Deployment } from "./deployment";
import { policyDocument, type Statement } from "./policy-document";

/** Another region than the deployment's, with its provider. */
export interface Elsewhere {
  readonly region: string;
  readonly provider: AwsProvider;
}

export interface KeyProps {
  /** Of a key that an account has once, the prefix is the project. */
  readonly deployment: Pick<Deployment, "prefix" | "region" | "accountId">;
  /** What is encrypted. */
  readonly description: string;
  /** What AWS services may do with the key in their own name. Default: nothing. */
  readonly services?: readonly Statement[];
  /** Terraform refuses to plan the destruction of the key. */
  readonly preventDestroy: boolean;
  /** Where the key is. Default: in the deployment's region. */
  readonly elsewhere?: Elsewhere;
}

/** By use: what KMS is asked for. */
const actions = {
  read: ["kms:Decrypt"],
  write: ["kms:GenerateDataKey"],
  // Whoever writes also decrypts: S3 the parts of an upload (Amazon S3 User Guide, "Uploading and copying objects using multipart
  // upload", API and permissions), SQS the data key that it reuses (Amazon SQS Developer Guide, "Amazon SQS Key management").
  "read and write": ["kms:Decrypt", "kms:GenerateDataKey"],
} as const;

/**
 * A KMS key of our own for one purpose, renewed every year, with the alias `alias/<prefix>-<purpose>`. Label: the construct's id, which
 * is the purpose, and the region where that is another than the deployment's: `logs_us_east_1`.
 *
 * The account's principals may use it where their own policies say so (AWS KMS Developer Guide, "Default key policy"); services only
 * by the statements that it is given.
 *
 * Costs 1 USD a month, 1 USD more after each of the first two renewals, and 0.03 USD for 10,000 requests beyond 20,000 a month (AWS
 * Key Management Service Pricing). A deleted key can be restored for 30 days. After these, what it encrypted cannot be read.
 */
export class Key extends Construct {
  readonly id: string;
  readonly arn: string;
  readonly region: string;

  constructor(scope: Construct, purpose: string, props: KeyProps) {
    const { deployment, elsewhere } = props;
    const label = elsewhere ? `${purpose}_${elsewhere.region.replaceAll("-", "_")}` : purpose;
    super(scope, label);
    const provider = elsewhere?.provider;
    const name = `${deployment.prefix}-${purpose}`;
    const key = new KmsKey(this, `aws_kms_key.${label}`, {
      provider,
      description: props.description,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      policy: policyDocument(
        {
          Sid: "Account",
          Principal: { AWS: `arn:aws:iam::${deployment.accountId}:root` },
          Action: ["kms:*"],
          Resource: ["*"],
        },
        ...(props.services ?? []),
      ),
      tags: { Name: name },
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    new KmsAlias(this, `aws_kms_alias.${label}`, {
      provider,
      name: keyAlias(deployment.prefix, purpose),
      targetKeyId: key.id,
    });
    this.id = key.id;
    this.arn = key.arn;
    this.region = elsewhere?.region ?? deployment.region;
  }
}

/**
 * What a role's policy says so that these services may use the key in the role's name, and nothing else may (AWS KMS Developer Guide,
 * "AWS KMS condition keys", kms:ViaService): nothing where there is no key.
 * @param services as KMS names them: `s3`, `secretsmanager`, `sqs`
 */
export function keyStatements(
  key: Key | undefined,
  use: keyof typeof actions,
  Sid: string,
  ...services: readonly string[]
): Statement[] {
  return key === undefined
    ? []
    : [
        {
          Sid,
          Action: actions[use],
          Resource: [key.arn],
          Condition: {
            StringEquals: { "kms:ViaService": services.map((service) => `${service}.${key.region}.amazonaws.com`) },
          },
        },
      ];
}

/** The keys of a deployment, by what they encrypt. What has none is under a key of AWS. */
export interface KeysByPurpose {
  /** Log groups, the log stream, and what is kept of logs in buckets. */
  readonly logs?: Key;
  /** Log groups in us-east-1, of what serves CloudFront. */
  readonly edgeLogs?: Key;
  /** Secrets in Secrets Manager. */
  readonly secrets?: Key;
  /** The records of the chain of custody, their queue and their schedule. */
  readonly custody?: Key;
  /** The bucket of the chunks. */
  readonly chunks?: Key;
  /** The database, the cache and the log store. */
  readonly data?: Key;
  /** The repositories of images. */
  readonly images?: Key;
}
