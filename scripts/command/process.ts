import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that may outlive its parent, told from a later one that was given the same number. */
export interface ProcessReference {
  readonly pid: number;
  /** Start time as the system tells it; see `processIdentity`. */
  readonly identity: string;
}

/**
 * When process `pid` was started, in the system's own form, or undefined where no such process runs.
 * A zombie does not run: in a container without an init process it would otherwise seem alive for ever.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" || state === "X" ? undefined : rest[18]; // field 22: start time in clock ticks
    } catch {
      return undefined;
    }
  }
  const ps = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const [state, ...start] = (ps.stdout ?? "").trim().split(/\s+/);
  return !state || state.startsWith("Z") ? undefined : start.join(" ");
}

export function processReference(pid: number): ProcessReference | undefined {
  const identity = processIdentity(pid);
  return identity === undefined ? undefined : { pid, identity };
}

/** Whether the very process that was recorded still runs. */
export function isRunning(reference: ProcessReference): boolean {
  return processIdentity(reference.pid) === reference.identity;
}

/** Sends a signal to one process, or with `group` to all of its process group; false where there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals, group = false): boolean {
  try {
    return process.kill(group ? -pid : pid, signal);
  } catch {
    return false;
  }
}

/**
 * Ends a recorded process, a leader of its process group: `signal` first, and SIGKILL for the whole group after `graceMs`
 * milliseconds. Returns false where it did not run any more; what it has left in its group is ended all the same.
 */
export async function endProcess(
  reference: ProcessReference,
  { signal = "SIGTERM" as NodeJS.Signals, graceMs = 10_000 } = {},
): Promise<boolean> {
  if (!isRunning(reference)) {
    // The number is not given away while its group has members.
    if (processIdentity(reference.pid) === undefined) {
      signalProcess(reference.pid, "SIGKILL", true);
    }
    return false;
  }
  signalProcess(reference.pid, signal);
  const deadline = Date.now() + graceMs;
  while (isRunning(reference) && Date.now() < deadline) {
    await sleep(50);
  }
  // Also ends what a process that is gone has left in its group.
  signalProcess(reference.pid, "SIGKILL", true);
  while (isRunning(reference) && Date.now() < deadline + 5_000) {
    signalProcess(reference.pid, "SIGKILL");
    await sleep(50);
  }
  return true;
}
