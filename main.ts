import { App } from "cdktf";
import { loadEnvironments } from "./environments";
import { Account } from "./stacks/account";
import { Platform } from "./stacks/platform";
import { StateBackend } from "./stacks/state-backend";

const { environments, accounts } = loadEnvironments();

const app = new App({ stackTraces: false });
for (const environment of environments) new Platform(app, environment);
for (const account of accounts) new Account(app, account);
for (const account of accounts) new StateBackend(app, account);
app.synth();
