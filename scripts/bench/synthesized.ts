import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export interface Stack {
  readonly name: string;
  /** cdk.tf.json. */
  readonly json: JsonObject;
}

/** The stacks of an output folder, by name. */
export function readStacks(outdir: string): Stack[] {
  const folder = join(outdir, "stacks");
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, json: JSON.parse(readFileSync(join(folder, name, "cdk.tf.json"), "utf8")) as JsonObject }));
}

/** Without what cdktf writes under "//": construct paths and versions, which Terraform ignores. */
export function withoutMetadata(json: Json): Json {
  if (Array.isArray(json)) {
    return json.map(withoutMetadata);
  }
  if (typeof json !== "object" || json === null) {
    return json;
  }
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key]) => key !== "//")
      .map(([key, value]) => [key, withoutMetadata(value)]),
  );
}

/** Paths at which two values differ, such as `resource.aws_vpc.skymanuals.cidr_block: "a", not "b"`. Key order is free. */
export function differences(actual: Json | undefined, expected: Json | undefined, path = ""): string[] {
  if (isObject(actual) && isObject(expected)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => differences(actual[key], expected[key], path === "" ? key : `${path}.${key}`));
  }
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length === expected.length) {
    return expected.flatMap((value, index) => differences(actual[index], value, `${path}[${index}]`));
  }
  return actual === expected ? [] : [`${path}: ${show(actual)}, not ${show(expected)}`];
}

/** Differences of the Terraform configuration between two output folders: stacks, blocks and arguments. */
export function configurationDifferences(actual: string, expected: string): string[] {
  const named = (outdir: string) =>
    Object.fromEntries(readStacks(outdir).map(({ name, json }) => [name, withoutMetadata(json)]));
  return differences(named(actual), named(expected));
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: Json | undefined): string {
  if (value === undefined) {
    return "absent";
  }
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
