import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { defineCommand, runScript } from "./command/command";
import { ensureVenv } from "./local/venv";

const root = join(__dirname, "..");

export const command = defineCommand({
  arguments: {
    name: "lint:emulator",
    description:
      "Lints (ruff) and type-checks (mypy, strict) the emulator, its tests included; exit code 1 on any finding.",
    positionals: [],
    options: {},
  },

  run: async () => {
    const python = await ensureVenv({ root, venv: join(root, ".local", "venv"), python: "python3" });
    const tools = await ensureVenv({
      root,
      venv: join(root, ".local", "venv-lint"),
      python: "python3",
      requirements: "requirements-dev.txt",
    });
    const run = (tool: string, ...args: string[]) =>
      spawnSync(join(dirname(tools), tool), args, { cwd: root, stdio: "inherit" }).status === 0;
    const passed = [
      run("ruff", "check", "--quiet", "emulator"),
      run("ruff", "format", "--check", "--quiet", "emulator"),
      // mypy reads the types of the emulator's packages where these are installed.
      run(
        "mypy",
        "--config-file",
        "emulator/mypy.ini",
        "--python-executable",
        python,
        "--no-error-summary",
        "emulator",
      ),
    ];
    return passed.every(Boolean);
  },
});

runScript(module, command);
