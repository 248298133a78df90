import "../environments/validation/source-errors";

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, runScript } from "./command/command";
import { environmentsPage } from "./docs/environments";
import { retentionPage } from "./docs/retention";

export const command = defineCommand({
  arguments: {
    name: "docs",
    description:
      "Writes docs/environments.md from the schema of the environments and the files that hold their values, and docs/retention.md from the table of what is kept how long.",
    positionals: [],
    options: {},
  },

  run: async () => {
    writeFileSync(join(__dirname, "../docs/environments.md"), environmentsPage());
    writeFileSync(join(__dirname, "../docs/retention.md"), retentionPage());
    return true;
  },
});

runScript(module, command);
