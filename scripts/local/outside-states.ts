import { idInState, importAttributes, importIds, type Values } from "../terraform/import-ids";
import type { ResourceChange } from "../terraform/plan";
import type { StateResource } from "../terraform/state";
import type { InventoryItem } from "./emulator";

/** What exists in the emulator and is in none of the states. */
export function outsideStates(
  inventory: readonly InventoryItem[],
  resources: readonly StateResource[],
): InventoryItem[] {
  const known = new Set(resources.flatMap(({ type, values }) => importIds(type, values).map((id) => `${type} ${id}`)));
  return inventory.filter(({ type, id }) => !known.has(`${type} ${idInState(type, id)}`));
}

/** An object as a person reads it: type, name, and the id where that is another. */
export function formatItem({ type, name, id }: InventoryItem): string {
  return `${type} ${name}${name === id ? "" : ` (${id})`}`;
}

/** Something outside of the states, and the address that planned to create it, where that can be told. */
export interface Orphan extends InventoryItem {
  readonly address: string | undefined;
}

/**
 * Finds for each item the planned creation that it answers to: the one of its type with the same name, or else the
 * only one of its type.
 */
export function findAddresses(items: readonly InventoryItem[], creations: readonly ResourceChange[]): Orphan[] {
  const taken = new Set<string>();
  const byName = items.map((item) => {
    const matching = creations.filter(
      (creation) => creation.type === item.type && !taken.has(creation.address) && hasName(creation.after, item),
    );
    const address = matching.length === 1 ? matching[0]?.address : undefined;
    if (address) {
      taken.add(address);
    }
    return { ...item, address };
  });
  return byName.map((orphan) => {
    const alone = byName.filter(({ type, address }) => type === orphan.type && !address).length === 1;
    const left = creations.filter(({ type, address }) => type === orphan.type && !taken.has(address));
    return orphan.address || !alone || left.length !== 1 ? orphan : { ...orphan, address: left[0]?.address };
  });
}

const nameAttributes = [...importAttributes, "family", "cluster_id", "key", "group_name", "alarm_name", "display_name"];

function hasName(after: Values | null, { type, id, name }: InventoryItem): boolean {
  if (!after) {
    return false;
  }
  const wanted = new Set([id, name].filter(Boolean));
  const tags = (after.tags_all ?? after.tags) as Values | null | undefined;
  const prefix = after.name_prefix;
  return (
    [...nameAttributes.map((attribute) => after[attribute]), tags?.Name].some(
      (value) => typeof value === "string" && wanted.has(value),
    ) ||
    importIds(type, after).some((value) => wanted.has(value)) ||
    (typeof prefix === "string" && prefix !== "" && name.startsWith(prefix))
  );
}

/** Terraform configuration that takes the objects into the state; a comment where the address cannot be told. */
export function importBlocks(orphans: readonly Orphan[]): string {
  return orphans
    .map(({ address, type, id, name }) => {
      const block = `import {\n  to = ${address ?? `${type}.LABEL`}\n  id = ${JSON.stringify(id)}\n}`;
      return address ? block : `# ${type} "${name}": no planned resource answers to it\n${block.replace(/^/gm, "# ")}`;
    })
    .join("\n\n");
}
