/**
 * Whether what stands has all that is wanted. It may have more, which the domain adds: defaults, versions, times. Lists have as many
 * elements, in their order. Elasticsearch keeps settings as text: 1 and "1" are the same, and so are true and "true".
 */
export function has(stands: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(stands) &&
      stands.length === wanted.length &&
      wanted.every((each, index) => has(stands[index], each))
    );
  }
  if (isObject(wanted)) {
    return isObject(stands) && Object.entries(wanted).every(([name, value]) => has(stands[name], value));
  }
  return isObject(stands) || stands === undefined ? false : String(stands) === String(wanted);
}

/** Whether both have all that the other has. */
export function same(stands: unknown, wanted: unknown): boolean {
  return has(stands, wanted) && has(wanted, stands);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
