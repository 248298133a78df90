/** The users that the application connects to the database as, in turns. */
export interface ApplicationUsers {
  /** Has the current version of the password. */
  readonly current: string;
  /** Had the version before it, and has the next one. */
  readonly other: string;
}

const suffix = "_b";

/** PostgreSQL cuts longer names off at 63 bytes (NAMEDATALEN): the second user's name has this much left. */
export const longestApplicationUsername = 63 - suffix.length;

/**
 * The user of odd versions of the password, which has the name as it is, and that of even ones, `<name>_b`. A raised version
 * gives the other user a password, and leaves the one that running tasks log in with as it is.
 * @param name at most `longestApplicationUsername` characters
 * @param version of the password, from 1
 */
export function applicationUsers(name: string, version: number): ApplicationUsers {
  const [odd, even] = [name, `${name}${suffix}`];
  return version % 2 === 1 ? { current: odd, other: even } : { current: even, other: odd };
}
