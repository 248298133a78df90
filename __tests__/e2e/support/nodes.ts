import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command";
import { root } from "./local-run";

/** Releases of Node under which the project is shown to work, by major version. */
export const supportedNodes = { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0", 26: "26.10.0" } as const;

export type NodeMajor = keyof typeof supportedNodes;

/** A release that is too old for the project. */
export const oldNode = "18.20.8";

/**
 * The binary of a release of Node: the one that runs the tests where it is that very release, or else the one in the
 * package that `node` itself installs, which is kept in `.local/nodes`.
 */
export async function nodeBinary(version: string): Promise<string> {
  if (process.versions.node === version) {
    return process.execPath;
  }
  const folder = join(root, ".local", "nodes", version);
  const target = `${process.platform}-${process.arch}`;
  const name = target === "darwin-arm64" ? `node-bin-${target}` : `node-${target}`;
  const binary = join(folder, "node_modules", name, "bin", "node");
  const complete = join(folder, "complete");
  if (!existsSync(complete)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", `${name}@${version}`], { cwd: folder });
    writeFileSync(complete, "");
  }
  return binary;
}
