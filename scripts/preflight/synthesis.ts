import { App } from "cdktf";
import type { Environment } from "../../environments/environment";
import { Platform } from "../../stacks/platform";
import { readPlatform, type SynthesizedPlatform } from "./platform";

/** Synthesizes the environment's stack in memory: nothing is written. */
export function synthesizePlatform(environment: Environment): SynthesizedPlatform {
  const stack = new Platform(new App({ stackTraces: false, outdir: "/nonexistent" }), environment);
  stack.prepareStack();
  return readPlatform(stack.toTerraform(), environment);
}
