import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const provider = "@cdktf/provider-aws";
const deepImport = new RegExp(`^import (type )?\\{([^}]*)\\} from "${provider}/lib/([^"/]+)";$`, "gm");

/** What the application consists of, from the project's folder. */
const sources = ["main.ts", "stacks", "constructs", "environments", "functions", "package-lock.json"];

/**
 * Writes a copy of the application into `folder` that imports the provider's barrel and is otherwise the same. An earlier
 * copy goes.
 *
 * @throws Error where a source imports the provider in a form that `importBarrel` does not know.
 */
export function writeBarrelProgram(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const source of sources) cpSync(join(root, source), join(folder, source), { recursive: true });
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: join(root, "tsconfig.json") }));

  const namespaces = readNamespaces(join(root, "node_modules", provider, "lib", "index.d.ts"));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  for (const file of files) {
    const path = join(folder, file);
    writeFileSync(path, importBarrel(readFileSync(path, "utf8"), namespaces, file));
  }
}

/** The barrel's name of each folder of the provider: `db-instance` is `dbInstance`. */
function readNamespaces(declarations: string): ReadonlyMap<string, string> {
  if (!existsSync(declarations)) throw new Error(`${declarations} does not exist: npm ci installs it`);
  const exports = readFileSync(declarations, "utf8").matchAll(/^export \* as (\w+) from '\.\/([^']+)';$/gm);
  return new Map([...exports].map(([, namespace = "", folder = ""]) => [folder, namespace]));
}

/**
 * Source code with every deep import of the provider replaced by one of its barrel:
 * `import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc"` becomes
 * `import { vpc as vpcModule } from "@cdktf/provider-aws"; import AwsVpc = vpcModule.Vpc`.
 *
 * @param namespaces the barrel's name of each folder under lib/
 * @param file for messages
 * @throws Error where an import of the provider is left over, or its folder is not in the barrel.
 */
export function importBarrel(source: string, namespaces: ReadonlyMap<string, string>, file: string): string {
  const rewritten = source.replace(deepImport, (_, type: string | undefined, names: string, folder: string) => {
    const namespace = namespaces.get(folder);
    if (namespace === undefined) throw new Error(`${file}: ${provider} exports no ${folder}`);
    const imported = `${namespace}Module`;
    const aliases = names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .map((name) => {
        const [, onlyType, original = "", local = original] = /^(type )?(\w+)(?: as (\w+))?$/.exec(name) ?? [];
        return `${type || onlyType ? "type" : "import"} ${local} = ${imported}.${original};`;
      });
    return [`import ${type ?? ""}{ ${namespace} as ${imported} } from "${provider}";`, ...aliases].join("\n");
  });
  const left = new RegExp(`.*["']${provider}/.*`).exec(rewritten);
  if (left) {
    throw new Error(
      `${file}: ${left[0].trim()}: the bench rewrites import { ... } from "${provider}/lib/<resource>"; only`,
    );
  }
  return rewritten;
}
