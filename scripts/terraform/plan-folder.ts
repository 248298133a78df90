import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stackDirectory } from "./stack-directory";

/**
 * The folder in which Terraform reads a saved plan: the plan's own where that holds a stack, and otherwise the stack's below
 * `outdir`.
 *
 * @throws Error where there is no such file, or no folder of the stack
 */
export function planFolder(file: string, stack: string, outdir: string): string {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new Error(`--plan ${file}: there is no such file. Write one in the stack's folder: terraform plan -out=FILE`);
  }
  const folders = [dirname(path), stackDirectory(outdir, stack)];
  const folder = folders.find((candidate) => existsSync(join(candidate, "cdk.tf.json")));
  if (folder === undefined) {
    throw new Error(
      `--plan ${file}: Terraform reads a plan with the providers of its stack's folder, and none of ${folders.join(", ")} has a cdk.tf.json. Leave the plan in the folder in which it was made.`,
    );
  }
  return folder;
}
