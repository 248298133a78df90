import { readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { run } from "./support/command";
import { LocalRun, root } from "./support/local-run";
import { type NodeMajor, nodeBinary, supportedNodes } from "./support/nodes";
import { story } from "./support/story";
import { synthesize } from "./support/synth";

/** The oldest that is supported, and what a newcomer has. */
const cdktfNodes: readonly NodeMajor[] = [20, 24, 26];
const stack = "skymanuals-account-nonprod";
const cdktf = join(root, "node_modules", "cdktf-cli", "bundle", "bin", "cdktf");
const local = new LocalRun("nodes");
let env: NodeJS.ProcessEnv;
let reference: Readonly<Record<string, string>>;

/** What a cdktf command on the stack prints under a Node binary, which is also the one that it finds for the app. */
async function cdktfUnder(node: string, command: string, ...args: readonly string[]): Promise<string> {
  const path = [dirname(node), env.PATH].join(delimiter);
  const { stdout } = await run(node, [cdktf, command, stack, ...args], { cwd: root, env: { ...env, PATH: path } });
  return stdout;
}

function filesBelow(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((file) => [relative(folder, file), readFileSync(file, "latin1")]),
  );
}

story(
  "each supported Node synthesizes the same bytes, and runs cdktf",
  (step) => {
    step("an emulator and its account", async () => {
      await local.startEmulator("development");
      env = await local.environment();
      const outdir = join(local.folder("reference"), "cdktf.out");
      await synthesize(outdir);
      reference = filesBelow(outdir);
      expect(Object.keys(reference)).toContain(join("stacks", "skymanuals-production", "cdk.tf.json"));
    });

    for (const [major, version] of Object.entries(supportedNodes)) {
      step(`Node ${major}: synthesis of every stack is byte-identical`, async () => {
        const node = await nodeBinary(version);
        expect((await run(node, ["--version"])).stdout.trim()).toBe(`v${version}`);
        const outdir = join(local.folder(`synth ${major}`), "cdktf.out");
        await synthesize(outdir, node);
        const files = filesBelow(outdir);
        expect(Object.keys(files)).toEqual(Object.keys(reference));
        expect(Object.keys(files).filter((file) => files[file] !== reference[file])).toEqual([]);
      });
    }

    for (const major of cdktfNodes) {
      step(`Node ${major}: cdktf deploy, diff and destroy of ${stack}`, async () => {
        const node = await nodeBinary(supportedNodes[major]);
        const before = await local.emulator.inventory();
        expect(await cdktfUnder(node, "deploy", "--auto-approve")).toContain("Resources: 51 added");
        // What is a part of another object, such as a bucket's policy, is not listed.
        expect((await local.emulator.inventory()).length).toBe(before.length + 32);
        expect(await cdktfUnder(node, "diff")).toContain("No changes");
        expect(await cdktfUnder(node, "destroy", "--auto-approve")).toContain("51 destroyed");
        expect(await local.emulator.inventory()).toEqual(before);
      });
    }
  },
  () => local.remove(),
);
