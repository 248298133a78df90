import "../environments/validation/source-errors";

import { writeFileSync } from "node:fs";
import { App } from "cdktf";
import { Dashboard } from "../constructs/dashboard";
import { findEnvironment } from "../environments";
import { Platform } from "../stacks/platform";
import { environmentArgument } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { dashboardSvg } from "./dashboard/svg";

export const command = defineCommand({
  arguments: {
    name: "dashboard",
    description: `Draws an environment's dashboard as CloudWatch lays it out, from the definition that is applied, into
dashboard-<environment>.svg. The curves are examples. It needs no account.`,
    positionals: [environmentArgument({})],
    options: {},
  },

  run: async ({ positionals }) => {
    const environment = findEnvironment(positionals.environment);
    const platform = new Platform(new App({ stackTraces: false, outdir: "/nonexistent" }), environment);
    const dashboard = platform.node.findAll().find((construct) => construct instanceof Dashboard);
    if (!dashboard) {
      throw new Error(`${environment.name} has no dashboard`);
    }
    const file = `dashboard-${environment.name}.svg`;
    writeFileSync(file, dashboardSvg(environment.names.prefix, dashboard.widgets));
    console.log(file);
    return true;
  },
});

runScript(module, command);
