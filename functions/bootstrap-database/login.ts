import { type Client, escapeLiteral } from "pg";
import { type Patience, patiently } from "../parts/patience";
import type { Secrets, SecretVersion } from "../parts/secrets";
import { type Connect, isAtOwnLimit, isRefusedPassword, isUnavailable, type Login } from "./connect";
import { scramVerifier } from "./scram";

const once: Patience = { seconds: 0, intervalSeconds: 0 };

export interface MasterLogin {
  readonly client: Client;
  /** Whether the database had another password than the stored one, and was given it. */
  readonly restored: boolean;
}

/**
 * Logs in with the stored password of the master user. Where the database refuses it and takes an earlier version of the
 * secret, the change of password was lost on the way: the master user then sets the stored password itself.
 * @throws Error naming the secret and the remedy where no version of the secret is accepted
 */
export async function loginAsMaster(
  connect: Connect,
  secrets: Secrets,
  login: Omit<Login, "password">,
  secret: SecretVersion,
  patience: Patience,
): Promise<MasterLogin> {
  const password = await secrets.value(secret);
  const client = await tryLogin(connect, { ...login, password }, patience);
  if (client) {
    return { client, restored: false };
  }

  for (const earlier of await secrets.others(secret)) {
    const previous = await tryLogin(connect, { ...login, password: await secrets.value(earlier) }, once);
    if (!previous) {
      continue;
    }
    try {
      await previous.query(`ALTER ROLE CURRENT_USER PASSWORD ${escapeLiteral(scramVerifier(password))}`);
    } finally {
      await previous.end();
    }
    const restored = await tryLogin(connect, { ...login, password }, patience);
    if (restored) {
      return { client: restored, restored: true };
    }
  }
  throw new Error(
    `The database ${login.host} refuses user ${login.user} with the password in ${secret.arn}, version ${secret.versionId}, ` +
      "and with every earlier version of it. Raise database_password_version and apply again: both get a new password.",
  );
}

/** Whether the server takes the password. A server that is full is asked again within the patience. */
export async function accepts(connect: Connect, login: Login, patience: Patience): Promise<boolean> {
  try {
    const client = await patiently(patience, isUnavailable, () => connect(login));
    await client.end();
    return true;
  } catch (error) {
    if (isAtOwnLimit(error)) {
      return true;
    }
    if (isRefusedPassword(error)) {
      return false;
    }
    throw error;
  }
}

/** A connection, or undefined where the server refuses the password to the end: RDS applies a new one after it has answered. */
async function tryLogin(connect: Connect, login: Login, patience: Patience): Promise<Client | undefined> {
  try {
    const passes = (error: unknown) => isRefusedPassword(error) || isUnavailable(error);
    return await patiently(patience, passes, () => connect(login));
  } catch (error) {
    if (isRefusedPassword(error)) {
      return undefined;
    }
    throw error;
  }
}
