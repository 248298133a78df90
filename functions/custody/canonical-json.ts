type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/**
 * JSON with the members in the order of their names' UTF-16 code units and no white space, as RFC 8785 has it. Numbers are
 * integers here, for which ECMAScript's form is RFC 8785's.
 */
export function canonicalJson(value: unknown): string {
  const write = (json: Json): string => {
    if (Array.isArray(json)) {
      return `[${json.map(write).join(",")}]`;
    }
    if (json === null || typeof json !== "object") {
      return JSON.stringify(json);
    }
    const members = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${write(member as Json)}`).join(",")}}`;
  };
  return write(value as Json);
}
