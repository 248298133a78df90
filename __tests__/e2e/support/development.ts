import { processIdentity } from "../../../scripts/command/process";
import { parsePlan } from "../../../scripts/terraform/plan";
import { type CommandResult, run } from "./command";
import type { DestroyJson, LocalRun } from "./local-run";

/** Terraform in a folder, on the emulator of a run. */
export async function terraform(
  local: LocalRun,
  folder: string,
  args: readonly string[],
  { expected = 0, variables = {} as Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  const env = { ...(await local.terraformEnvironment()), ...variables };
  return run("terraform", args, { cwd: folder, env, expected });
}

export async function showPlan(local: LocalRun, folder: string, plan: string) {
  return parsePlan(JSON.parse((await terraform(local, folder, ["show", "-json", plan])).stdout));
}

export function expectNobodyAtWork(local: LocalRun): void {
  expect(local.processes()).toEqual([]);
  expect(local.locks()).toEqual([]);
}

/** `destroy:local` removes everything and proves that nothing is left. */
export async function expectDestroyed(local: LocalRun): Promise<DestroyJson> {
  const gone = expectationOfGone(local);
  const { stdout } = await local.destroy("--json").expectExit(0);
  const report = JSON.parse(stdout) as DestroyJson;
  expect(report).toMatchObject({ ok: true, failures: [], protected: [], left: [], discarded: [], remaining: [] });
  expect(report.destroyed).toBeGreaterThan(80);
  await gone();
  return report;
}

/** Called while the emulator runs; the returned function expects that it is gone, and every file and process of the run. */
export function expectationOfGone(local: LocalRun): () => Promise<void> {
  const { emulator, emulatorPid } = local;
  return async () => {
    await expect(emulator.health()).rejects.toThrow();
    expect(processIdentity(emulatorPid)).toBeUndefined();
    expectNobodyAtWork(local);
    expect(local.files()).toEqual([]);
  };
}
