import { join, resolve } from "node:path";
import { type Measurement, measure } from "./bench/measure";
import { Programs } from "./bench/programs";
import { formatReport, makeReport } from "./bench/report";
import { jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import type { Stop } from "./command/stop";

export const command = defineCommand({
  arguments: {
    name: "bench",
    description: `Measures the synthesis of all environments against a bare cdktf program, and that of 1, 10 and 50 environments. Programs and
outputs lie in .local/bench.`,
    positionals: [],
    options: {
      runs: {
        type: "string",
        placeholder: "N",
        default: "5",
        description: "rounds; each runs every program once (default 5)",
        check: (value) =>
          /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 1000
            ? undefined
            : { allowed: "a whole number from 1 to 1000, such as --runs 5" },
      },
      ...jsonOption,
    },
  },

  explainStop: (_invocation, reason) => `Stopped by ${"signal" in reason ? reason.signal : reason.emulator}.`,

  run: async ({ options: { runs, json }, stop }) => {
    const root = resolve(__dirname, "..");
    const programs = new Programs(root, join(root, ".local", "bench"));
    const measured = await measureRounds(programs, Number(runs), stop).catch((error: unknown) => {
      stop.throwIfRequested();
      throw error;
    });
    const report = makeReport(programs, measured);
    console.log(json ? JSON.stringify(report, null, 2) : formatReport(report));
    return true;
  },
});

/** Every program in turn, round by round, after one round that fills caches and is not counted. */
async function measureRounds(
  programs: Programs,
  rounds: number,
  stop: Stop,
): Promise<ReadonlyMap<string, readonly Measurement[]>> {
  const measured = new Map<string, Measurement[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const program of programs.all()) {
      const measurement = await measure(program, stop.requested);
      if (round === 0 && program === programs.application) {
        programs.write();
      }
      const label = round === 0 ? "warm-up" : `round ${round} of ${rounds}`;
      const { wallMs, peakMemoryMiB } = measurement;
      console.error(`${label}: ${program.name}: ${(wallMs / 1000).toFixed(2)} s, ${peakMemoryMiB.toFixed(0)} MiB`);
      if (round > 0) {
        measured.set(program.name, [...(measured.get(program.name) ?? []), measurement]);
      }
    }
    requireSameOutput(programs.differences());
  }
  return measured;
}

/**
 * @throws Error where there is a difference: a comparison of unlike programs says nothing
 */
function requireSameOutput(differences: readonly string[]): void {
  if (differences.length === 0) {
    return;
  }
  const shown = differences.slice(0, 20).map((line) => `  ${line}`);
  const more = differences.length > shown.length ? [`  and ${differences.length - shown.length} more`] : [];
  throw new Error(
    [
      "The programs do not synthesize the same, so their times cannot be compared. (Was a source changed meanwhile?)",
      ...shown,
      ...more,
    ].join("\n"),
  );
}

runScript(module, command);
