import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { connectOverTls, type Login } from "../../functions/bootstrap-database/connect";
import { ensureVenv } from "../../scripts/local/venv";
import { pythonEnvironment } from "../../scripts/terraform/environment-variables";

const root = resolve(__dirname, "../..");

export interface PostgresOptions {
  readonly username: string;
  readonly password: string;
  readonly database: string;
  /** Of the parameter group; `rds.force_ssl` and pg_stat_statements as on RDS unless given. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A real PostgreSQL with pgvector that presents itself as RDS does: a master user that is no superuser, and TLS only. */
export class Postgres {
  private constructor(
    private readonly process: ChildProcess,
    private readonly answer: () => Promise<Record<string, unknown>>,
    readonly login: Login,
    /** PEM. */
    readonly authority: string,
  ) {}

  /** Takes a second, and a minute where the virtual environment is to be made first. */
  static async start({ username, password, database, parameters = {} }: PostgresOptions): Promise<Postgres> {
    const python = await ensureVenv({ root, venv: join(root, ".local", "venv"), python: "python3" });
    const child = spawn(python, ["-m", "emulator.postgres_server"], {
      cwd: root,
      env: pythonEnvironment(process.env),
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const answer = async () => {
      const { value, done } = await lines.next();
      if (done) {
        throw new Error("the PostgreSQL server ended");
      }
      return JSON.parse(value) as Record<string, unknown>;
    };
    child.stdin.write(`${JSON.stringify({ username, password, database, parameters })}\n`);
    const { port, authority } = await answer();
    const login = { host: "localhost", port: Number(port), database, user: username, password };
    return new Postgres(child, answer, login, String(authority));
  }

  /** Sets the master's password as RDS does, from outside. */
  async setPassword(password: string): Promise<void> {
    this.process.stdin?.write(`${JSON.stringify({ password })}\n`);
    expect(await this.answer()).toEqual({ ok: true });
  }

  /** A connection as the master, or as somebody else. */
  connect(login: Partial<Login> = {}): Promise<Client> {
    return connectOverTls([this.authority])({ ...this.login, ...login });
  }

  /** The rows of one statement, each as a list of values. */
  async query(text: string, login: Partial<Login> = {}): Promise<unknown[][]> {
    const client = await this.connect(login);
    try {
      return (await client.query({ text, rowMode: "array" })).rows;
    } finally {
      await client.end();
    }
  }

  /** A connection without TLS. */
  async connectInClear(): Promise<void> {
    const client = new Client({ ...this.login, ssl: false });
    try {
      await client.connect();
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.stdin?.end();
    await ended;
  }
}
