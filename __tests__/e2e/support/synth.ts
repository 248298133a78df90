import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandResult, run } from "./command";
import { root } from "./local-run";

/** `npm run synth` into another folder, under the Node binary `node`. */
export function synthesize(outdir: string, node = process.execPath): Promise<CommandResult> {
  return run(node, ["--require", "tsx/cjs", "main.ts"], { cwd: root, env: { ...process.env, CDKTF_OUTDIR: outdir } });
}

export interface StackJson {
  readonly terraform: { readonly backend?: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

export function readStack(outdir: string, stack: string): StackJson {
  return JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8")) as StackJson;
}
