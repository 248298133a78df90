import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { sep } from "node:path";

export interface ProcessInfo {
  readonly pid: number;
  readonly commandLine: string;
}

/**
 * Processes that work in `directory` or name it in their arguments: Terraform, its providers, a runner. On systems
 * without /proc those that name it.
 */
export function processesIn(directory: string): ProcessInfo[] {
  if (process.platform !== "linux") {
    const { stdout } = spawnSync("ps", ["-axo", "pid=,args="], { encoding: "utf8" });
    return stdout
      .split("\n")
      .map((line) => ({ pid: Number.parseInt(line, 10), commandLine: line.trim().replace(/^\d+\s+/, "") }))
      .filter(({ pid, commandLine }) => pid !== process.pid && commandLine.includes(directory));
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const commandLine = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        const cwd = readlinkSync(`/proc/${name}/cwd`);
        const inside = cwd === directory || cwd.startsWith(directory + sep);
        return inside || commandLine.includes(directory) ? [{ pid: Number(name), commandLine }] : [];
      } catch {
        return []; // it has ended
      }
    });
}
