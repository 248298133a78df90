import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Measurement, measure } from "./bench/measure";
import { Programs } from "./bench/programs";
import { formatReport, makeReport } from "./bench/report";

const usage = `Usage: npm run bench [-- options]

Measures the synthesis of all environments against a bare cdktf program and against ts-node with barrel imports, and that of
1, 10 and 50 environments. Programs and outputs lie in .local/bench.

  --runs N  rounds; each runs every program once (default 5)
  --json    one JSON document on stdout
  --help`;

async function main(args: string[]): Promise<void> {
  const values = parseOptions(args);
  if (values.help) {
    console.log(usage);
    return;
  }
  const rounds = Number(values.runs);
  if (!/^\d+$/.test(values.runs) || rounds < 1 || rounds > 1000) {
    throw new Error(`--runs ${values.runs}: a whole number from 1 to 1000, such as --runs 5`);
  }

  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort(new Error(`Stopped by ${signal}.`)));
  }
  const root = resolve(__dirname, "..");
  const programs = new Programs(root, join(root, ".local", "bench"));
  const measured = await measureRounds(programs, rounds, stop.signal);
  const report = makeReport(programs, measured);
  console.log(values.json ? JSON.stringify(report, null, 2) : formatReport(report));
}

/** @throws Error with the usage where an option is unknown. */
function parseOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        runs: { type: "string", default: "5" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`);
  }
}

/** Every program in turn, round by round, after one round that fills caches and is not counted. */
async function measureRounds(
  programs: Programs,
  rounds: number,
  stop: AbortSignal,
): Promise<ReadonlyMap<string, readonly Measurement[]>> {
  const measured = new Map<string, Measurement[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const program of programs.all()) {
      const measurement = await measure(program, stop);
      if (round === 0 && program === programs.application) programs.write();
      const label = round === 0 ? "warm-up" : `round ${round} of ${rounds}`;
      const { wallMs, peakMemoryMiB } = measurement;
      console.error(`${label}: ${program.name}: ${(wallMs / 1000).toFixed(2)} s, ${peakMemoryMiB.toFixed(0)} MiB`);
      if (round > 0) measured.set(program.name, [...(measured.get(program.name) ?? []), measurement]);
    }
    requireSameOutput(programs.differences());
  }
  return measured;
}

/** @throws Error where there is a difference: a comparison of unlike programs says nothing. */
function requireSameOutput(differences: readonly string[]): void {
  if (differences.length === 0) return;
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

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(
    error.name === "AbortError" ? String((error.cause as Error | undefined)?.message ?? error.message) : error.message,
  );
  process.exitCode = 1;
});
