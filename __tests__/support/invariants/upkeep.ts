import { at, strings } from "../blocks";
import type { Synthesized } from "../synth";
import { every, type Invariant } from "./invariant";

export const successorsComeFirst: Invariant = (stack) =>
  stack
    .resources()
    .filter(({ config }) => "name_prefix" in config && !at(config, "lifecycle.create_before_destroy"))
    .map(({ address }) => `${address}: name_prefix without create_before_destroy`);

export const databaseBackups: Invariant = (stack) =>
  every(stack, ["aws_db_instance"], "no automated backups, or tags lost on snapshots", ({ config }) =>
    // What a read replica holds, its source's backups hold.
    Boolean(
      (config.replicate_source_db || Number(config.backup_retention_period) >= 1) && config.copy_tags_to_snapshot,
    ),
  );

export const logsAreKept: Invariant = (stack) =>
  every(stack, ["aws_cloudwatch_log_group"], "kept for ever, or not at all", ({ config }) =>
    Boolean(Number(config.retention_in_days) > 0),
  );

/** References to what the stack does not have: Terraform would refuse them, one at a time. */
export const referencesResolve: Invariant = (stack) =>
  strings(stack.json).flatMap(({ path, text }) =>
    [...expressions(path, text).matchAll(/(?<![\w.])(?:(?:data|ephemeral)\.)?(?:aws_\w+|terraform_data)\.\w+/g)]
      .map(([address]) => address)
      .filter((address) => !hasAddress(stack, address))
      .map((address) => `${path.join(".")}: ${address} does not exist`),
  );

/** What Terraform reads as an expression in an argument. */
function expressions(path: readonly string[], text: string): string {
  return text.includes("${") || ["depends_on", "replace_triggered_by"].includes(path.at(-2) ?? "") ? text : "";
}

function hasAddress(stack: Synthesized, address: string): boolean {
  try {
    stack.resource(address);
    return true;
  } catch {
    return false;
  }
}
