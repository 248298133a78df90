import { App } from "cdktf";
import { environments } from "../../../environments";
import { accounts } from "../../../environments/accounts";
import type { Account as AccountConfig } from "../../../environments/environment";
import { Account } from "../../../stacks/account";

const [nonprod] = accounts as [AccountConfig];

/** Writes `<outdir>/stacks/skymanuals-account-nonprod`, in which everything that AWS has once is created, or adopted. */
export function synthesizeAccount(
  outdir: string,
  origin: "create" | "adopt",
  governance: Partial<AccountConfig["governance"]> = {},
): void {
  const app = new App({ outdir, stackTraces: false });
  const singletons = Object.fromEntries(
    Object.keys(nonprod.singletons).map((name) => [name, origin]),
  ) as AccountConfig["singletons"];
  const costs = nonprod.costs;
  new Account(
    app,
    {
      ...nonprod,
      singletons,
      costs: origin === "create" ? costs : null,
      governance: { ...nonprod.governance, ...governance },
    },
    environments,
  );
  app.synth();
}
