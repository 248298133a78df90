import { join } from "node:path";

/** The folder of a synthesized stack, which holds its cdk.tf.json, below the output folder of a synthesis. */
export function stackDirectory(outdir: string, stack: string): string {
  return join(outdir, "stacks", stack);
}
