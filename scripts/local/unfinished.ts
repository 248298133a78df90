import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * An apply or destroy that began and was not seen to end by itself, or an apply that was asked to stop: requests that were
 * under way then may be carried out after Terraform has given them up. What exists may differ from what the state says.
 */
export interface Unfinished {
  readonly stack: string;
  /** `apply` or `destroy`. */
  readonly command: string;
  /** It was asked to stop, and ended in good order. */
  readonly interrupted?: boolean;
}

/** The stacks of a run's folder that were left in the middle of something. */
export function readUnfinished(directory: string): Unfinished[] {
  return unfinishedFiles(directory).map((file) => JSON.parse(readFileSync(file, "utf8")) as Unfinished);
}

export function findUnfinished(directory: string, stack: string): Unfinished | undefined {
  return readUnfinished(directory).find((unfinished) => unfinished.stack === stack);
}

export function markUnfinished(directory: string, unfinished: Unfinished): void {
  writeFileSync(fileOf(directory, unfinished.stack), `${JSON.stringify(unfinished)}\n`);
}

export function clearUnfinished(directory: string, stack: string): void {
  rmSync(fileOf(directory, stack), { force: true });
}

function unfinishedFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /^unfinished\..+\.json$/.test(name))
    .map((name) => join(directory, name));
}

function fileOf(directory: string, stack: string): string {
  return join(directory, `unfinished.${stack}.json`);
}
