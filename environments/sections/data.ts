import { applicationUsers, longestApplicationUsername } from "../../facts/application-users";
import { postgres15Minor, reservedUsernamePrefix, reservedUsernames } from "../../facts/aws-limits";
import { databaseUsernameForm, databaseUsernameMaximum, hasForm } from "../../facts/forms";
import { apart, flag, integer, listOf, oneOf, record, ruled, text, version } from "../validation/rules";

const databaseUser = (maximum: number) =>
  text(
    `1 to ${maximum} letters, digits and underscores, a letter first, not ${reservedUsernamePrefix}..., no reserved word of RDS or PostgreSQL`,
    (username) => {
      const lower = username.toLowerCase();
      if (lower.startsWith(reservedUsernamePrefix) || reservedUsernames.has(lower)) {
        return `choose another, such as skymanuals: ${username} is reserved`;
      }
      if (username.length > maximum) {
        return `use at most ${maximum} characters instead of ${username.length}`;
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
  const [, minor] = /^15(?:\.(0|[1-9]\d?))?$/.exec(version) ?? ["", "0.0"];
  const { minimum, maximum } = postgres15Minor;
  if (minor === undefined || (Number(minor) >= minimum && Number(minor) <= maximum)) {
    return true;
  }
  if (minor !== "0.0") {
    return `use "15", which follows AWS's minor versions: RDS has 15.${minimum} and later, and no ${version}`;
  }
  const repaired = /^v?(15(\.\d{1,2})?)(\.\d+)*\.?$/.exec(version)?.[1];
  return `use "${repaired ?? "15"}"`;
});

export const database = ruled(
  record({
    /** Default of the variable `database_username`: the user that owns the tables. */
    username: databaseUser(databaseUsernameMaximum),
    /** `15` follows AWS's minor versions; `15.4` pins one, which AWS then does not move: you raise it, for its fixes, yourself. */
    engineVersion,
    /** Days of automated backups: how far back a point-in-time restore reaches. */
    backupRetentionDays: integer(1, 35, (from, to) => `${from} to ${to} days`),
    /** false: changes that restart the database wait for the maintenance window. */
    applyImmediately: flag,
    /** Default of the variable `database_password_version`: raise it to rotate the password. */
    passwordVersion: version,
    /**
     * The user in DATABASE_URL, which may read and write rows and owns nothing, while `applicationPasswordVersion` is odd. While it is
     * even, the user is this name and `_b`. Both other than `username`.
     */
    applicationUsername: databaseUser(longestApplicationUsername),
    /** Raise it by one to rotate the password in DATABASE_URL: docs/rotation.md. */
    applicationPasswordVersion: version,
  }),
  {
    reads: ["username", "applicationUsername"],
    find: ({ username, applicationUsername }) =>
      Object.values(applicationUsers(applicationUsername.toLowerCase(), 1)).includes(username.toLowerCase()) && {
        path: ["applicationUsername"],
        allowed: `a name that neither by itself nor with _b is database.username, ${username}: that one owns the tables`,
        fix: `use ${username.slice(0, longestApplicationUsername - "_app".length)}_app`,
      },
  },
);

export const redis = record({
  /** Days that daily snapshots are kept; 0 takes none. */
  snapshotRetentionDays: integer(0, 35, (from, to) => `${from} to ${to} days; 0 takes no snapshots`),
  /**
   * ROTATE keeps accepting what was accepted before, the previous token or none; SET accepts the current token only. To
   * rotate while tasks run: raise the version with ROTATE, apply, wait until the service is deployed, then SET, apply
   * (docs/rotation.md). Terraform refuses to plan a raised version under SET.
   */
  authTokenUpdateStrategy: oneOf(["SET", "ROTATE"]),
  /** Raise it to rotate the token. */
  authTokenVersion: version,
});

export const storage = record(
  {
    /**
     * What happens to the current version of a chunk 2557 days after it was written: `keep`: nothing. `expire`, as documented: S3
     * hides it behind a delete marker, so that a manual that has not changed for seven years is gone for its readers. What was superseded,
     * deleted or hidden is deleted for good 2557 days later, under both.
     */
    currentChunks: oneOf(["keep", "expire"]),
    /**
     * Beginnings of keys, each ending in a slash, of chunks that nobody reads: after a year they move to DEEP_ARCHIVE, from
     * which a chunk takes 12 hours. Intelligent tiering is not offered: the documented transitions would move chunks out of it.
     */
    coldPrefixes: ruled(
      listOf(keyPrefix, "a list of beginnings of keys, each ending in a slash; empty for none"),
      apart("prefixes that do not lie in one another", "storage.coldPrefixes", (outer, inner) =>
        inner.startsWith(outer),
      ),
    ),
  },
  {
    encryption: 'remove it: the environment\'s encryption, "customer-managed", is for the chunks too',
  },
);
