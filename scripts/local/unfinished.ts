import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An apply or destroy that began and was never seen to end by itself: what exists may differ from what the state says. */
export interface Unfinished {
  readonly stack: string;
  readonly command: string;
}

export function readUnfinished(directory: string): Unfinished | undefined {
  try {
    return JSON.parse(readFileSync(file(directory), "utf8")) as Unfinished;
  } catch {
    return undefined;
  }
}

export function markUnfinished(directory: string, unfinished: Unfinished): void {
  writeFileSync(file(directory), `${JSON.stringify(unfinished)}\n`);
}

export function clearUnfinished(directory: string): void {
  rmSync(file(directory), { force: true });
}

function file(directory: string): string {
  return join(directory, "unfinished.json");
}
