import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isInside, localPaths } from "../../../scripts/local/project";
import { prepareStack } from "../../../scripts/local/synth";

const root = mkdtempSync(join(tmpdir(), "a project "));
const { directory, outdir } = localPaths(root);
const name = "skymanuals-development";
const file = join(outdir, "stacks", name, "cdk.tf.json");
const local = { backend: { local: { path: `../../../terraform.${name}.tfstate` } } };

mkdirSync(join(outdir, "stacks", name), { recursive: true });
afterAll(() => rmSync(root, { recursive: true }));

function prepare(synthesized: unknown) {
  writeFileSync(file, JSON.stringify(synthesized, null, 2));
  return prepareStack(outdir, name, directory);
}

describe("a stack on the emulator", () => {
  test("keeps its state beside the copy of cdktf.out, and is not changed", () => {
    const synthesized = { terraform: local, resource: { aws_vpc: { skymanuals: {} } } };
    expect(prepare(synthesized)).toMatchObject({
      stateFile: join(directory, `terraform.${name}.tfstate`),
      cloudReplaced: false,
    });
    expect(readFileSync(file, "utf8")).toBe(JSON.stringify(synthesized, null, 2));
  });

  test.each(["../../../../terraform.x.tfstate", "/srv/terraform.x.tfstate"])(
    "is refused with its state at %s",
    (path) => {
      expect(() => prepare({ terraform: { backend: { local: { path } } } })).toThrow(
        /the state of skymanuals-development would be .*terraform\.x\.tfstate, outside of .*\.local/,
      );
    },
  );

  test("keeps its state in the emulator with the backend s3", () => {
    expect(prepare({ terraform: { backend: { s3: { bucket: "states" } } } }).stateFile).toBeUndefined();
  });

  test("gets a local backend instead of HCP Terraform: that one difference", () => {
    const rest = { required_version: ">= 1.11.0" };
    const synthesized = {
      terraform: { cloud: { organization: "skymanuals" }, ...rest },
      variable: { environment: {} },
    };
    expect(prepare(synthesized)).toMatchObject({ cloudReplaced: true, variables: ["environment"] });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ ...synthesized, terraform: { ...rest, ...local } });
  });

  test.each([
    { terraform: { backend: { s3: { endpoints: { s3: "https://s3.us-east-1.amazonaws.com" } } } } },
    { terraform: local, provider: { aws: [{ region: "us-east-1" }, { endpoints: [{ s3: "https://x" }] }] } },
  ])("is refused with AWS endpoints of its own", (synthesized) => {
    expect(() => prepare(synthesized)).toThrow("could reach a real account");
  });

  test("is refused with another remote backend", () => {
    expect(() => prepare({ terraform: { backend: { http: {} } } })).toThrow("backend http");
  });

  test("tells what prevent_destroy protects", () => {
    const resource = {
      aws_s3_bucket: {
        chunks: { lifecycle: { prevent_destroy: true } },
        other: { lifecycle: { prevent_destroy: false } },
      },
      aws_vpc: { skymanuals: {} },
    };
    expect(prepare({ terraform: local, resource }).protectedAddresses).toEqual(["aws_s3_bucket.chunks"]);
  });

  test("that is not synthesized is named", () => {
    expect(() => prepareStack(outdir, "skymanuals-nowhere", directory)).toThrow("no stack skymanuals-nowhere");
  });
});

describe("the folder of a local run", () => {
  test.each([
    ["the project", () => root],
    ["a folder above it", () => tmpdir()],
    [
      "a link to the project",
      () => {
        symlinkSync(root, join(directory, "link"));
        return join(directory, "link");
      },
    ],
    [
      "another project",
      () => {
        mkdirSync(join(directory, "other"), { recursive: true });
        writeFileSync(join(directory, "other", "cdktf.json"), "{}");
        return join(directory, "other");
      },
    ],
  ])("is never %s, where real states lie", (_name, path) => {
    expect(() => localPaths(root, path())).toThrow("real deployments keep their state there");
  });

  test("may be any other", () => {
    expect(localPaths(root, join(root, ".local", "second")).outdir).toMatch(/\.local\/second\/cdktf\.out$/);
  });
});

test.each([
  ["/a/b", "/a", true],
  ["/a", "/a", true],
  ["/ab", "/a", false],
  ["/a/..b", "/a", true],
  ["/", "/a", false],
])("%s inside %s: %s", (path, folder, expected) => {
  expect(isInside(path, folder)).toBe(expected);
});
