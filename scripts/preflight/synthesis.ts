import { App } from "cdktf";
import type { Environment } from "../../environments/environment";
import { Platform } from "../../stacks/platform";
import { readPlatform, type SynthesizedPlatform } from "./platform";

/** The environment's stack in memory: nothing is written. */
export function platformOf(environment: Environment): Platform {
  return new Platform(new App({ stackTraces: false, outdir: "/nonexistent" }), environment);
}

/** Synthesizes the environment's stack in memory. */
export function synthesizePlatform(environment: Environment): SynthesizedPlatform {
  const stack = platformOf(environment);
  stack.prepareStack();
  return readPlatform(stack.toTerraform(), environment);
}
