import Table from "cli-table3";
import { formatSeconds } from "../command/progress";
import type { Rollout } from "../release/rollout";
import { formatDifference } from "../terraform/convergence";
import type { StackReport } from "./apply";
import type { DeployReport } from "./deploy";
import type { DestroyReport } from "./destroy";
import type { EmulatorSummary } from "./emulator";
import { formatFindings } from "./findings";
import { formatItem } from "./outside-states";
import type { Output } from "./stack-commands";

/** What a person reads after `deploy:local`. `arguments_`: what to append to the commands that it names. */
export function formatDeployReport(report: DeployReport, arguments_: string): string {
  return [
    formatOutputs(report.outputs),
    "",
    ...report.stacks.map(formatStack),
    ...report.stacks.flatMap(({ differences }) =>
      differences.map((difference) =>
        difference.reason === undefined
          ? `  still changing: ${formatDifference(difference)}`
          : `  listed exception: ${formatDifference(difference)} (${difference.reason})`,
      ),
    ),
    ...report.rollouts.map(formatRolloutLine),
    formatSummary(report.summary),
    ...formatFindings(report.summary),
    "",
    ...(report.ok
      ? [`${convergenceLine(report)} ${report.environment} stands after ${formatSeconds(report.seconds)}.`]
      : report.failures.map((failure) => `FAILED: ${failure}`)),
    "",
    `The emulator goes on running on ${report.emulator.url} (process ${report.emulator.pid}).`,
    `  Look around:  eval "$(npm run --silent emulator -- env${directoryOnly(arguments_)})", then any AWS client`,
    "  Use cdktf:    on an emulator of its own (README): its state holds nothing of what stands here",
    `  Remove it:    npm run destroy:local${arguments_ ? ` -- ${arguments_}` : ""}`,
  ].join("\n");
}

/** One line; a rollout that failed is among the failures. */
function formatRolloutLine({ service, state, revision, runningTasks, desiredTasks, imageMissing }: Rollout): string {
  return imageMissing
    ? `${service}: no task runs, because ${imageMissing} yet (docs/releases.md)`
    : `${service}: ${revision} ${state}, ${runningTasks} of ${desiredTasks} tasks run`;
}

function directoryOnly(arguments_: string): string {
  const directory = /--directory .*/.exec(arguments_)?.[0];
  return directory ? ` ${directory}` : "";
}

function convergenceLine({ stacks }: DeployReport): string {
  const exceptions = stacks.reduce((sum, { differences }) => sum + differences.length, 0);
  return exceptions > 0
    ? `Nothing is left to change, but for ${exceptions} listed exceptions.`
    : "Nothing is left to change.";
}

/** What a person reads after `destroy:local`. */
export function formatDestroyReport(report: DestroyReport): string {
  return [
    report.deregistered.length > 0
      ? `  older revisions of task definitions, deregistered: ${report.deregistered.join(", ")}`
      : "",
    ...report.discarded.map((item) => `  left by a run that was cut off: ${formatItem(item)}`),
    ...report.ofCdktf.map((item) => `  made by cdktf deploy, in its own state alone: ${formatItem(item)}`),
    ...report.protected.map((address) => `  protected: ${address}`),
    ...report.failures.map((failure) => `FAILED: ${failure}`),
    report.destroyed > 0 ? destroyedLine(report) : "",
    report.remaining.length > 0
      ? `The emulator goes on running for ${report.remaining.join(", ")}.`
      : "The emulator is stopped, and its state removed.",
  ]
    .filter(Boolean)
    .join("\n");
}

function destroyedLine(report: DestroyReport): string {
  const { destroyed, environment, existed, left, discarded, ofCdktf, seconds } = report;
  const nothing = left.length + discarded.length + ofCdktf.length + report.remaining.length === 0;
  const none = report.protected.length > 0 ? "none but the stacks that are protected" : "none";
  return (
    `${environment}: ${destroyed} resources destroyed in ${formatSeconds(seconds)}` +
    `${nothing ? `; of the ${existed} objects that the emulator listed before, ${none} is left` : ""}.`
  );
}

/** A longer value, such as a command, would make the table wider than a terminal, and could not be copied from it. */
const widestCell = 120;

/** One row an output, long values below the table; sensitive values are not shown. */
export function formatOutputs(outputs: Readonly<Record<string, Output>>): string {
  const names = Object.keys(outputs).sort();
  if (names.length === 0) {
    return "No outputs.";
  }
  const table = new Table({ head: ["Output", "Value"], style: { head: [], border: [] }, chars: withoutRules });
  const values = names.map((name) => [name, formatOutput(outputs[name] as Output)] as const);
  table.push(...values.map(([name, value]) => [name, value.length > widestCell ? "(below)" : value]));
  const long = values.filter(([, value]) => value.length > widestCell);
  return [table.toString(), ...long.map(([name, value]) => `${name}:\n  ${value}`)].join("\n");
}

/** No line between two rows, only below the heading. */
const withoutRules = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

function formatOutput({ sensitive, value }: Output): string {
  if (sensitive) {
    return "(sensitive)";
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function formatStack({ stack, resources, seconds, ...changes }: StackReport): string {
  const { created, updated, replaced, deleted } = changes;
  const counts = Object.entries({ created, updated, replaced, deleted })
    .filter(([, count]) => count > 0)
    .map(([verb, count]) => `${count} ${verb}`);
  const times = Object.entries(seconds)
    .filter(([, value]) => value > 0)
    .map(([step, value]) => `${step} ${value.toFixed(1)}`);
  return `${stack}: ${resources} resources (${counts.join(", ") || "none changed"}); seconds: ${times.join(", ")}`;
}

function formatSummary({ requests, operations, refused, unknownEnums, unimplemented }: EmulatorSummary): string {
  return (
    `Emulator: ${requests} requests of ${operations} operations checked against AWS's API models: ` +
    `${refused.length} refused, ${unknownEnums.length} unknown enum values, ${unimplemented.length} unimplemented`
  );
}
