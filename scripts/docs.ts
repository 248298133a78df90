import "../environments/validation/source-errors";

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, runScript } from "./command/command";
import { environmentsPage } from "./docs/environments";

export const command = defineCommand({
  arguments: {
    name: "docs",
    description:
      "Writes docs/environments.md from the schema of the environments and the files that hold their values.",
    positionals: [],
    options: {},
  },

  run: async () => {
    writeFileSync(join(__dirname, "../docs/environments.md"), environmentsPage());
    return true;
  },
});

runScript(module, command);
