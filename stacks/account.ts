import { CloudwatchLogResourcePolicy } from "@cdktf/provider-aws/lib/cloudwatch-log-resource-policy";
import { IamServiceLinkedRole } from "@cdktf/provider-aws/lib/iam-service-linked-role";
import type { Construct } from "constructs";
import { policyDocument } from "../constructs/parts/policy-document";
import type { Account as AccountConfig } from "../environments/environment";
import { accountStack } from "../facts/names";
import { RootModule } from "./root-module";

/**
 * What AWS allows once per account, or ten times per region, and every environment there shares: applied once, before the
 * account's first environment.
 */
export class Account extends RootModule {
  constructor(scope: Construct, config: AccountConfig) {
    super(scope, accountStack(config.name), config);
    const { accountId, region } = config;
    this.addAws(config);

    // Elasticsearch puts network interfaces into a VPC by this role, and refuses the domain without it.
    const role = new IamServiceLinkedRole(this, "elasticsearch", { awsServiceName: "es.amazonaws.com" });
    if (config.elasticsearchServiceLinkedRole === "adopt") {
      // cdktf's importFrom would run Terraform at synth.
      this.addOverride("import", [
        {
          to: `aws_iam_service_linked_role.${role.friendlyUniqueId}`,
          id: `arn:aws:iam::${accountId}:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForAmazonElasticsearchService`,
        },
      ]);
    }

    new CloudwatchLogResourcePolicy(this, "elasticsearch_logs", {
      policyName: "skymanuals-elasticsearch-logs",
      policyDocument: policyDocument({
        Principal: { Service: "es.amazonaws.com" },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
        Resource: [`arn:aws:logs:${region}:${accountId}:log-group:/aws/aes/domains/*`],
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      }),
    });
  }
}
