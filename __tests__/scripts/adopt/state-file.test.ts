import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStateFile } from "../../../scripts/adopt/state-file";

const folder = mkdtempSync(join(tmpdir(), "skymanuals-state-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: unknown): string {
  const path = join(folder, "given.tfstate");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const empty = { version: 4, terraform_version: "1.11.4", lineage: "a-b", serial: 1, resources: [] };

test("managed instances are read with module, label and key; data sources and deposed objects are not", () => {
  const path = file({
    ...empty,
    resources: [
      { mode: "data", type: "aws_caller_identity", name: "current", instances: [{ attributes: {} }] },
      {
        mode: "managed",
        module: "module.net",
        type: "aws_subnet",
        name: "private",
        instances: [
          { index_key: 0, attributes: { id: "subnet-1" } },
          { index_key: 0, deposed: "ab12", attributes: {} },
        ],
      },
      { mode: "managed", type: "aws_eip", name: "nat", instances: [{ index_key: "a", attributes: { id: "eip-1" } }] },
    ],
  });
  expect(readStateFile(path, "1.11.4")).toEqual([
    expect.objectContaining({ address: "module.net.aws_subnet.private[0]", module: "module.net.", key: 0 }),
    expect.objectContaining({ address: 'aws_eip.nat["a"]', module: "", key: "a", values: { id: "eip-1" } }),
  ]);
});

test.each([
  ["no file at all", "/nonexistent.tfstate", "--state"],
  ["no JSON", file("not json"), "--state"],
])("%s is refused", (_, path, field) => {
  if (path.startsWith(folder)) {
    file("not json");
  }
  expect(() => readStateFile(path, "1.11.4")).toThrow(field);
});

test.each([
  [
    "the output of terraform show -json",
    { format_version: "1.0", values: {} },
    "format_version",
    "terraform state pull",
  ],
  ["another JSON file", { name: "package" }, "lineage", "terraform state pull"],
  ["an older state format", { ...empty, version: 3 }, "version", "apply -refresh-only"],
  ["a newer state format", { ...empty, version: 5 }, "version", "install a Terraform"],
  ["a state of a newer Terraform", { ...empty, terraform_version: "1.12.0" }, "1.12.0", "install Terraform 1.12.0"],
])("%s is refused, with what is allowed and how to fix it", (_, content, value, fix) => {
  const read = () => readStateFile(file(content), "1.11.4");
  expect(read).toThrow(value);
  expect(read).toThrow(fix);
});

test("a later patch release of the same Terraform is read", () => {
  expect(readStateFile(file({ ...empty, terraform_version: "1.11.9" }), "1.11.4")).toEqual([]);
});
