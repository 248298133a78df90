import type { Account, Environment } from "../../environments/environment";

type Key = string | number;

/** Keys of a path such as `network.allowedIps[0]` or `adopted.keep["aws_lb.main"]`. */
export function keysOf(path: string): Key[] {
  return [...path.matchAll(/\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, name]) => quoted ?? (index === undefined ? (name as string) : Number(index)),
  );
}

/** A copy of the literal with another value at the path; `undefined` removes the field. */
export function withValue<T extends Environment | Account>(literal: T, path: string, value: unknown): T {
  const copy = structuredClone(literal);
  const keys = keysOf(path);
  const last = keys.pop() as Key;
  const holder = keys.reduce<Record<Key, unknown>>(
    (object, key) => object[key] as Record<Key, unknown>,
    copy as unknown as Record<Key, unknown>,
  );
  if (value === undefined) {
    delete holder[last];
  } else {
    holder[last] = value;
  }
  return copy;
}

/** A copy with several values replaced, in order. */
export function withValues<T extends Environment | Account>(literal: T, values: Readonly<Record<string, unknown>>): T {
  return Object.entries(values).reduce((copy, [path, value]) => withValue(copy, path, value), literal);
}
