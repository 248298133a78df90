import { type Client, escapeIdentifier } from "pg";

export interface ApplicationRole {
  readonly name: string;
  /** Connections at once. */
  readonly connectionLimit: number;
  /** Whether it must be able to log in; otherwise it stays as it is, and a new one is not. */
  readonly login: boolean;
}

/** A statement that is still to be made. */
interface Missing {
  readonly what: string;
  readonly statement: string;
}

/** `$1` is a role of the application. Each row is a statement that is missing; a database that is as it should be has none. */
type Step = (role: ApplicationRole) => { readonly text: string; readonly values: readonly unknown[] };

const tablePrivileges = ["SELECT", "INSERT", "UPDATE", "DELETE"];
const sequencePrivileges = ["USAGE", "SELECT"];

/** Rows of an access control list that name the role, of these privileges. */
const granted = (list: string, privileges: readonly string[]) =>
  `(SELECT count(DISTINCT entry.privilege_type) FROM aclexplode(${list}) entry
    WHERE entry.grantee = role.oid AND entry.privilege_type IN (${privileges.map((name) => `'${name}'`).join(", ")}))`;

const step =
  (text: string, ...values: unknown[]): Step =>
  ({ name }) => ({ text, values: [name, ...values] });

/** Relations of the schema that belong to no extension: those of the master user, or those of others. */
const relations = (kinds: string, whose: "own" | "foreign") =>
  `pg_class relation
   JOIN pg_roles role ON role.rolname = $1
   WHERE relation.relnamespace = 'public'::regnamespace AND relation.relkind IN (${kinds})
     AND ${whose === "own" ? "" : "NOT "}pg_has_role(relation.relowner, 'USAGE')
     AND NOT EXISTS (SELECT FROM pg_depend member
       WHERE member.classid = 'pg_class'::regclass AND member.objid = relation.oid AND member.deptype = 'e')`;

const grantOn = (keyword: "TABLE" | "SEQUENCE", kinds: string, privileges: readonly string[]): Step =>
  step(
    `SELECT format('${privileges.join(", ")} on %s for %s', relation.oid::regclass, role.rolname) AS what,
       format('GRANT ${privileges.join(", ")} ON ${keyword} %s TO %I', relation.oid::regclass, role.rolname) AS statement
     FROM ${relations(kinds, "own")}
       AND ${granted("relation.relacl", privileges)} < ${privileges.length}
     ORDER BY relation.relname`,
  );

const grantToCome = (keyword: "TABLES" | "SEQUENCES", kind: string, privileges: readonly string[]): Step =>
  step(
    `SELECT '${privileges.join(", ")} on ${keyword.toLowerCase()} to come for ' || role.rolname AS what,
       format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ${privileges.join(", ")} ON ${keyword} TO %I',
         role.rolname) AS statement
     FROM pg_roles role JOIN pg_roles master ON master.rolname = current_user
     WHERE role.rolname = $1
       AND COALESCE((SELECT ${granted("list.defaclacl", privileges)} FROM pg_default_acl list
         WHERE list.defaclrole = master.oid AND list.defaclnamespace = 'public'::regnamespace
           AND list.defaclobjtype = '${kind}'), 0) < ${privileges.length}`,
  );

const tables = "'r', 'p', 'v', 'm', 'f'";

const steps: readonly Step[] = [
  () => ({
    text: `SELECT 'extension ' || name AS what, format('CREATE EXTENSION %I SCHEMA public', name) AS statement
     FROM unnest(ARRAY['vector', 'pg_stat_statements']) AS name
     WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = name)`,
    values: [],
  }),
  ({ name, connectionLimit, login }) => ({
    text: `SELECT 'role ' || $1::text AS what, format(
       'CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT %s',
       $1::text, $3::text, $2::integer) AS statement
     WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`,
    values: [name, String(connectionLimit), login ? "LOGIN" : "NOLOGIN"],
  }),
  // What is right already is not stated again: PostgreSQL 15 lets superusers alone name some of these, even to take them away.
  ({ name, connectionLimit, login }) => ({
    text: `SELECT format('attributes of role %s: %s', rolname, attributes) AS what,
       format('ALTER ROLE %I %s', rolname, attributes) AS statement
     FROM pg_roles, concat_ws(' ',
       CASE WHEN $3::boolean AND NOT rolcanlogin THEN 'LOGIN' END,
       CASE WHEN rolsuper THEN 'NOSUPERUSER' END,
       CASE WHEN rolcreatedb THEN 'NOCREATEDB' END,
       CASE WHEN rolcreaterole THEN 'NOCREATEROLE' END,
       CASE WHEN rolreplication THEN 'NOREPLICATION' END,
       CASE WHEN rolbypassrls THEN 'NOBYPASSRLS' END,
       CASE WHEN rolconnlimit <> $2::integer THEN 'CONNECTION LIMIT ' || $2::integer END) AS attributes
     WHERE rolname = $1 AND attributes <> ''`,
    values: [name, String(connectionLimit), login],
  }),
  step(
    `SELECT format('no membership in %s for %s', parent.rolname, role.rolname) AS what,
       format('REVOKE %I FROM %I', parent.rolname, role.rolname) AS statement
     FROM pg_auth_members membership
     JOIN pg_roles role ON role.oid = membership.member
     JOIN pg_roles parent ON parent.oid = membership.roleid
     WHERE role.rolname = $1`,
  ),
  step(
    `SELECT format('CONNECT on database %s for %s', base.datname, role.rolname) AS what,
       format('GRANT CONNECT ON DATABASE %I TO %I', base.datname, role.rolname) AS statement
     FROM pg_database base JOIN pg_roles role ON role.rolname = $1
     WHERE base.datname = current_database() AND ${granted("base.datacl", ["CONNECT"])} < 1`,
  ),
  step(
    `SELECT 'USAGE on schema public for ' || role.rolname AS what,
       format('GRANT USAGE ON SCHEMA public TO %I', role.rolname) AS statement
     FROM pg_namespace space JOIN pg_roles role ON role.rolname = $1
     WHERE space.nspname = 'public' AND ${granted("space.nspacl", ["USAGE"])} < 1`,
  ),
  // PostgreSQL 14 and older let everybody create tables in the schema public; a database that was upgraded still does.
  step(
    `SELECT 'no CREATE on schema public for ' || named.who AS what,
       'REVOKE CREATE ON SCHEMA public FROM ' || named.who AS statement
     FROM pg_namespace space
     CROSS JOIN aclexplode(COALESCE(space.nspacl, acldefault('n', space.nspowner))) entry
     LEFT JOIN pg_roles role ON role.oid = entry.grantee
     CROSS JOIN LATERAL (SELECT CASE WHEN entry.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(role.rolname) END AS who) named
     WHERE space.nspname = 'public' AND entry.privilege_type = 'CREATE' AND (entry.grantee = 0 OR role.rolname = $1)`,
  ),
  grantOn("TABLE", tables, tablePrivileges),
  grantOn("SEQUENCE", "'S'", sequencePrivileges),
  // For what the master makes, as the migrations do.
  grantToCome("TABLES", "r", tablePrivileges),
  grantToCome("SEQUENCES", "S", sequencePrivileges),
];

/**
 * Brings the database to what the application needs, in one transaction, as its master user. A second run changes nothing.
 * @returns what was changed
 */
export async function prepareDatabase(client: Client, roles: readonly ApplicationRole[]): Promise<string[]> {
  const changed: string[] = [];
  await inTransaction(client, async () => {
    for (const role of roles) {
      for (const each of steps) {
        for (const { what, statement } of await missing(client, each, role)) {
          await client.query(statement);
          changed.push(what);
        }
      }
    }
  });
  return changed;
}

/** What the database would not do without an error, and tables of other owners, whose rights are theirs to give. */
export async function findRemaining(client: Client, roles: readonly ApplicationRole[]): Promise<string[]> {
  const foreign = step(
    `SELECT format('rights on %s, which belongs to %s', relation.oid::regclass, relation.relowner::regrole) AS what, '' AS statement
     FROM ${relations(tables, "foreign")}
       AND ${granted("relation.relacl", tablePrivileges)} < ${tablePrivileges.length}
     ORDER BY relation.relname`,
  );
  const remaining = new Set<string>();
  await inTransaction(client, async () => {
    for (const role of roles) {
      for (const each of [...steps, foreign]) {
        for (const { what } of await missing(client, each, role)) {
          remaining.add(what);
        }
      }
    }
  });
  return [...remaining];
}

/** Open sessions of a role. */
export async function countSessions(client: Client, role: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    "SELECT pg_catalog.count(*)::integer AS count FROM pg_catalog.pg_stat_activity WHERE usename = $1",
    [role],
  );
  return rows[0]?.count ?? 0;
}

export async function canLogIn(client: Client, role: string): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM pg_catalog.pg_roles WHERE rolname = $1 AND rolcanlogin", [role]);
  return rowCount === 1;
}

/** Takes login and password from a role, and ends its sessions. @returns how many there were */
export async function revokeLogin(client: Client, role: string): Promise<number> {
  await client.query(`ALTER ROLE ${escapeIdentifier(role)} NOLOGIN PASSWORD NULL`);
  const { rowCount } = await client.query(
    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = $1",
    [role],
  );
  return rowCount ?? 0;
}

/** Names of parameters whose value in the running server is another one: it takes them when it is rebooted. */
export async function findPendingParameters(
  client: Client,
  wanted: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { rows } = await client.query<{ name: string; setting: string | null; pending: boolean }>(
    `SELECT name, pg_catalog.current_setting(name, true) AS setting, false AS pending FROM pg_catalog.unnest($1::text[]) AS name
     UNION ALL SELECT name, setting, true FROM pg_catalog.pg_settings WHERE pending_restart`,
    [Object.keys(wanted)],
  );
  const different = rows.filter(({ name, setting, pending }) => pending || !covers(setting ?? "", wanted[name] ?? ""));
  return [...new Set(different.map(({ name }) => name))].sort();
}

/** RDS adds libraries of its own to a list, and shows a switch as on or 1. */
function covers(setting: string, wanted: string): boolean {
  const items = (list: string) =>
    list
      .split(",")
      .map((item) => item.trim())
      .map((item) => (item === "on" ? "1" : item === "off" ? "0" : item));
  const present = items(setting);
  return items(wanted).every((item) => present.includes(item));
}

/** Runs `work` alone: a second run on the same database waits until the first has ended. */
export async function alone<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query("SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtext('bootstrap-database'))");
  try {
    return await work();
  } finally {
    await client.query("SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtext('bootstrap-database'))");
  }
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  try {
    // Nothing that somebody put into another schema is called, and every table is named with its schema.
    await client.query("SET LOCAL search_path = pg_catalog");
    await work();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

async function missing(client: Client, each: Step, role: ApplicationRole): Promise<Missing[]> {
  const { text, values } = each(role);
  return (await client.query<Missing>(text, [...values])).rows;
}
