import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "peggy";

/** A configuration as it is written: what each node means is the interpreter's. */
export interface Section {
  readonly type: "input" | "filter" | "output";
  readonly body: readonly Statement[];
}

export type Statement = PluginNode | Branch;

export interface PluginNode {
  readonly kind: "plugin";
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly value: ValueNode; readonly line: number }[];
  readonly line: number;
}

export interface Branch {
  readonly kind: "branch";
  /** `if` and the `else if`s that follow it. */
  readonly branches: readonly { readonly condition: Expression; readonly body: readonly Statement[] }[];
  readonly otherwise: readonly Statement[];
}

export type ValueNode =
  | PluginNode
  | { readonly kind: "bareword" | "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "array"; readonly value: readonly ValueNode[] }
  | {
      readonly kind: "hash";
      readonly value: readonly { readonly name: string; readonly value: ValueNode }[];
      readonly line: number;
      readonly column: number;
    };

export type Operand =
  | { readonly kind: "string" | "selector" | "regexp" | "method"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "array"; readonly value: readonly ValueNode[] };

export type Expression =
  | {
      readonly kind: "condition";
      readonly first: Expression;
      readonly rest: readonly { readonly operator: "and" | "or" | "xor" | "nand"; readonly right: Expression }[];
    }
  | { readonly kind: "not"; readonly expression: Expression }
  | { readonly kind: "in"; readonly item: Operand; readonly list: Operand }
  | {
      readonly kind: "compare";
      readonly left: Operand;
      readonly operator: "==" | "!=" | "<=" | ">=" | "<" | ">";
      readonly right: Operand;
    }
  | { readonly kind: "match"; readonly left: Operand; readonly operator: "=~" | "!~"; readonly right: Operand }
  | Operand;

/** Logstash does not start with such a configuration. */
export class ConfigurationError extends Error {}

const parser = generate(readFileSync(join(__dirname, "configuration.peggy"), "utf8"));

/**
 * Reads a configuration.
 *
 * @throws ConfigurationError where it does not parse; with the line and column at which Logstash's own parser stops
 */
export function parseConfiguration(text: string): readonly Section[] {
  try {
    return parser.parse(text) as readonly Section[];
  } catch (error) {
    if (error instanceof Error && "location" in error) {
      const { line, column } = (error.location as { start: { line: number; column: number } }).start;
      throw new ConfigurationError(`line ${line}, column ${column}: ${error.message}`);
    }
    throw error;
  }
}
