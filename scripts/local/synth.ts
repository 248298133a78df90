import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Serving } from "../../environments";
import { signalProcess } from "../command/process";
import type { Stop } from "../command/stop";
import { synthEnvironment } from "../terraform/environment-variables";
import { lastLines } from "../terraform/run";
import { stackDirectory } from "../terraform/stack-directory";
import { isInside } from "./project";

/**
 * Synthesizes every stack of the project into `outdir`, as `npm run synth` does into cdktf.out, or with a recovery environment as on
 * the day that it serves.
 */
export function synthesize(root: string, outdir: string, stop?: Stop, serving?: Serving): Promise<void> {
  return new Promise((resolve, reject) => {
    const changed = serving ? [serving.environment, serving.backupArn] : [];
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "main.ts", ...changed], {
      cwd: root,
      env: synthEnvironment(process.env, outdir),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kill = () => child.pid && signalProcess(child.pid, "SIGKILL", true);
    stop?.requested.addEventListener("abort", kill);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      stop?.requested.removeEventListener("abort", kill);
      code === 0 ? resolve() : reject(new Error(`the synthesis failed:\n${lastLines(output, 40)}`));
    });
  });
}

/** A synthesized stack in the run's own cdktf.out. */
export interface LocalStack {
  readonly name: string;
  /** Folder of cdk.tf.json. */
  readonly directory: string;
  /** The state file, or undefined where the state lies in the emulator (backend `s3`). */
  readonly stateFile: string | undefined;
  /** The backend of a real deployment was HCP Terraform; in this copy it is a local file. */
  readonly cloudReplaced: boolean;
  /** Addresses without index of what `prevent_destroy` protects. */
  readonly protectedAddresses: readonly string[];
  /** Names of the stack's Terraform variables. */
  readonly variables: readonly string[];
}

interface Synthesized {
  terraform: {
    backend?: Record<string, Record<string, unknown>>;
    cloud?: unknown;
    required_providers?: unknown;
  };
  provider?: Record<string, readonly Record<string, unknown>[]>;
  resource?: Record<string, Record<string, { lifecycle?: { prevent_destroy?: boolean } }>>;
  variable?: Record<string, unknown>;
}

/**
 * Makes a synthesized stack ready to run on the emulator. A `cloud` block becomes a local backend; nothing else is
 * changed.
 *
 * @throws Error where the stack would leave the run's own folder (`directory`), or the emulator
 */
export function prepareStack(outdir: string, name: string, directory: string): LocalStack {
  const folder = stackDirectory(outdir, name);
  const file = join(folder, "cdk.tf.json");
  if (!existsSync(file)) {
    throw new Error(`${file} does not exist: main.ts synthesizes no stack ${name}`);
  }
  const synthesized = JSON.parse(readFileSync(file, "utf8")) as Synthesized;
  const cloudReplaced = synthesized.terraform.cloud !== undefined;
  if (cloudReplaced) {
    delete synthesized.terraform.cloud;
    synthesized.terraform.backend = { local: { path: `../../../terraform.${name}.tfstate` } };
    writeFileSync(file, JSON.stringify(synthesized, null, 2));
  }
  refuseEndpoints(synthesized, name);
  return {
    name,
    directory: folder,
    stateFile: localState(synthesized, folder, name, directory),
    cloudReplaced,
    protectedAddresses: Object.entries(synthesized.resource ?? {}).flatMap(([type, resources]) =>
      Object.entries(resources)
        .filter(([, { lifecycle }]) => lifecycle?.prevent_destroy === true)
        .map(([label]) => `${type}.${label}`),
    ),
    variables: Object.keys(synthesized.variable ?? {}),
  };
}

function localState({ terraform }: Synthesized, folder: string, name: string, directory: string): string | undefined {
  const [type, settings] = Object.entries(terraform.backend ?? { local: {} })[0] ?? ["local", {}];
  if (type === "s3") {
    return undefined;
  }
  if (type !== "local") {
    throw new Error(`${name} has the backend ${type}: a local run knows local, s3 and cloud`);
  }
  const path = resolve(folder, String(settings.path ?? "terraform.tfstate"));
  if (!isInside(path, directory)) {
    throw new Error(
      `the state of ${name} would be ${path}, outside of ${directory}: it may be that of a real deployment. ` +
        `Its backend's path must be ../../../terraform.${name}.tfstate`,
    );
  }
  return path;
}

/** An endpoint in the configuration takes precedence over the one in the environment. */
function refuseEndpoints({ terraform, provider }: Synthesized, name: string): void {
  const blocks = [...Object.values(terraform.backend ?? {}), ...Object.values(provider ?? {}).flat()];
  if (blocks.some((block) => "endpoints" in block || "endpoint" in block)) {
    throw new Error(`${name} sets AWS endpoints of its own: on the emulator it could reach a real account`);
  }
}
