import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning, type ProcessReference, processReference } from "../../../scripts/command/process";
import { Progress } from "../../../scripts/command/progress";
import { Stop, Stopped } from "../../../scripts/command/stop";
import { applyStack, destroyStack } from "../../../scripts/local/apply";
import type { Emulator, InventoryItem } from "../../../scripts/local/emulator";
import { Lock } from "../../../scripts/local/lock";
import { localPaths } from "../../../scripts/local/project";
import { OutsideState } from "../../../scripts/local/recovery";
import { type Run, stackState } from "../../../scripts/local/stack-commands";
import { prepareStack } from "../../../scripts/local/synth";
import { findUnfinished } from "../../../scripts/local/unfinished";
import { terraformEnvironment } from "../../../scripts/terraform/environment-variables";
import { TerraformError } from "../../../scripts/terraform/run";

/** The real Terraform, on resources that it has built in: no provider, no AWS. */
const name = "skymanuals-test";
const realState = `terraform.${name}.tfstate`;

jest.setTimeout(60_000);

let root: string;
let stop: Stop;
let inventory: InventoryItem[];
let lock: Lock;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "local run "));
  // A folder where the state of a real deployment would be: whoever opens it as a file fails.
  mkdirSync(join(root, realState));
  stop = new Stop();
  inventory = [];
  lock = Lock.acquire(localPaths(root).lock, "test");
});

afterEach(() => {
  lock.release();
  expect(readdirSync(root).sort()).toEqual([".local", realState]);
  expect(readdirSync(join(root, realState))).toEqual([]);
  rmSync(root, { recursive: true });
});

function run(onText: (text: string) => void = () => {}): Run {
  const output = { write: (text: string) => onText(text) };
  return {
    paths: localPaths(root),
    progress: new Progress(output, {}, 20),
    stop,
    lock,
    emulator: { inventory: async () => inventory, quiet: async () => {} } as unknown as Emulator,
    env: terraformEnvironment(process.env, "http://127.0.0.1:1"),
  };
}

function stack(resources: Record<string, unknown>) {
  const { outdir, directory } = localPaths(root);
  mkdirSync(join(outdir, "stacks", name), { recursive: true });
  writeFileSync(
    join(outdir, "stacks", name, "cdk.tf.json"),
    JSON.stringify({
      terraform: { backend: { local: { path: `../../../${realState}` } } },
      resource: { terraform_data: resources },
    }),
  );
  return prepareStack(outdir, name, directory);
}

/** A resource whose creation lasts until it is interrupted. */
const lasting = (command: string) => ({ provisioner: [{ "local-exec": { command } }] });

/** Asks the run to stop, `times` times, once its apply is at work on `address`. */
function stopAt(address: string, times = 1, progress = "1 of 2"): (text: string) => void {
  let left = times;
  return (text) => {
    if (text.includes(`${progress}: ${address}`)) {
      for (; left > 0; left--) {
        stop.request({ signal: "SIGINT" });
      }
    }
  };
}

test("from nothing, unchanged, changed, destroyed: the state lies beside the copy, the real one is never opened", async () => {
  const first = await applyStack(run(), stack({ a: { input: "one" }, b: {} }));
  expect(first).toMatchObject({ stack: name, resources: 2, created: 2, differences: [] });
  expect(readdirSync(join(root, ".local"))).toContain(realState);

  expect(await applyStack(run(), stack({ a: { input: "one" }, b: {} }))).toMatchObject({
    resources: 2,
    created: 0,
    seconds: { apply: 0, verify: 0 },
  });

  const changed = await applyStack(run(), stack({ a: { input: "two" }, c: {} }));
  expect(changed).toMatchObject({ resources: 2, created: 1, updated: 1, deleted: 1, differences: [] });

  const last = stack({ a: { input: "two" }, c: {} });
  expect(await destroyStack(run(), last)).toMatchObject({ deleted: 2 });
  expect(await stackState(run(), last)).toEqual([]);
});

test("what will change is said before it changes, with the arguments of updates", async () => {
  await applyStack(run(), stack({ a: { input: "one" } }));
  const said: string[] = [];
  await applyStack(
    run((text) => said.push(text)),
    stack({ a: { input: "two" }, b: {} }),
  );
  const text = said.join("");
  const announced = ["  ~   terraform_data.a", '        input: "one" -> "two"', "  +   terraform_data.b"];
  const places = announced.map((line) => text.indexOf(`${line}\n`));
  expect(places.filter((place) => place < 0)).toEqual([]);
  expect(Math.max(...places)).toBeLessThan(text.indexOf(`- Apply ${name}`));
});

test("what a second plan would still change is reported", async () => {
  const { differences } = await applyStack(run(), stack({ a: { input: "${timestamp()}" } }));
  expect(differences).toContainEqual({
    address: "terraform_data.a",
    action: "update",
    attribute: "input",
    before: expect.stringMatching(/^20/),
    after: "(known after apply)",
    reason: undefined,
  });
});

test("a failure shows Terraform's own diagnostics", async () => {
  const failing = stack({ a: lasting("echo no; exit 3") });
  const error = await applyStack(run(), failing).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(TerraformError);
  expect(error.message).toMatch(/^terraform apply failed with exit code 1:\n\nterraform_data\.a: local-exec/);
  expect(findUnfinished(localPaths(root).directory, name)).toBeUndefined();
});

test("an interrupted apply ends in good order, and the next run takes what it left tainted but matching", async () => {
  const resources = { a: {}, b: lasting("sleep 30") };
  const error = await applyStack(run(stopAt("terraform_data.b")), stack(resources)).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Stopped);
  expect(error.exitCode).toBe(130);
  expect(findUnfinished(localPaths(root).directory, name)).toMatchObject({ command: "apply", interrupted: true });
  const state = await stackState({ ...run(), stop: new Stop() }, stack(resources));
  expect(state.map(({ address, tainted }) => [address, tainted])).toEqual([
    ["terraform_data.a", false],
    ["terraform_data.b", true],
  ]);

  stop = new Stop();
  expect(await applyStack(run(), stack(resources))).toMatchObject({ created: 0, untainted: ["terraform_data.b"] });
});

test.each([
  [
    "can be changed in place is changed",
    { input: "other" },
    { updated: 1, replaced: 0, untainted: ["terraform_data.b"] },
  ],
  ["cannot be changed in place is replaced", { triggers_replace: "x" }, { updated: 0, replaced: 1, untainted: [] }],
])("a tainted resource that differs and %s", async (_, changed, expected) => {
  const error = await applyStack(run(stopAt("terraform_data.b")), stack({ a: {}, b: lasting("sleep 30") })).catch(
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(Stopped);
  stop = new Stop();
  expect(await applyStack(run(), stack({ a: {}, b: changed }))).toMatchObject({ ...expected, differences: [] });
});

test("asked twice it ends at once with everything it started, and the next run looks for what is in no state", async () => {
  let terraform: ProcessReference | undefined;
  await applyStack(run(), stack({ a: {} }));
  const stubborn = stack({ a: {}, b: lasting("trap '' INT TERM; sleep 30") });
  const stopTwice = stopAt("terraform_data.b", 2, "0 of 1");
  const error = await applyStack(
    run((text) => {
      terraform ??= text.includes("0 of 1: terraform_data.b") ? childOnRecord() : undefined;
      stopTwice(text);
    }),
    stubborn,
  ).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Stopped);
  expect(terraform && isRunning(terraform)).toBe(false);
  expect(findUnfinished(localPaths(root).directory, name)).toMatchObject({ command: "apply" });

  stop = new Stop();
  inventory = [{ type: "terraform_data", id: "outside", name: "outside" }];
  const resources = { a: {}, b: {} };
  const outside = await applyStack(run(), stack(resources)).catch((thrown) => thrown);
  expect(outside).toBeInstanceOf(OutsideState);
  expect(outside.message).toContain("terraform_data outside");
  // Terraform may have had the time to record terraform_data.b: then no planned creation answers to it.
  expect(outside.message).toMatch(
    /import \{\n(# )? {2}to = terraform_data\.(b|LABEL)\n(# )? {2}id = "outside"\n(# )?\}/,
  );

  inventory = [];
  expect(await applyStack(run(), stack(resources))).toMatchObject({ resources: 2, differences: [] });
  expect(findUnfinished(localPaths(root).directory, name)).toBeUndefined();
});

function childOnRecord(): ProcessReference | undefined {
  const { child } = JSON.parse(readFileSync(localPaths(root).lock, "utf8"));
  return processReference(child.pid);
}
