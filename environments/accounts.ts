import type { Account } from "./environment";

/** Development and staging. */
const nonproduction: Account = {
  name: "nonproduction",
  accountId: "111111111111",
  region: "us-east-1",
  elasticsearchServiceLinkedRole: "create",
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
  elasticsearchServiceLinkedRole: "create",
  stateBucket: {
    bucket: "skymanuals-terraform-state-222222222222",
    kmsKeyAlias: "alias/skymanuals-terraform-state",
  },
  backend: { type: "local" },
};

export const accounts: readonly Account[] = [nonproduction, production];
