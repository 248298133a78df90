import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { type Connect, type Login, parseUrl } from "./connect";
import { accepts, loginAsMaster } from "./login";
import type { Patience } from "./patience";
import { scramVerifier } from "./scram";
import type { Secrets, SecretVersion } from "./secrets";
import { alone, findPendingParameters, findRemaining, prepareDatabase } from "./sql";

/** What Terraform asks for. It holds no secret, because the state keeps it. */
export interface Request {
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly master: { readonly username: string; readonly password: SecretVersion };
  readonly application: {
    readonly username: string;
    readonly password: SecretVersion;
    /** The connection URL that the application gets. */
    readonly url: SecretVersion;
    /** Connections at once. */
    readonly connectionLimit: number;
  };
  /** Parameters of the database's parameter group, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What was done and found. It holds no secret, because the state keeps it. */
export interface Result {
  /** `restored`: the database had an earlier password than the stored one, and was given the stored one. */
  readonly masterPassword: "accepted" | "restored";
  /** What was made, granted or revoked; empty where everything was right already. */
  readonly changed: readonly string[];
  /** What the application lacks and this user may not give, such as rights on tables of other owners. */
  readonly remaining: readonly string[];
  /** Parameters that the server takes when it is rebooted. */
  readonly pendingReboot: readonly string[];
}

export interface Services {
  readonly connect: Connect;
  readonly secrets: Secrets;
  readonly patience: Patience;
}

/**
 * Makes the extensions and the application's user, gives it what it needs and no more, and logs in as both with what
 * Secrets Manager stores. Safe to run again, and to run twice at once.
 * @throws Error naming the secret and the remedy where a stored password or URL is refused
 */
export async function bootstrap(request: Request, { connect, secrets, patience }: Services): Promise<Result> {
  const { master, application } = request;
  const server = { host: request.address, port: request.port, database: request.database };
  const { client, restored } = await loginAsMaster(
    connect,
    secrets,
    { ...server, user: master.username },
    master.password,
    patience,
  );
  try {
    return await alone(client, async () => {
      const role = { name: application.username, connectionLimit: application.connectionLimit };
      const changed = await prepareDatabase(client, role);
      const password = await secrets.value(application.password);
      if (await setPassword(client, connect, { ...server, user: role.name, password })) {
        changed.push(`password of role ${role.name}`);
      }
      if (!(await accepts(connect, parseUrl(await secrets.value(application.url))))) {
        throw new Error(
          `The database ${server.host} refuses the URL in ${application.url.arn}, version ${application.url.versionId}, ` +
            `whose password is not the one in ${application.password.arn}. Raise database.applicationPasswordVersion in the ` +
            "environment and apply again: both are written anew.",
        );
      }
      return {
        masterPassword: restored ? "restored" : "accepted",
        changed,
        remaining: await findRemaining(client, role),
        pendingReboot: await findPendingParameters(client, request.parameters),
      };
    });
  } finally {
    await client.end();
  }
}

/** Sets the password unless the server takes it already; whether it did. */
async function setPassword(client: Client, connect: Connect, login: Login): Promise<boolean> {
  if (await accepts(connect, login)) return false;
  const verifier = escapeLiteral(scramVerifier(login.password));
  await client.query(`ALTER ROLE ${escapeIdentifier(login.user)} PASSWORD ${verifier}`);
  return true;
}
