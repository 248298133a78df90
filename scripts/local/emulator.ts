import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, isRunning, type ProcessReference, processReference } from "../command/process";
import type { Stop } from "../command/stop";
import { emulatorCredentials, pythonEnvironment } from "../terraform/environment-variables";
import { lastLines } from "../terraform/run";

/** Where the emulator listens unless told otherwise. */
export const defaultPort = 4780;

export interface EmulatorOptions {
  /** The project: the folder that holds emulator/. */
  readonly root: string;
  /** Python of a virtual environment with emulator/requirements.txt; see `ensureVenv`. */
  readonly python: string;
  /** Takes `emulator.json` (who runs), `emulator.log` (what it says), and what it keeps in files while it runs. */
  readonly directory: string;
  /** TCP port on 127.0.0.1; 0 takes any that is free. */
  readonly port: number;
  /** The account that it is: 12 digits. */
  readonly accountId: string;
  /** Public hosted zones that exist from the start. */
  readonly hostedZones?: readonly string[];
}

/** What the emulator saw since its start or the last reset. */
export interface EmulatorSummary {
  readonly requests: number;
  /** Distinct operations. */
  readonly operations: number;
  readonly refused: readonly {
    readonly service: string;
    readonly operation: string;
    readonly parameter: string;
    readonly rule: string;
    readonly value: unknown;
  }[];
  readonly unknownEnums: readonly {
    readonly service: string;
    readonly operation: string;
    readonly parameter: string;
    readonly value: unknown;
  }[];
  /** `service.Operation` */
  readonly unimplemented: readonly string[];
  /** Messages of an alarm, rule or topic that its target's policy, or its target's key, did not admit. */
  readonly undelivered: readonly { readonly source: string; readonly target: string; readonly reason: string }[];
}

/** An object that exists in the emulator, in terms of Terraform's AWS provider. */
export interface InventoryItem {
  /** Resource type, such as `aws_db_instance`. */
  readonly type: string;
  /** What `terraform import` takes. */
  readonly id: string;
  readonly name: string;
}

interface EmulatorRecord {
  readonly process: ProcessReference;
  readonly port: number;
  readonly accountId: string;
}

/** A running emulator of AWS. It outlives the process that started it, until `stop`. */
export class Emulator {
  private constructor(
    private readonly directory: string,
    private readonly process: ProcessReference,
    readonly port: number,
    readonly accountId: string,
  ) {}

  /**
   * Starts an emulator and waits until it answers, at most 60 seconds.
   *
   * @throws Error where the port is in use, naming it, or where the emulator ends, with the last lines of its log
   */
  static async start(options: EmulatorOptions, stop?: Stop): Promise<Emulator> {
    const { root, python, directory, port, accountId, hostedZones = [] } = options;
    await refuseUsedPort(port);
    mkdirSync(directory, { recursive: true });
    const log = join(directory, "emulator.log");
    const output = openSync(log, "w");
    const args = ["-m", "emulator", "--port", String(port), "--account-id", accountId];
    args.push("--directory", directory, "--node", process.execPath);
    const child = spawn(python, [...args, ...hostedZones.flatMap((zone) => ["--hosted-zone", zone])], {
      cwd: root,
      env: pythonEnvironment(process.env),
      detached: true,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    child.unref();
    child.on("error", () => {}); // no pid below
    const started = child.pid === undefined ? undefined : processReference(child.pid);
    const deadline = Date.now() + 60_000;
    while (started && isRunning(started) && Date.now() < deadline && !stop?.requested.aborted) {
      const ready = readyLine(readFileSync(log, "utf8"));
      if (ready) {
        const emulator = new Emulator(directory, started, ready.port, accountId);
        emulator.record();
        return emulator;
      }
      await sleep(50);
    }
    if (started) {
      await endProcess(started);
    }
    stop?.throwIfRequested();
    const said = lastLines(readFileSync(log, "utf8"), 15);
    throw new Error(`the AWS emulator did not start (log: ${log})${said ? `:\n${said}` : ""}`);
  }

  /** The emulator that is recorded in `directory`, if that very one still answers. */
  static async find(directory: string): Promise<Emulator | undefined> {
    const record = readRecord(directory);
    if (!record || !isRunning(record.process)) {
      return undefined;
    }
    const emulator = new Emulator(directory, record.process, record.port, record.accountId);
    return (await emulator.isHealthy()) ? emulator : undefined;
  }

  /**
   * As `find`.
   *
   * @throws Error where none runs
   */
  static async running(directory: string): Promise<Emulator> {
    const emulator = await Emulator.find(directory);
    if (!emulator) {
      throw new Error(`no emulator runs in ${directory}. Start one: npm run deploy:local`);
    }
    return emulator;
  }

  /** Whether an emulator was started from `directory` and not stopped: it runs, or it died. */
  static wasStarted(directory: string): boolean {
    return readRecord(directory) !== undefined;
  }

  /** Where the emulator that was started from `directory` and not stopped listens, or listened until it died. */
  static lastPort(directory: string): number | undefined {
    return readRecord(directory)?.port;
  }

  /** Ends whatever is recorded in `directory`, healthy or not, and forgets it. */
  static async end(directory: string): Promise<void> {
    const record = readRecord(directory);
    if (record) {
      await endProcess(record.process);
    }
    // The code of functions, which an emulator that was killed leaves.
    rmSync(join(directory, "functions"), { recursive: true, force: true });
    rmSync(recordFile(directory), { force: true });
    rmSync(join(directory, authorityFile), { force: true });
  }

  get pid(): number {
    return this.process.pid;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** File with the certificate of the authority that its databases' certificates are issued by. */
  get authority(): string {
    return join(this.directory, authorityFile);
  }

  /** What a client of AWS's SDK is made with, besides a region. */
  get clientConfig() {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = emulatorCredentials;
    return { endpoint: this.url, credentials: { accessKeyId, secretAccessKey } };
  }

  get isRunning(): boolean {
    return isRunning(this.process);
  }

  /** Whether it answers within `timeoutMs`, and is the one that was started: same process, same account. */
  async isHealthy(timeoutMs = 10_000): Promise<boolean> {
    try {
      const health = await this.control<{ ok: boolean; accountId: string; pid: number }>("GET", "health", timeoutMs);
      return health.ok && health.accountId === this.accountId && health.pid === this.pid;
    } catch {
      return false;
    }
  }

  summary(): Promise<EmulatorSummary> {
    return this.control("GET", "summary");
  }

  resetSummary(): Promise<unknown> {
    return this.control("POST", "summary/reset");
  }

  /** All that was created and still exists. */
  inventory(): Promise<InventoryItem[]> {
    return this.control("GET", "inventory");
  }

  /**
   * Waits until no request is being answered, at most `timeoutMs`: what a caller that was killed has sent is still carried
   * out. Requests that a planted fault holds back are not waited for.
   */
  async quiet(timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    // Twice in a row: a request may lie in the socket's queue, not yet counted.
    for (let idle = 0; idle < 2 && Date.now() < deadline; ) {
      const { requests } = await this.control<{ requests: number }>("GET", "in-flight");
      idle = requests === 0 ? idle + 1 : 0;
      await sleep(250);
    }
  }

  /** Ends the process; everything in it is gone. */
  stop(): Promise<void> {
    return Emulator.end(this.directory);
  }

  /**
   * Requests a stop of `stop` once this emulator is gone, or gives no answer for a minute: Terraform would go on
   * retrying for many more. Ends when the returned function is called.
   */
  watch(stop: Stop): () => void {
    let answered = Date.now();
    let asking = false;
    const check = async () => {
      if (!this.isRunning) {
        stop.request({ emulator: `the AWS emulator (process ${this.pid}) ended; its log: ${this.log}` }, 15_000);
      } else if (!asking) {
        asking = true;
        answered = (await this.isHealthy()) ? Date.now() : answered;
        asking = false;
        if (Date.now() - answered > 60_000) {
          stop.request(
            { emulator: `the AWS emulator (process ${this.pid}) gives no answer; its log: ${this.log}` },
            15_000,
          );
        }
      }
      if (stop.requested.aborted) {
        clearInterval(timer);
      }
    };
    const timer = setInterval(() => void check(), 1_000).unref();
    return () => clearInterval(timer);
  }

  get log(): string {
    return join(this.directory, "emulator.log");
  }

  private record(): void {
    const record: EmulatorRecord = { process: this.process, port: this.port, accountId: this.accountId };
    writeFileSync(recordFile(this.directory), `${JSON.stringify(record, null, 2)}\n`);
  }

  /** Takes a region away: it refuses, but for the APIs of the services in `keeps` (emulator/regions.py). */
  async loseRegion(region: string, keeps: readonly string[]): Promise<void> {
    await this.control("POST", "lost-regions", 30_000, { region, keeps });
  }

  /** Gives back what was taken away. */
  async giveRegionsBack(): Promise<void> {
    await this.control("DELETE", "lost-regions");
  }

  private async control<T>(method: string, route: string, timeoutMs = 30_000, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/_emulator/${route}`, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) {
      throw new Error(`the AWS emulator answered ${response.status} to ${method} ${route}: ${await response.text()}`);
    }
    return (await response.json()) as T;
  }
}

/** The emulator writes it (emulator/running.py). */
const authorityFile = "local-ca.pem";

function recordFile(directory: string): string {
  return join(directory, "emulator.json");
}

function readRecord(directory: string): EmulatorRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(directory), "utf8")) as EmulatorRecord;
  } catch {
    return undefined;
  }
}

function readyLine(log: string): { readonly port: number } | undefined {
  const line = log.split("\n").find((text) => text.startsWith('{"ready"'));
  return line?.endsWith("}") ? (JSON.parse(line) as { port: number }) : undefined;
}

/**
 * Looks whether an emulator can listen on `port`; on 0 it always can.
 *
 * @throws Error where the port is in use, naming it and a way out
 */
export async function refuseUsedPort(port: number): Promise<void> {
  if (port !== 0 && !(await isPortFree(port))) {
    throw new Error(
      `port ${port} of 127.0.0.1 is in use by another program. End that program, or choose another port: --port ${port + 1}`,
    );
  }
}

function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
