/**
 * docs/operations.md for one deployment: its commands with the stack's outputs in place, and no folder to change into.
 * @throws Error naming the outputs that the deployment lacks
 */
export function fillRunbook(page: string, environment: string, outputs: Readonly<Record<string, unknown>>): string {
  const missing = new Set<string>();
  const filled = page.replace(/^```sh\n[\s\S]*?^```$/gm, (block) =>
    block
      .replace(/\$\(terraform output -raw (\w+)\)/g, (_, name: string) => {
        if (!(name in outputs)) {
          missing.add(name);
        }
        return String(outputs[name]);
      })
      .replaceAll("<environment>", environment),
  );
  if (missing.size > 0) {
    throw new Error(`the deployment lacks the outputs ${[...missing].sort().join(", ")}: apply the stack first`);
  }
  return filled;
}
