import { cpus } from "node:os";
import Table from "cli-table3";
import type { Measurement } from "./measure";
import type { Programs } from "./programs";
import { pairedRatios, type Spread, spread } from "./statistics";
import { type JsonObject, readStacks } from "./synthesized";

/** Wall time of the application divided by that of the bare program, at most. */
const bareAim = 1.25;

export interface Figures {
  readonly name: string;
  readonly wallMs: Spread;
  readonly peakMemoryMiB: Spread;
}

export interface Comparison {
  readonly name: string;
  /** Ratios round by round. */
  readonly wall: Spread;
  readonly peakMemory: Spread;
  readonly aim: string;
  /** Whether the median of the wall time reaches it. */
  readonly reached: boolean;
}

export interface Report {
  readonly date: string;
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly rounds: number;
  /** What the application synthesizes. */
  readonly stacks: number;
  readonly resources: number;
  readonly programs: readonly Figures[];
  readonly comparisons: readonly Comparison[];
  readonly environments: readonly (Figures & { readonly count: number; readonly msPerEnvironment: number })[];
  /** Median of what each environment beyond the first adds, in the largest application. */
  readonly msPerFurtherEnvironment: number;
}

/** @param measured one measurement for each round, by the program's name */
export function makeReport(programs: Programs, measured: ReadonlyMap<string, readonly Measurement[]>): Report {
  const figures = (name: string): Figures => {
    const rounds = measured.get(name) ?? [];
    return {
      name,
      wallMs: spread(rounds.map(({ wallMs }) => wallMs)),
      peakMemoryMiB: spread(rounds.map(({ peakMemoryMiB }) => peakMemoryMiB)),
    };
  };
  const application = figures(programs.application.name);
  const bare = figures(programs.bare.name);
  const environments = programs.environments.map(({ count, program }) => {
    const own = figures(program.name);
    return { count, ...own, msPerEnvironment: own.wallMs.median / count };
  });
  const stacks = readStacks(programs.application.outdir);
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: cpus().length,
    rounds: application.wallMs.samples.length,
    stacks: stacks.length,
    resources: stacks.reduce((sum, { json }) => sum + countResources(json), 0),
    programs: [application, bare],
    comparisons: [compare(application, bare, `at most ${bareAim}`, (ratio) => ratio <= bareAim)],
    environments,
    msPerFurtherEnvironment: furtherEnvironment(environments),
  };
}

function compare(numerator: Figures, denominator: Figures, aim: string, test: (ratio: number) => boolean): Comparison {
  const wall = pairedRatios(numerator.wallMs.samples, denominator.wallMs.samples);
  const peakMemory = pairedRatios(numerator.peakMemoryMiB.samples, denominator.peakMemoryMiB.samples);
  return { name: `${numerator.name} / ${denominator.name}`, wall, peakMemory, aim, reached: test(wall.median) };
}

function furtherEnvironment(environments: Report["environments"]): number {
  const [smallest, largest] = [environments[0], environments.at(-1)];
  if (!smallest || !largest) {
    return Number.NaN;
  }
  const added = largest.wallMs.samples.map((wall, round) => wall - (smallest.wallMs.samples[round] as number));
  return spread(added).median / (largest.count - smallest.count);
}

function countResources({ resource = {} }: JsonObject): number {
  return Object.values(resource as JsonObject).reduce<number>(
    (sum, labels) => sum + Object.keys(labels as JsonObject).length,
    0,
  );
}

/** What a person reads: medians, and in parentheses the smallest and the largest. */
export function formatReport(report: Report): string {
  const { rounds, stacks, resources, node, platform } = report;
  return [
    `Synthesis of ${resources} resources in ${stacks} stacks: medians of ${rounds} rounds; ${node}, ${platform}, ${report.cpus} CPUs, ${report.date}.`,
    table(
      ["program", "wall time s", "peak memory MiB"],
      report.programs.map(({ name, wallMs, peakMemoryMiB }) => [
        name,
        range(wallMs, seconds),
        range(peakMemoryMiB, whole),
      ]),
    ),
    table(
      ["ratio, round by round", "wall time", "peak memory", "aim for wall time", ""],
      report.comparisons.map(({ name, wall, peakMemory, aim, reached }) => [
        name,
        range(wall, ratio),
        range(peakMemory, ratio),
        aim,
        reached ? "reached" : "missed",
      ]),
    ),
    table(
      ["environments", "wall time s", "peak memory MiB", "ms per environment"],
      report.environments.map(({ count, wallMs, peakMemoryMiB, msPerEnvironment }) => [
        String(count),
        range(wallMs, seconds),
        range(peakMemoryMiB, whole),
        whole(msPerEnvironment),
      ]),
    ),
    `Each environment beyond the first adds ${whole(report.msPerFurtherEnvironment)} ms.`,
  ].join("\n");
}

function table(head: string[], rows: string[][]): string {
  const drawn = new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? "left" : "right")),
    style: { head: [], border: [] },
  });
  drawn.push(...rows);
  return drawn.toString();
}

function range({ median, minimum, maximum }: Spread, format: (value: number) => string): string {
  return `${format(median)} (${format(minimum)} to ${format(maximum)})`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(2);
}

function ratio(value: number): string {
  return value.toFixed(2);
}

function whole(value: number): string {
  return value.toFixed(0);
}
