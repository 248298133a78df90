import type { StateObject } from "./state-file";

/** What a value of cdk.tf.json comes to, as far as the state can tell. */
export interface Resolved {
  readonly values: readonly unknown[];
  /** Whether part of it is known only after the apply. */
  readonly incomplete: boolean;
}

/** Objects by instance address, under the addresses of the plan. */
export type Objects = ReadonlyMap<string, StateObject>;

const reference = /^\$\{([a-z0-9_]+\.[A-Za-z0-9_-]+)(?:\[(\*|\d+|count\.index)\])?\.([a-z0-9_]+)\}$/;

/** Follows plain references to resources (`${aws_lb.main.arn}`, `${aws_subnet.private[*].id}`) in a scalar or a list. */
export function resolve(value: unknown, objects: Objects, index: number): Resolved {
  if (value === null || value === undefined) {
    return { values: [], incomplete: false };
  }
  if (Array.isArray(value)) {
    const parts = value.map((part) => resolve(part, objects, index));
    return { values: parts.flatMap((part) => part.values), incomplete: parts.some((part) => part.incomplete) };
  }
  if (typeof value !== "string" || !value.includes("${")) {
    return { values: [value], incomplete: false };
  }
  const [, resource, which, attribute] = reference.exec(value) ?? [];
  if (!resource || !attribute) {
    return { values: [], incomplete: true };
  }
  if (which === "*") {
    const instances = [...objects].filter(([address]) => address.startsWith(`${resource}[`));
    // Whether there are more instances than objects does not matter to what is known.
    return { values: instances.map(([, object]) => object.values[attribute]), incomplete: true };
  }
  const instance = which === undefined ? resource : `${resource}[${which === "count.index" ? index : which}]`;
  const found = objects.get(instance)?.values[attribute];
  return found === undefined ? { values: [], incomplete: true } : { values: [found], incomplete: false };
}
