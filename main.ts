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
  const { environments, accounts } = loadEnvironments();

  const app = new App({ stackTraces: false });
  for (const environment of environments) {
    new Platform(app, environment);
  }
  for (const account of accounts) {
    new Account(app, account);
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
