import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Construct } from "constructs";
import { edgeRegion } from "../facts/regions";
import type { Deployment } from "./parts/deployment";
import { type Elsewhere, Key, type KeysByPurpose } from "./parts/key";
import type { Statement } from "./parts/policy-document";

export interface KeysProps {
  readonly deployment: Deployment;
  /** Region of the deployment, known when it is synthesized. */
  readonly region: string;
  /** For the log groups of what serves CloudFront. Default: nothing serves it. */
  readonly usEast1?: AwsProvider;
  /** `adopted`: without the keys `chunks`, `data` and `images`. `aws`: none. */
  readonly encryption: "aws" | "customer-managed" | "adopted";
  /** Terraform refuses to plan the destruction of a key. */
  readonly preventDestroy: boolean;
}

/**
 * The KMS keys of an environment: one for each purpose, so that each can be withdrawn, and its use read in CloudTrail, by itself. Six
 * keys, or seven outside of us-east-1, cost 6 or 7 USD a month; three or four where `encryption` is `adopted` (parts/key.ts).
 * The topics have theirs in any case (alert-topics.ts).
 *
 * Services that take a grant on the key when a resource is created need no statement in its policy: RDS, ElastiCache, Elasticsearch and
 * ECR (Amazon RDS User Guide, "AWS KMS key management"; Amazon ElastiCache User Guide, "At-Rest Encryption in ElastiCache"; Amazon
 * OpenSearch Service Developer Guide, "Encryption of data at rest"; Amazon ECR User Guide, "Encryption at rest"). Whoever applies
 * this may create grants. S3 and Secrets Manager ask in the name of whoever reads or writes.
 */
export class Keys extends Construct implements KeysByPurpose {
  readonly logs?: Key;
  readonly edgeLogs?: Key;
  readonly secrets?: Key;
  readonly custody?: Key;
  readonly chunks?: Key;
  readonly data?: Key;
  readonly images?: Key;

  constructor(scope: Construct, id: string, props: KeysProps) {
    super(scope, id);
    const { deployment, preventDestroy, encryption } = props;
    const key = (
      purpose: string,
      description: string,
      more: { readonly services?: readonly Statement[]; readonly elsewhere?: Elsewhere } = {},
    ) => new Key(this, purpose, { deployment, description, preventDestroy, ...more });
    if (encryption === "aws") {
      return;
    }
    this.logs = key("logs", "Logs", { services: [logGroups(deployment, deployment.region)] });
    this.edgeLogs =
      props.region === edgeRegion
        ? this.logs
        : props.usEast1 &&
          key("logs", "Logs of the distribution's firewall", {
            services: [logGroups(deployment, edgeRegion)],
            elsewhere: { region: edgeRegion, provider: props.usEast1 },
          });
    this.secrets = key("secrets", "Secrets");
    this.custody = key("custody", "The chain of custody", { services: [notifications] });
    if (encryption === "adopted") {
      return;
    }
    this.chunks = key("chunks", "Document chunks");
    this.data = key("data", "Database, cache and log store");
    this.images = key("images", "Images of containers");
  }
}

/** Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service", any group of an account. */
function logGroups({ accountId }: Deployment, region: string): Statement {
  return {
    Sid: "LogGroups",
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    Resource: ["*"],
    Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${accountId}:*` } },
  };
}

/**
 * Amazon S3 User Guide, "Granting permissions to publish event notification messages to a destination", AWS KMS key policy: without a
 * condition. Which bucket may send is said by the queue's own policy.
 */
const notifications: Statement = {
  Sid: "Notifications",
  Principal: { Service: "s3.amazonaws.com" },
  Action: ["kms:GenerateDataKey", "kms:Decrypt"],
  Resource: ["*"],
};
