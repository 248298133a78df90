import { join } from "node:path";
import { ensureVenv } from "../../scripts/local/venv";
import { run } from "./support/command";
import { root } from "./support/local-run";

test("the emulator's own tests pass, and none is skipped", async () => {
  const python = await ensureVenv({ root, venv: join(root, ".local", "venv"), python: "python3" });
  const { exitCode, stderr } = await run(
    python,
    ["-m", "unittest", "discover", "--start-directory", "emulator/tests", "--top-level-directory", "."],
    { cwd: root, timeoutMs: 570_000 },
  );
  expect(stderr).toMatch(/^Ran [1-9]\d* tests in [\d.]+s\n\nOK\n$/m);
  expect(exitCode).toBe(0);
});
