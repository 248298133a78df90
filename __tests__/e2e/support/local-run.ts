import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isRunning, type ProcessReference, signalProcess } from "../../../scripts/command/process";
import { Command, type CommandOptions, type CommandResult, run } from "./command";
import { EmulatorControl } from "./emulator-control";
import { type ProcessInfo, processesIn } from "./processes";

export const root = resolve(__dirname, "../../..");

interface StackJson {
  readonly stack: string;
  readonly resources: number;
  readonly created: number;
  readonly updated: number;
  readonly replaced: number;
  readonly deleted: number;
  readonly untainted: readonly string[];
  readonly differences: readonly unknown[];
}

/** What `deploy:local --json` prints. */
export interface DeployJson {
  readonly environment: string;
  readonly ok: boolean;
  readonly failures: readonly string[];
  readonly summary: {
    readonly requests: number;
    readonly operations: number;
    readonly refused: readonly unknown[];
    readonly unknownEnums: readonly unknown[];
    readonly unimplemented: readonly unknown[];
  };
  readonly stacks: readonly StackJson[];
  readonly outputs: Readonly<Record<string, { readonly sensitive: boolean; readonly value: unknown }>>;
}

/** What `destroy:local --json` prints. */
export interface DestroyJson {
  readonly ok: boolean;
  readonly failures: readonly string[];
  readonly destroyed: number;
  readonly protected: readonly string[];
  readonly left: readonly { readonly type: string; readonly name: string }[];
  readonly deregistered: readonly string[];
  readonly discarded: readonly unknown[];
  readonly ofCdktf: readonly { readonly type: string; readonly id: string }[];
  readonly remaining: readonly string[];
}

/**
 * The project's commands in a folder of the test's own, on a port that is free: whatever runs in `.local` on the default
 * port stays as it is. The folder's path holds a space, as a newcomer's may.
 */
export class LocalRun {
  /** Where the commands are run. */
  readonly project: string = root;
  readonly directory: string;
  private readonly temporary: string;
  private shell: { readonly emulatorPid: number; readonly environment: NodeJS.ProcessEnv } | undefined;

  /** `ownProject`: in a project of the test's own, with the commands' own default for the run's folder. */
  constructor(name: string, { ownProject = false } = {}) {
    this.temporary = realpathSync(mkdtempSync(join(tmpdir(), `skymanuals ${name} `)));
    if (ownProject) {
      this.project = join(this.temporary, "newcomer", "skymanuals");
    }
    this.directory = ownProject ? join(this.project, ".local") : join(this.temporary, "run");
  }

  /** A new folder beside the run's own. */
  folder(...path: readonly string[]): string {
    const folder = join(this.temporary, ...path);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Starts `npm run SCRIPT -- ARGS --directory ...`. */
  npm(script: string, args: readonly string[], options: CommandOptions = {}): Command {
    return Command.start("npm", ["run", "--silent", script, "--", ...args, "--directory", this.directory], {
      cwd: this.project,
      timeoutMs: 540_000,
      ...options,
    });
  }

  /** On a free port unless `args` name one: whatever else runs on this machine stays undisturbed. */
  deploy(...args: readonly string[]): Command {
    return this.npm("deploy:local", args.includes("--port") ? args : [...args, "--port", "0"]);
  }

  async deployJson(...args: readonly string[]): Promise<DeployJson> {
    const { stdout } = await this.deploy(...args, "--json").expectExit(0);
    return JSON.parse(stdout) as DeployJson;
  }

  /** As `deployJson`, of an environment whose recovery region has stacks of its own. */
  async deployPairJson(environment: string): Promise<DeployJson> {
    const args = [environment, "--port", "0", "--json"];
    const { stdout } = await this.npm("deploy:local", args, { timeoutMs: 1_140_000 }).expectExit(0);
    return JSON.parse(stdout) as DeployJson;
  }

  destroy(...args: readonly string[]): Command {
    return this.npm("destroy:local", args);
  }

  startEmulator(environment: string): Promise<CommandResult> {
    return this.npm("emulator", ["start", environment, "--port", "0"]).expectExit(0);
  }

  get emulator(): EmulatorControl {
    return new EmulatorControl(`http://127.0.0.1:${this.emulatorRecord.port}`, join(this.directory, "local-ca.pem"));
  }

  get emulatorPid(): number {
    return this.emulatorRecord.process.pid;
  }

  private get emulatorRecord(): { readonly port: number; readonly process: ProcessReference } {
    return JSON.parse(readFileSync(join(this.directory, "emulator.json"), "utf8"));
  }

  /** This process's environment after `eval "$(npm run --silent emulator -- env)"` in a shell. */
  async environment(): Promise<NodeJS.ProcessEnv> {
    const { emulatorPid } = this;
    if (this.shell?.emulatorPid !== emulatorPid) {
      this.shell = { emulatorPid, environment: await this.askEnvironment() };
    }
    return { ...this.shell.environment };
  }

  private async askEnvironment(): Promise<NodeJS.ProcessEnv> {
    const lines = await this.npm("emulator", ["env"]).expectExit(0);
    const script = `eval "$1" && exec "$2" -p 'JSON.stringify(process.env)'`;
    const { stdout } = await run("sh", ["-c", script, "sh", lines.stdout, process.execPath]);
    return JSON.parse(stdout) as NodeJS.ProcessEnv;
  }

  /** As `environment`, but for Terraform in folders whose states are the test's own. */
  async terraformEnvironment(): Promise<NodeJS.ProcessEnv> {
    const { TF_WORKSPACE: _workspace, ...environment } = await this.environment();
    return environment;
  }

  stackFolder(stack: string): string {
    return join(this.directory, "cdktf.out", "stacks", stack);
  }

  /** Addresses that the last apply of a stack has begun or completed, from Terraform's own log. */
  applyEvents(stack: string, type: "apply_start" | "apply_complete" | "apply_errored"): string[] {
    const log = join(this.directory, "logs", `${stack}-apply.jsonl`);
    return (existsSync(log) ? readFileSync(log, "utf8") : "")
      .split("\n")
      .filter((line) => line.includes(`"type":"${type}"`) && line.endsWith("}"))
      .map((line) => (JSON.parse(line) as { hook: { resource: { addr: string } } }).hook.resource.addr);
  }

  /** Processes of this run, but for the emulator and its databases. */
  processes(): ProcessInfo[] {
    return processesIn(this.temporary).filter(({ commandLine }) => !/ -m emulator[ .]/.test(commandLine));
  }

  /** Names of what lies in the run's folder, but for the virtual environment, which outlives every run. */
  files(): string[] {
    const names = existsSync(this.directory) ? readdirSync(this.directory).sort() : [];
    return names.filter((name) => name !== "venv");
  }

  /** Files that say that somebody is at work: of the run, and of Terraform's local states. */
  locks(): string[] {
    return this.files().filter((name) => name.startsWith("lock") || name.endsWith(".lock.info"));
  }

  /** Ends the emulator and removes the folder. */
  async remove(): Promise<void> {
    for (const { pid } of this.processes()) {
      signalProcess(pid, "SIGKILL");
    }
    if (existsSync(join(this.directory, "emulator.json")) && isRunning(this.emulatorRecord.process)) {
      signalProcess(this.emulatorPid, "SIGKILL");
    }
    rmSync(this.temporary, { recursive: true, force: true });
  }
}
