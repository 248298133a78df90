import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(__dirname, "../..");
const scripts = join(root, "scripts");

/** Paths from the project's folder of the files that a script imports, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/\bfrom "(\.{1,2}\/[^"]+)"/g)].map(([, specifier]) => {
    const target = resolve(root, dirname(file), specifier as string);
    const found = [`${target}.ts`, join(target, "index.ts"), target].find((candidate) => existsSync(candidate));
    return relative(root, found ?? target);
  });
}

const files = (readdirSync(scripts, { recursive: true }) as string[])
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join("scripts", file));
const graph = new Map(files.map((file) => [file, importsOf(file)]));

/** Every circle of imports, as the path that leads back to its beginning. */
function circles(): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const follow = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    } else if (!done.has(file)) {
      for (const next of graph.get(file) ?? []) {
        follow(next, [...path, file]);
      }
      done.add(file);
    }
  };
  for (const file of graph.keys()) {
    follow(file, []);
  }
  return found;
}

test("no script imports itself by way of others", () => {
  expect(circles()).toEqual([]);
});

test.each([
  ["scripts/terraform", /^(scripts\/(terraform|command)|facts)\//],
  ["scripts/command", /^(scripts\/command|facts)\/|^environments\/(index|validation\/.*|environment)\.ts$/],
])("%s serves every command and imports none", (folder, allowed) => {
  const foreign = [...graph]
    .filter(([file]) => file.startsWith(`${folder}/`))
    .flatMap(([file, imports]) => imports.filter((path) => !allowed.test(path)).map((path) => `${file}: ${path}`));
  expect(graph.size).toBeGreaterThan(40);
  expect(foreign).toEqual([]);
});
