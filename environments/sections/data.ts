import { reservedUsernamePrefix, reservedUsernames } from "../../facts/aws-limits";
import { databaseUsernameForm, databaseUsernameMaximum, hasForm } from "../../facts/forms";
import { apart, flag, integer, listOf, oneOf, record, ruled, text, version } from "../validation/rules";

const databaseUsername = text(
  `1 to ${databaseUsernameMaximum} letters, digits and underscores, a letter first, not ${reservedUsernamePrefix}..., no reserved word of RDS or PostgreSQL`,
  (username) => {
    const lower = username.toLowerCase();
    if (lower.startsWith(reservedUsernamePrefix) || reservedUsernames.has(lower)) {
      return `choose another, such as skymanuals: ${username} is reserved`;
    }
    if (username.length > databaseUsernameMaximum) {
      return `use at most ${databaseUsernameMaximum} characters instead of ${username.length}`;
    }
    return hasForm(username, databaseUsernameForm) || "use a name such as skymanuals";
  },
);

const keyPrefixMaximum = 200;

const keyPrefix = text(
  `the beginning of keys: letters, digits and ! - _ . ' ( ) / , a slash last and not first, at most ${keyPrefixMaximum} characters`,
  (prefix) => {
    const segments = prefix.split("/").filter((segment) => segment !== "");
    const spelling = `${segments.join("/")}/`;
    if (segments.length === 0) {
      return "name a folder, such as archive/: every key begins with this";
    }
    if (!/^[A-Za-z0-9!_.'()/-]*$/.test(prefix)) {
      return "use a prefix such as archive/";
    }
    return prefix === spelling
      ? prefix.length <= keyPrefixMaximum || `use at most ${keyPrefixMaximum} characters`
      : `write "${spelling}"`;
  },
);

const engineVersion = text("15, or 15 and a minor version, such as 15.4", (version) => {
  if (/^15(\.(0|[1-9]\d?))?$/.test(version)) {
    return true;
  }
  const repaired = /^v?(15(\.\d{1,2})?)(\.\d+)*\.?$/.exec(version)?.[1];
  return `use "${repaired ?? "15"}"`;
});

export const database = ruled(
  record({
    /** Default of the variable `database_username`: the user that owns the tables. */
    username: databaseUsername,
    /** `15` follows AWS's minor versions; `15.4` pins one. */
    engineVersion,
    /** Days of automated backups: how far back a point-in-time restore reaches. */
    backupRetentionDays: integer(1, 35, (from, to) => `${from} to ${to} days`),
    /** false: changes that restart the database wait for the maintenance window. */
    applyImmediately: flag,
    /** Default of the variable `database_password_version`: raise it to rotate the password. */
    passwordVersion: version,
    /** The user in DATABASE_URL, which may read and write rows and owns nothing. Other than `username`. */
    applicationUsername: databaseUsername,
    /** Raise it to rotate the password in DATABASE_URL. */
    applicationPasswordVersion: version,
  }),
  {
    reads: ["username", "applicationUsername"],
    find: ({ username, applicationUsername }) =>
      username.toLowerCase() === applicationUsername.toLowerCase() && {
        path: ["applicationUsername"],
        allowed: `a user other than database.username, ${username}: that one owns the tables`,
        fix: `use ${username}_app`,
      },
  },
);

export const redis = record({
  /** Days that daily snapshots are kept; 0 takes none. */
  snapshotRetentionDays: integer(0, 35, (from, to) => `${from} to ${to} days; 0 takes no snapshots`),
  /**
   * ROTATE keeps accepting what was accepted before, the previous token or none; SET accepts the current token only. To
   * rotate while tasks run: raise the version with ROTATE, apply, then SET, apply.
   */
  authTokenUpdateStrategy: oneOf(["SET", "ROTATE"]),
  /** Raise it to rotate the token. */
  authTokenVersion: version,
});

export const storage = record({
  /** `AES256`: keys of S3, as documented. `aws:kms`: a key of our own for new chunks, which can be withdrawn and is audited. */
  encryption: oneOf(["AES256", "aws:kms"]),
  /**
   * Beginnings of keys, each ending in a slash, of chunks that nobody reads: after a year they move to DEEP_ARCHIVE, from
   * which a chunk takes 12 hours. Intelligent tiering is not offered: the documented transitions would move chunks out of it.
   */
  coldPrefixes: ruled(
    listOf(keyPrefix, "a list of beginnings of keys, each ending in a slash; empty for none"),
    apart("prefixes that do not lie in one another", "storage.coldPrefixes", (outer, inner) => inner.startsWith(outer)),
  ),
});
