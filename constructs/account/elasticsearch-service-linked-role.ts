import { DataAwsIamRoles } from "@cdktf/provider-aws/lib/data-aws-iam-roles";
import { IamServiceLinkedRole } from "@cdktf/provider-aws/lib/iam-service-linked-role";
import { Construct } from "constructs";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";

export interface ElasticsearchServiceLinkedRoleProps {
  /** 12 digits. */
  readonly accountId: string;
  readonly origin: SingletonOrigin;
}

const roleName = "AWSServiceRoleForAmazonElasticsearchService";
const path = "/aws-service-role/es.amazonaws.com/";

/**
 * The role by which Elasticsearch puts network interfaces into a VPC, and without which it refuses the domain. The account has
 * one, in all regions.
 *
 * An account that had OpenSearch domains only has another role, AWSServiceRoleForAmazonOpenSearchService. This one goes with the
 * Elasticsearch API, by which the platform makes its domain, and is created beside it.
 * Source: Amazon OpenSearch Service Developer Guide, "Using service-linked roles to create VPC domains", legacy Elasticsearch role.
 */
export class ElasticsearchServiceLinkedRole extends Construct {
  constructor(scope: Construct, id: string, { accountId, origin }: ElasticsearchServiceLinkedRoleProps) {
    super(scope, id);
    const adopts = origin === "adopt";
    const role = new IamServiceLinkedRole(this, "elasticsearch", {
      awsServiceName: "es.amazonaws.com",
      dependsOn: adopts ? [this.existing(accountId)] : undefined,
    });
    if (adopts) {
      new Import(this, role, `arn:aws:iam::${accountId}:role${path}${roleName}`);
    }
  }

  /** Says what to do where there is none: the import would only say that it found no object. */
  private existing(accountId: string): DataAwsIamRoles {
    return new DataAwsIamRoles(this, "data.aws_iam_roles.elasticsearch", {
      pathPrefix: path,
      lifecycle: {
        postcondition: [
          {
            condition: "${length(self.names) > 0}",
            errorMessage: `Account ${accountId} has no role ${roleName} to adopt (AWSServiceRoleForAmazonOpenSearchService is another one): set singletons.elasticsearchServiceLinkedRole to "create" in environments/accounts.ts.`,
          },
        ],
      },
    });
  }
}
