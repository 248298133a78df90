import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { applicationUsers } from "../../facts/application-users";
import type { Patience } from "../parts/patience";
import type { Secrets, SecretVersion } from "../parts/secrets";
import { type Connect, type Login, parseUrl } from "./connect";
import { accepts, loginAsMaster } from "./login";
import { scramVerifier } from "./scram";
import { alone, countSessions, findPendingParameters, findRemaining, prepareDatabase } from "./sql";

/** Where the database is, and how the master user logs in. */
export interface DatabaseAccess {
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly master: { readonly username: string; readonly password: SecretVersion };
}

export interface Application {
  /** The first of the two users that take turns: see facts/application-users.ts. */
  readonly username: string;
  /** Whose turn it is: a number from 1 that a rotation raises by one. */
  readonly passwordVersion: number;
  /** The connection URL that the application gets. */
  readonly url: SecretVersion;
}

/** What Terraform asks for. It holds no secret, because the state keeps it. */
export interface Request extends DatabaseAccess {
  readonly application: Application & {
    readonly password: SecretVersion;
    /** Connections at once, of each user. */
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
 * Makes the extensions and the application's two users, gives both what they need and no more, and logs in as the master and as
 * the current one with what Secrets Manager stores. The other user keeps the password that it has: tasks that still run, or run
 * again after a rollback, log in with it until `revoke` takes it away. Safe to run again, and to run twice at once.
 * @throws Error naming the secret and the remedy where a stored password or URL is refused
 */
export async function bootstrap(request: Request, services: Services): Promise<Result> {
  const { application } = request;
  const { connect, secrets, patience } = services;
  const users = applicationUsers(application.username, application.passwordVersion);
  return asMaster(request, services, async (client, restored) => {
    const { connectionLimit } = application;
    const roles = [
      { name: users.current, connectionLimit, login: true },
      { name: users.other, connectionLimit, login: false },
    ];
    const changed = await prepareDatabase(client, roles);
    if (await setPassword(client, request, users.current, services)) {
      changed.push(`password of role ${users.current}`);
    }
    const url = parseUrl(await secrets.value(application.url));
    if (url.user !== users.current || !(await accepts(connect, url, patience))) {
      throw new Error(
        `The database ${request.address} refuses the URL in ${application.url.arn}, version ${application.url.versionId}, ` +
          `whose user is not ${users.current}, or whose password is not the one in ${application.password.arn}. Raise ` +
          "database.applicationPasswordVersion by one in the environment and apply again: both are written anew.",
      );
    }
    return {
      masterPassword: restored ? "restored" : "accepted",
      changed,
      remaining: await findRemaining(client, roles),
      pendingReboot: await findPendingParameters(client, request.parameters),
    };
  });
}

/** Runs `work` as the master user, with no other run beside it. */
export async function asMaster<T>(
  { address, port, database, master }: DatabaseAccess,
  { connect, secrets, patience }: Services,
  work: (client: Client, restored: boolean) => Promise<T>,
): Promise<T> {
  const login = { host: address, port, database, user: master.username };
  const { client, restored } = await loginAsMaster(connect, secrets, login, master.password, patience);
  try {
    return await alone(client, () => work(client, restored));
  } finally {
    await client.end();
  }
}

/**
 * Sets the stored password unless the server takes it already; whether it did.
 * @throws Error where tasks hold an earlier one, which a new password would lock out
 */
async function setPassword(
  client: Client,
  { address: host, port, database, application }: Request,
  user: string,
  { connect, secrets, patience }: Services,
): Promise<boolean> {
  const login = async (secret: SecretVersion): Promise<Login> => {
    return { host, port, database, user, password: await secrets.value(secret) };
  };
  const wanted = await login(application.password);
  if (await accepts(connect, wanted, patience)) {
    return false;
  }
  const sessions = await countSessions(client, user);
  if (sessions > 0) {
    for (const earlier of await secrets.others(application.password)) {
      if (!(await accepts(connect, await login(earlier), patience))) {
        continue;
      }
      throw new Error(
        `User ${user} of the database ${host} has ${sessions} open sessions, and an earlier password from ` +
          `${application.password.arn}: a new one would lock the tasks out that hold it. The users take turns: set ` +
          `database.applicationPasswordVersion to a number of the other user, ${application.passwordVersion + 1} for example, ` +
          "and apply again.",
      );
    }
  }
  const verifier = escapeLiteral(scramVerifier(wanted.password));
  await client.query(`ALTER ROLE ${escapeIdentifier(user)} PASSWORD ${verifier}`);
  return true;
}
