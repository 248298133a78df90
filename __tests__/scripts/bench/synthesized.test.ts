import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { configurationDifferences, differences } from "../../../scripts/bench/synthesized";

describe("differences", () => {
  test("are none where only the order of keys differs", () => {
    expect(differences({ a: 1, b: [{ c: null, d: "x" }] }, { b: [{ d: "x", c: null }], a: 1 })).toEqual([]);
  });

  test("name the path, what is there and what is expected", () => {
    const actual = { resource: { aws_vpc: { main: { cidr_block: "10.0.0.0/16", tags: { Name: "a" } } } } };
    const expected = { resource: { aws_vpc: { main: { cidr_block: "10.1.0.0/16", ipv6: false } } } };
    expect(differences(actual, expected)).toEqual([
      'resource.aws_vpc.main.cidr_block: "10.0.0.0/16", not "10.1.0.0/16"',
      "resource.aws_vpc.main.ipv6: absent, not false",
      'resource.aws_vpc.main.tags: {"Name":"a"}, not absent',
    ]);
  });

  test("tell a list from another order, another length, and null from absent", () => {
    expect(differences([1, 2], [2, 1])).toHaveLength(2);
    expect(differences([1], [1, 2])).toEqual([": [1], not [1,2]"]);
    expect(differences({ a: null }, {})).toEqual(["a: null, not absent"]);
  });
});

describe("two output folders", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (outdir: string, stack: string, json: object) => {
    const file = join(folder, outdir, "stacks", stack, "cdk.tf.json");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(json));
    return join(folder, outdir);
  };

  test("do not differ in configuration where only cdktf's metadata does", () => {
    const a = write("a", "one", { output: { x: { "//": { path: "a/x" }, value: 1 } } });
    const b = write("b", "one", { output: { x: { "//": { path: "b/x" }, value: 1 } } });
    expect(configurationDifferences(a, b)).toEqual([]);
  });

  test("differ in configuration where one lacks a stack", () => {
    const c = write("c", "one", {});
    const d = write("d", "one", {});
    write("d", "two", { output: {} });
    expect(configurationDifferences(c, d)).toEqual(['two: absent, not {"output":{}}']);
  });
});
