import "./environments/validation/source-errors";

import { App } from "cdktf";
import { loadEnvironments } from "./environments";
import { InvalidInput } from "./environments/validation/problems";
import { Account } from "./stacks/account";
import { Platform } from "./stacks/platform";
import { recordNoStackTraces } from "./stacks/stack-traces";
import { StateBackend } from "./stacks/state-backend";

try {
  recordNoStackTraces();
  // Of a rehearsal (scripts/recovery/): a recovery environment, and what its database is restored from.
  const [environment, backupArn] = process.argv.slice(2);
  const serving = environment && backupArn ? { environment, backupArn } : undefined;
  const { environments, accounts } = loadEnvironments(serving);

  const app = new App({ stackTraces: false });
  for (const environment of environments) {
    new Platform(app, environment);
  }
  for (const account of accounts) {
    new Account(app, account, environments);
  }
  for (const account of accounts) {
    new StateBackend(app, account);
  }
  app.synth();
} catch (error) {
  if (!(error instanceof InvalidInput)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
