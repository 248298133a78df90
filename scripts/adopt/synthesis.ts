import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import type { Environment } from "../../environments/environment";
import { environmentStack } from "../../facts/names";
import { Platform } from "../../stacks/platform";
import { stackDirectory } from "../terraform/stack-directory";
import { type OurResource, readRoot } from "./root";

/** A stack that was synthesized for planning. */
export interface SynthesizedStack {
  /** Folder of cdk.tf.json. */
  readonly directory: string;
  /** What its backend reads. */
  readonly stateFile: string;
  readonly root: ReadonlyMap<string, OurResource>;
}

/**
 * Synthesizes the environment below `workFolder`, with a state file there in place of its backend, and without
 * `prevent_destroy`, which would end a plan where the plan is to be read.
 */
export function synthesizeForPlanning(environment: Environment, workFolder: string): SynthesizedStack {
  const name = environmentStack(environment.name);
  const outdir = join(workFolder, "cdktf.out");
  const app = new App({ outdir, stackTraces: false });
  new Platform(app, {
    ...environment,
    backend: { type: "local" },
    protection: { ...environment.protection, preventDestroy: false },
  });
  app.synth();
  const directory = stackDirectory(outdir, name);
  const synthesized: unknown = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8"));
  return { directory, stateFile: join(workFolder, `terraform.${name}.tfstate`), root: readRoot(synthesized) };
}
