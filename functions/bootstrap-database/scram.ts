import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/**
 * What PostgreSQL stores of a password (RFC 5803), so that the password itself reaches neither the server, nor its log, nor
 * pg_stat_statements.
 * @param password printable ASCII: other characters would need SASLprep (RFC 4013)
 * @throws Error where the password has other characters
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!/^[ -~]+$/.test(password)) {
    throw new Error("the password must be printable ASCII characters, at least one");
  }
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const key = (name: string) => createHmac("sha256", salted).update(name).digest();
  const storedKey = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${key("Server Key").toString("base64")}`;
}

/** PostgreSQL's own default, scram_iterations. */
const iterations = 4096;
