import { Construct } from "constructs";
import type { SingletonOrigin } from "../../facts/singletons";
import { ServiceLinkedRole } from "./service-linked-role";

export interface ElasticsearchServiceLinkedRoleProps {
  /** 12 digits. */
  readonly accountId: string;
  readonly origin: SingletonOrigin;
}

/**
 * The role by which Elasticsearch puts network interfaces into a VPC, and without which it refuses the domain. The account has
 * one, in all regions.
 *
 * An account that had OpenSearch domains only has another role, AWSServiceRoleForAmazonOpenSearchService. This one goes with the
 * Elasticsearch API, by which the platform makes its domain, and is created beside it.
 * Source: Amazon OpenSearch Service Developer Guide, "Using service-linked roles to create VPC domains", legacy Elasticsearch role.
 */
export class ElasticsearchServiceLinkedRole extends Construct {
  constructor(scope: Construct, id: string, props: ElasticsearchServiceLinkedRoleProps) {
    super(scope, id);
    new ServiceLinkedRole(this, "elasticsearch", {
      ...props,
      service: "es.amazonaws.com",
      roleName: "AWSServiceRoleForAmazonElasticsearchService",
      singleton: "elasticsearchServiceLinkedRole",
      hint: " (AWSServiceRoleForAmazonOpenSearchService is another one)",
    });
  }
}
