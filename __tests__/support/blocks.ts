/** What lies at a dotted path: `tags.Name`, `ingress.0.from_port`; undefined where there is nothing. */
export function at(block: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], block);
}

/** Every string within a value, with the path to it. */
export function strings(value: unknown, path: readonly string[] = []): { path: readonly string[]; text: string }[] {
  if (typeof value === "string") {
    return [{ path, text: value }];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, item]) => strings(item, [...path, key]));
}
