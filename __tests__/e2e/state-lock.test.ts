import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, run, waitFor } from "./support/command";
import { LocalRun } from "./support/local-run";
import { story } from "./support/story";
import { readStack, synthesize } from "./support/synth";

interface S3Settings {
  readonly bucket: string;
  readonly key: string;
  readonly kmsKeyAlias: string;
}

const local = new LocalRun("lock");
const folders = { first: local.folder("first"), second: local.folder("second") };
const release = join(local.folder("hold"), "release");
let backend: Readonly<Record<string, unknown>>;
let settings: S3Settings;
let env: NodeJS.ProcessEnv;

const apply = (folder: string) =>
  Command.start("terraform", ["apply", "-no-color", "-input=false", "-auto-approve"], {
    cwd: folder,
    env,
    timeoutMs: 120_000,
  });
const lockObject = async () => (await local.emulator.s3("HEAD", `/${settings.bucket}/${settings.key}.tflock`)).status;

story(
  "two applies at once on the S3 backend",
  (step) => {
    let first: Command;

    step("the backend of production locks by a file beside the state, and encrypts", async () => {
      const outdir = join(local.folder("synth"), "cdktf.out");
      await synthesize(outdir);
      backend = readStack(outdir, "skymanuals-production").terraform.backend?.s3 ?? {};
      expect(backend).toMatchObject({ use_lockfile: true, encrypt: true });
      settings = {
        bucket: String(backend.bucket),
        key: String(backend.key),
        kmsKeyAlias: String(backend.kms_key_id),
      };
    });

    step("two engineers initialize the same root module in two folders", async () => {
      await local.startEmulator("production");
      env = await local.terraformEnvironment();
      const { KeyMetadata } = await local.emulator.call<{ KeyMetadata: { KeyId: string } }>(
        "kms",
        "TrentService.CreateKey",
        {},
      );
      await local.emulator.call("kms", "TrentService.CreateAlias", {
        AliasName: settings.kmsKeyAlias,
        TargetKeyId: KeyMetadata.KeyId,
      });
      expect((await local.emulator.s3("PUT", `/${settings.bucket}`)).status).toBe(200);

      // The apply goes on until the file exists, so that the other one meets its lock.
      const held = { command: `while [ ! -e "$RELEASE" ]; do sleep 0.2; done`, environment: { RELEASE: release } };
      const module = {
        terraform: { backend: { s3: backend } },
        resource: { terraform_data: { held: { input: "one", provisioner: [{ "local-exec": held }] } } },
      };
      for (const folder of Object.values(folders)) {
        writeFileSync(join(folder, "main.tf.json"), JSON.stringify(module));
        await run("terraform", ["init", "-no-color", "-input=false"], { cwd: folder, env, timeoutMs: 60_000 });
      }
    });

    step("the second apply is refused, and told who holds the lock", async () => {
      first = apply(folders.first);
      await waitFor("the first apply to be at work", () => first.output.includes("terraform_data.held: Creating..."), {
        failed: () => first.result && "it has ended",
      });
      expect(await lockObject()).toBe(200);

      const second = await apply(folders.second).expectExit(1);
      expect(second.stderr).toContain("Error acquiring the state lock");
      expect(second.stderr).toContain("PreconditionFailed");
      expect(second.stderr).toMatch(/Path:\s+\S*skymanuals-production\/terraform\.tfstate/);
      expect(second.stderr).toMatch(/Operation:\s+OperationTypeApply/);
      expect(second.stderr).toMatch(/Who:\s+\S+@\S+/);
    });

    step("the first apply ends undisturbed and gives the lock back", async () => {
      writeFileSync(release, "");
      const { stdout } = await first.expectExit(0);
      expect(stdout).toContain("1 added");
      expect(await lockObject()).toBe(404);
    });

    step("the second apply, run again, finds the state of the first", async () => {
      const { stdout } = await apply(folders.second).expectExit(0);
      expect(stdout).toContain("No changes");
      expect(await lockObject()).toBe(404);
    });

    step("the state is encrypted with the key that the backend names", async () => {
      const state = await local.emulator.s3("HEAD", `/${settings.bucket}/${settings.key}`);
      expect(state.status).toBe(200);
      expect(state.headers.get("x-amz-server-side-encryption")).toBe("aws:kms");
      expect(state.headers.get("x-amz-server-side-encryption-aws-kms-key-id")).toContain(settings.kmsKeyAlias);
    });
  },
  () => local.remove(),
);
