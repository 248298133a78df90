import type { Construct } from "constructs";
import { CostAnomalies } from "../constructs/account/cost-anomalies";
import { ElasticsearchLogPolicy } from "../constructs/account/elasticsearch-log-policy";
import { ElasticsearchServiceLinkedRole } from "../constructs/account/elasticsearch-service-linked-role";
import type { Account as AccountConfig } from "../environments/environment";
import { accountStack } from "../facts/names";
import { elsewhere } from "../facts/singletons";
import { RootModule } from "./root-module";

/**
 * What the environments of an account and region share, because AWS has it once: applied before the first of them.
 * Which of it holds in all regions: docs/decisions/0013.
 */
export class Account extends RootModule {
  constructor(scope: Construct, config: AccountConfig) {
    super(scope, accountStack(config.name), config);
    this.addAws(config);
    const { accountId, region, singletons, costs } = config;

    if (singletons.elasticsearchServiceLinkedRole !== elsewhere) {
      new ElasticsearchServiceLinkedRole(this, "elasticsearch-service-linked-role", {
        accountId,
        origin: singletons.elasticsearchServiceLinkedRole,
      });
    }
    new ElasticsearchLogPolicy(this, "elasticsearch-log-policy", {
      accountId,
      region,
      origin: singletons.elasticsearchLogPolicy,
    });
    if (costs) {
      new CostAnomalies(this, "cost-anomalies", costs);
    }
  }
}
