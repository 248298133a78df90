const form = /^([A-Za-z_]\w*)=(.*)$/s;

/** Why `pair` is not the value of a Terraform variable as `-var` takes it; undefined where it is. */
export function refuseVariable(pair: string): { readonly allowed: string } | undefined {
  return form.test(pair) ? undefined : { allowed: "name=value, such as redis_node_type=cache.t3.small" };
}

/** `name=value` pairs that `refuseVariable` does not refuse, by name; the last of a name counts. */
export function variablesOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name = "", value = ""] = form.exec(pair) ?? [];
      return [name, value];
    }),
  );
}
