/**
 * What AWS has once for all environments that share an account, and where it holds.
 *
 * `account`: one for the account, in every region (IAM is global). `region`: one for the account in each region.
 * Sources: AWS IAM User Guide, "Create a service-linked role"; Amazon CloudWatch Logs API Reference, PutResourcePolicy ("up to 10
 * resource policies per AWS Region").
 */
export const singletonScopes = {
  elasticsearchServiceLinkedRole: "account",
  elasticsearchLogPolicy: "region",
} as const satisfies Readonly<Record<string, "account" | "region">>;

export type Singleton = keyof typeof singletonScopes;

/** How one comes into the state: the apply creates it, or takes over what AWS has already. */
export type SingletonOrigin = "create" | "adopt";

/** Another entry of the same account, for another region, has it in its state. */
export const elsewhere = "elsewhere";
