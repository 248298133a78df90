import { CloudwatchLogResourcePolicy } from "@cdktf/provider-aws/lib/cloudwatch-log-resource-policy";
import { Construct } from "constructs";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";
import { actingFor, policyDocument } from "../parts/policy-document";

export interface ElasticsearchLogPolicyProps {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  readonly origin: SingletonOrigin;
}

const policyName = "skymanuals-elasticsearch-logs";

/**
 * Lets every Elasticsearch domain of the account write its log groups in the region. CloudWatch Logs has room for ten such
 * policies in each region, so that the environments share this one.
 * Source: Amazon CloudWatch Logs API Reference, PutResourcePolicy.
 */
export class ElasticsearchLogPolicy extends Construct {
  constructor(scope: Construct, id: string, { accountId, region, origin }: ElasticsearchLogPolicyProps) {
    super(scope, id);
    const policy = new CloudwatchLogResourcePolicy(this, "elasticsearch_logs", {
      policyName,
      // Amazon OpenSearch Service Developer Guide, "Monitoring OpenSearch logs with Amazon CloudWatch Logs".
      policyDocument: policyDocument({
        Principal: { Service: "es.amazonaws.com" },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
        Resource: [`arn:aws:logs:${region}:${accountId}:log-group:/aws/aes/domains/*`],
        Condition: actingFor(accountId, `arn:aws:es:${region}:${accountId}:domain/*`),
      }),
    });
    if (origin === "adopt") {
      new Import(this, policy, policyName);
    }
  }
}
