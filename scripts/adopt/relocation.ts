import type { Adopted } from "../../environments/environment";
import type { Counterparts } from "./counterparts";
import { instanceAddresses, type OurResource } from "./root";
import { resourceAddress, type StateObject } from "./state-file";

/** The part of `adopted` that says where objects go; `keep` says how they stay. */
export type Relocation = Pick<Adopted, "renamed" | "moved" | "removed">;

/**
 * Derives `moved`, `renamed` and `removed`, so that each object of the state is either continued by the address that it
 * belongs to, or forgotten.
 * @param destroyed addresses that may be destroyed: these get no `removed`
 */
export function relocate(
  root: ReadonlyMap<string, OurResource>,
  state: readonly StateObject[],
  { byAddress }: Counterparts,
  destroyed: ReadonlySet<string> = new Set(),
): Relocation {
  const continued = new Set(byAddress.values());
  const objectsAt = groupByResource(state);
  const renamed: Record<string, string> = {};
  const moved: { from: string; to: string }[] = [];
  const removed = new Set<string>();

  const addresses = new Set(root.keys());
  for (const resource of root.values()) {
    const counterparts = new Map(
      instanceAddresses(resource).flatMap((instance, index) => {
        const object = byAddress.get(instance);
        return object ? [[index, object] as const] : [];
      }),
    );
    const strangers = (objectsAt.get(resource.address) ?? []).filter(
      (object) => ![...counterparts.values()].includes(object),
    );
    const target = targetAddress(resource, counterparts, strangers, objectsAt, addresses);
    if (target !== resource.address) {
      renamed[resource.address] = target;
      addresses.add(target);
    }
    for (const [index, object] of counterparts) {
      const to = `${target}${resource.count === undefined ? "" : `[${index}]`}`;
      if (!isTakenImplicitly(object, target, index)) {
        moved.push({ from: object.address, to });
      }
    }
  }

  const declared = new Set([...root.keys()].map((address) => renamed[address] ?? address));
  for (const object of state) {
    if (continued.has(object) || destroyed.has(object.address)) {
      continue;
    }
    const address = resourceAddress(object);
    const siblings = (objectsAt.get(address) ?? []).some((sibling) => continued.has(sibling));
    if (!declared.has(address) && !siblings) {
      removed.add(address);
    } else {
      // `removed` takes whole resources only: this instance first gets an address of its own.
      const own = freeAddress(`${object.type}.${object.label}_${spell(object.key)}`, addresses, objectsAt);
      addresses.add(own);
      moved.push({ from: object.address, to: own });
      removed.add(own);
    }
  }
  return { renamed, moved, removed: [...removed] };
}

/**
 * Where our resource lives: at its own address, unless the state has another object there. Then it takes the address of
 * its own counterpart, or a new one.
 */
function targetAddress(
  resource: OurResource,
  counterparts: ReadonlyMap<number, StateObject>,
  strangers: readonly StateObject[],
  objectsAt: ReadonlyMap<string, readonly StateObject[]>,
  addresses: ReadonlySet<string>,
): string {
  const shuffled = [...counterparts].some(
    ([index, object]) =>
      resourceAddress(object) === resource.address && !isTakenImplicitly(object, resource.address, index),
  );
  // Beyond our count: these leave one by one.
  const surplus = strangers.every(({ key }) => typeof key === "number" && key >= (resource.count ?? 1));
  if (surplus && (!shuffled || counterparts.size === 1)) {
    return resource.address;
  }

  const homes = new Set([...counterparts.values()].map(resourceAddress));
  const [home] = homes;
  if (
    homes.size === 1 &&
    home !== undefined &&
    home !== resource.address &&
    !home.startsWith("module.") &&
    !addresses.has(home) &&
    [...counterparts].every(([index, object]) => isTakenImplicitly(object, home, index)) &&
    objectsAt.get(home)?.length === counterparts.size
  ) {
    return home;
  }
  return freeAddress(`${resource.address}_platform`, addresses, objectsAt);
}

/** Terraform itself takes an object without index for `[0]`, and the reverse. */
function isTakenImplicitly(object: StateObject, target: string, index: number): boolean {
  return resourceAddress(object) === target && (object.key === index || (object.key === undefined && index === 0));
}

function freeAddress(wanted: string, addresses: ReadonlySet<string>, objectsAt: ReadonlyMap<string, unknown>): string {
  let address = wanted;
  for (let number = 2; addresses.has(address) || objectsAt.has(address); number++) {
    address = `${wanted}_${number}`;
  }
  return address;
}

function groupByResource(state: readonly StateObject[]): Map<string, StateObject[]> {
  const groups = new Map<string, StateObject[]>();
  for (const object of state) {
    const address = resourceAddress(object);
    groups.set(address, [...(groups.get(address) ?? []), object]);
  }
  return groups;
}

function spell(key: StateObject["key"]): string {
  return key === undefined ? "existing" : String(key).replace(/[^A-Za-z0-9_]/g, "_");
}
