import type { Construct } from "constructs";
import { AccessAnalyzer } from "../constructs/account/access-analyzer";
import { AccountSettings } from "../constructs/account/account-settings";
import { ConfigRecorder } from "../constructs/account/config-recorder";
import { ConformancePack } from "../constructs/account/conformance-pack";
import { CostAnomalies } from "../constructs/account/cost-anomalies";
import { ElasticsearchLogPolicy } from "../constructs/account/elasticsearch-log-policy";
import { ElasticsearchServiceLinkedRole } from "../constructs/account/elasticsearch-service-linked-role";
import { Findings } from "../constructs/account/findings";
import { GuardDuty } from "../constructs/account/guard-duty";
import { SecurityHub } from "../constructs/account/security-hub";
import { ServiceLinkedRole } from "../constructs/account/service-linked-role";
import { Trail } from "../constructs/account/trail";
import type { Account as AccountConfig, Environment } from "../environments/environment";
import { accountStack } from "../facts/names";
import { elsewhere } from "../facts/singletons";
import { promisedBy } from "./promised";
import { RootModule } from "./root-module";

/**
 * What the environments of an account and region share, because AWS has it once: applied before the first of them.
 * Which of it holds in all regions: docs/decisions/0013. What each part costs, and what to do where it is there already: docs/account.md.
 */
export class Account extends RootModule {
  /** @param environments all of them; those of the account say which buckets are watched, and what the rules ask for */
  constructor(
    scope: Construct,
    private readonly config: AccountConfig,
    environments: readonly Environment[],
  ) {
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
    this.govern(environments.filter((environment) => environment.accountId === accountId));
  }

  /** What records and watches the account. */
  private govern(environments: readonly Environment[]): void {
    const { accountId, region, singletons, governance } = this.config;
    const { trail, preventDestroy } = governance;
    const watchedBuckets = environments.flatMap(({ names, audit }) => [names.chunksBucket, audit.bucket]);

    if (trail !== null && singletons.trail !== elsewhere) {
      const origin = singletons.trail;
      new Trail(this, "trail", { ...governance, ...trail, accountId, region, origin, watchedBuckets });
    }
    new ConformancePack(this, "conformance-pack", {
      region,
      promised: environments.filter((environment) => environment.region === region).map(promisedBy),
      watchedBuckets,
      asksForAccountWide: trail !== null,
      recording: this.record(),
    });
    new SecurityHub(this, "security-hub", {
      accountId,
      region,
      origin: singletons.securityHub,
      standards: governance.standards,
    });
    new GuardDuty(this, "guard-duty", { origin: singletons.guardDuty });
    new AccessAnalyzer(this, "access-analyzer", { origin: singletons.accessAnalyzer, name: governance.analyzerName });
    new AccountSettings(this, "account-settings", { accountId, ...singletons });
    new Findings(this, "findings", { accountId, region, email: governance.pageEmail, preventDestroy });
  }

  private record() {
    const { accountId, singletons, governance } = this.config;
    const role =
      singletons.configServiceLinkedRole === elsewhere
        ? undefined
        : new ServiceLinkedRole(this, "config", {
            accountId,
            service: "config.amazonaws.com",
            roleName: "AWSServiceRoleForConfig",
            origin: singletons.configServiceLinkedRole,
            singleton: "configServiceLinkedRole",
          }).role;
    return new ConfigRecorder(this, "config-recorder", {
      ...governance,
      ...governance.config,
      accountId,
      origin: singletons.config,
      recordsGlobalTypes: governance.trail !== null,
      role,
    }).recording;
  }
}
