import type { Account } from "./environment";

/** Development and staging. */
const nonprod: Account = {
  name: "nonprod",
  accountId: "111111111111",
  region: "us-east-1",
  singletons: { elasticsearchServiceLinkedRole: "create", elasticsearchLogPolicy: "create" },
  costs: { email: "admin@skymanuals.com", anomalyUsd: 100, monitorArn: null, activateTags: false },
  stateBucket: {
    bucket: "skymanuals-terraform-state-111111111111",
    kmsKeyAlias: "alias/skymanuals-terraform-state",
  },
  backend: { type: "local" },
};

const production: Account = {
  name: "production",
  accountId: "222222222222",
  region: "us-east-1",
  singletons: { elasticsearchServiceLinkedRole: "create", elasticsearchLogPolicy: "create" },
  costs: { email: "admin@skymanuals.com", anomalyUsd: 100, monitorArn: null, activateTags: false },
  stateBucket: {
    bucket: "skymanuals-terraform-state-222222222222",
    kmsKeyAlias: "alias/skymanuals-terraform-state",
  },
  backend: { type: "local" },
};

/** The region that production is recovered in. What AWS has once for the account is in production's entry. */
const productionDr: Account = {
  name: "production-dr",
  accountId: "222222222222",
  region: "us-west-2",
  singletons: { elasticsearchServiceLinkedRole: "elsewhere", elasticsearchLogPolicy: "create" },
  costs: null,
  stateBucket: {
    bucket: "skymanuals-terraform-state-222222222222-us-west-2",
    kmsKeyAlias: "alias/skymanuals-terraform-state",
  },
  backend: { type: "local" },
};

export const accounts: readonly Account[] = [nonprod, production, productionDr];
