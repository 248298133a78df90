import type { Block, Resource, Synthesized } from "../synth";

/** A rule over every resource of a stack. Returns what breaks it, `<address>: <what>`; empty if nothing does. */
export type Invariant = (stack: Synthesized) => string[];

/** Breaks the rule unless the resource passes. */
export function every(
  stack: Synthesized,
  types: readonly string[],
  what: string,
  passes: (resource: Resource) => boolean,
) {
  return stack
    .resources()
    .filter((resource) => types.includes(resource.type) && !passes(resource))
    .map(({ address }) => `${address}: ${what}`);
}

/** Whether another resource of the stack configures this bucket. */
export function configures(
  stack: Synthesized,
  type: string,
  bucket: Resource,
  passes: (config: Block) => boolean,
): boolean {
  return stack.resources(type).some(({ config }) => config.bucket === `\${${bucket.address}.id}` && passes(config));
}
