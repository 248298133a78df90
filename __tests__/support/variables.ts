import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Synthesized } from "./synth";
import { terraform } from "./terraform";

/** One call of a module that declares variables of a stack; what is not given has its default. */
export interface Call {
  readonly stack: Synthesized;
  readonly values: Readonly<Record<string, unknown>>;
  /** Which variables to declare. Default: all. */
  readonly only?: RegExp;
}

/** A rule names its own variable only, or others of Elasticsearch. */
export const together = (name: string) =>
  name.startsWith("elasticsearch_") ? /^elasticsearch_/ : new RegExp(`^${name}$`);

/** The error messages of Terraform's own validation, for each call. */
export function validate(calls: readonly Call[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), "variables-"));
  try {
    const sources = [...new Set(calls.map(declarations))];
    for (const [index, text] of sources.entries()) {
      mkdirSync(join(folder, `declared-${index}`));
      writeFileSync(join(folder, `declared-${index}`, "main.tf.json"), text);
    }
    const modules = calls.map((call) => ({
      source: `./declared-${sources.indexOf(declarations(call))}`,
      ...call.values,
    }));
    writeModules(folder, [...modules.entries()]);
    expect(terraform(folder, ["init", "-no-color"])).toMatchObject({ status: 0 });

    // Rules over two variables are looked at only where no rule over one is broken.
    const first = plan(folder);
    writeModules(
      folder,
      [...modules.entries()].filter(([index]) => !first.has(index)),
    );
    const second = plan(folder);
    return calls.map((_, index) => first.get(index) ?? second.get(index) ?? []);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function declarations({ stack, only = /./ }: Call): string {
  const declared = Object.entries(stack.json.variable as object).filter(([name]) => only.test(name));
  return JSON.stringify({ variable: Object.fromEntries(declared) });
}

function writeModules(folder: string, modules: readonly (readonly [number, object])[]): void {
  const module = Object.fromEntries(modules.map(([index, call]) => [`call-${index}`, call]));
  writeFileSync(join(folder, "main.tf.json"), JSON.stringify(modules.length > 0 ? { module } : {}));
}

/** Error messages by call; one plan for all calls. */
function plan(folder: string): Map<number, string[]> {
  const { stdout } = terraform(folder, ["plan", "-json", "-refresh=false"]);
  const messages = new Map<number, string[]>();
  for (const line of stdout.split("\n").filter((text) => text.includes('"diagnostic"'))) {
    const { diagnostic } = JSON.parse(line);
    const index = /^module\.call-(\d+)$/.exec(diagnostic.snippet?.context ?? "")?.[1];
    if (index === undefined) {
      throw new Error(`a diagnostic of no call: ${line}`);
    }
    messages.set(Number(index), [...(messages.get(Number(index)) ?? []), diagnostic.detail]);
  }
  return messages;
}
