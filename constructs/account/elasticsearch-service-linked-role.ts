import { IamServiceLinkedRole } from "@cdktf/provider-aws/lib/iam-service-linked-role";
import { Construct } from "constructs";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";

export interface ElasticsearchServiceLinkedRoleProps {
  /** 12 digits. */
  readonly accountId: string;
  readonly origin: SingletonOrigin;
}

/**
 * The role by which Elasticsearch puts network interfaces into a VPC, and without which it refuses the domain. The account has
 * one, in all regions.
 * Source: Amazon OpenSearch Service Developer Guide, "Using the legacy Elasticsearch service-linked role".
 */
export class ElasticsearchServiceLinkedRole extends Construct {
  constructor(scope: Construct, id: string, props: ElasticsearchServiceLinkedRoleProps) {
    super(scope, id);
    const role = new IamServiceLinkedRole(this, "elasticsearch", { awsServiceName: "es.amazonaws.com" });
    if (props.origin === "adopt") {
      new Import(
        this,
        role,
        `arn:aws:iam::${props.accountId}:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForAmazonElasticsearchService`,
      );
    }
  }
}
