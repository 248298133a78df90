/** A value of Terraform JSON as an HCL expression; a string that is one whole `${...}` becomes its inside. */
export function toExpression(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(toExpression).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)} = ${toExpression(member)}`);
    return `{${members.join(", ")}}`;
  }
  if (typeof value !== "string") {
    return JSON.stringify(value ?? null);
  }
  const whole = /^\$\{((?:[^{}]|\{[^{}]*\})*)\}$/.exec(value);
  return whole ? (whole[1] as string) : JSON.stringify(value);
}

/** A value of a state as Terraform JSON: what looks like a template there is text. */
export function literal(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replace(/([$%])\{/g, "$1$1{");
  }
  if (Array.isArray(value)) {
    return value.map(literal);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, literal(member)]));
  }
  return value;
}

/** A value for each instance of a counted resource, as one argument. */
export function byIndex(values: readonly unknown[]): unknown {
  const [first] = values;
  return values.every((value) => JSON.stringify(value) === JSON.stringify(first))
    ? first
    : `\${${toExpression(values)}[count.index]}`;
}
