import { bootstrap, type Request, type Result } from "../../../functions/bootstrap-database/bootstrap";
import { authorities, connectOverTls, type Login, parseUrl } from "../../../functions/bootstrap-database/connect";
import type { SecretVersion } from "../../../functions/parts/secrets";
import { Postgres } from "../../support/postgres";
import { Vault } from "../support/vault";

const masterArn = "arn:master";
const appPassword = "Application-password-1";
const app = { user: "skymanuals_app", password: appPassword };
const parameters = { "rds.force_ssl": "1", shared_preload_libraries: "pg_stat_statements" };

function request(postgres: Postgres, vault: Vault, changes: Partial<Request> = {}): Request {
  const { host, port, database, user, password } = postgres.login;
  const url = `postgresql://${app.user}:${appPassword}@${host}:${port}/${database}?sslmode=require`;
  return {
    address: host,
    port,
    database,
    master: { username: user, password: vault.put(masterArn, "v1", password) },
    application: {
      username: app.user,
      passwordVersion: 1,
      password: vault.put("arn:application", "v1", appPassword),
      url: vault.put("arn:url", "v1", url),
      connectionLimit: 80,
    },
    parameters,
    ...changes,
  };
}

function run(postgres: Postgres, vault: Vault, wanted: Request): Promise<Result> {
  const connect = connectOverTls([postgres.authority]);
  return bootstrap(wanted, { connect, secrets: vault, patience: { seconds: 0.5, intervalSeconds: 0.1 } });
}

const masterPassword = "Master-password-1";
/** The virtual environment may have to be made first. */
const startTimeout = 600_000;

describe("a database that an application has used as its master user", () => {
  let postgres: Postgres;
  const vault = new Vault();
  let results: Result[];

  beforeAll(async () => {
    postgres = await Postgres.start({ username: "skymanuals", password: masterPassword, database: "skymanuals" });
    await postgres.query(`
      CREATE TABLE "Manuals" (id bigserial PRIMARY KEY, title text);
      INSERT INTO "Manuals" (title) VALUES ('AFM');
      CREATE VIEW titles AS SELECT title FROM "Manuals";
      CREATE SCHEMA internal;
      CREATE TABLE internal.audit (entry text);
      GRANT CREATE ON SCHEMA public TO PUBLIC;
      CREATE ROLE somebody LOGIN PASSWORD 'Somebody-1'`);
    await postgres.query("CREATE TABLE foreign_table (id int)", { user: "somebody", password: "Somebody-1" });
    const wanted = request(postgres, vault);
    // Two at once, and then one more.
    results = [...(await Promise.all([run(postgres, vault, wanted), run(postgres, vault, wanted)]))];
    results.push(await run(postgres, vault, wanted));
  }, startTimeout);

  afterAll(() => postgres?.stop());

  test("the first run makes what is missing, and says so", () => {
    const [first] = results.filter(({ changed }) => changed.length > 0);
    expect(first).toEqual({
      masterPassword: "accepted",
      changed: [
        "extension vector",
        "extension pg_stat_statements",
        "role skymanuals_app",
        "CONNECT on database skymanuals for skymanuals_app",
        "USAGE on schema public for skymanuals_app",
        "no CREATE on schema public for PUBLIC",
        'SELECT, INSERT, UPDATE, DELETE on public."Manuals" for skymanuals_app',
        "SELECT, INSERT, UPDATE, DELETE on public.titles for skymanuals_app",
        'USAGE, SELECT on public."Manuals_id_seq" for skymanuals_app',
        "SELECT, INSERT, UPDATE, DELETE on tables to come for skymanuals_app",
        "USAGE, SELECT on sequences to come for skymanuals_app",
        "role skymanuals_app_b",
        "CONNECT on database skymanuals for skymanuals_app_b",
        "USAGE on schema public for skymanuals_app_b",
        'SELECT, INSERT, UPDATE, DELETE on public."Manuals" for skymanuals_app_b',
        "SELECT, INSERT, UPDATE, DELETE on public.titles for skymanuals_app_b",
        'USAGE, SELECT on public."Manuals_id_seq" for skymanuals_app_b',
        "SELECT, INSERT, UPDATE, DELETE on tables to come for skymanuals_app_b",
        "USAGE, SELECT on sequences to come for skymanuals_app_b",
        "password of role skymanuals_app",
      ],
      remaining: ["rights on public.foreign_table, which belongs to somebody"],
      pendingReboot: [],
    });
  });

  test("of two at once one finds everything made, and a later one too", () => {
    expect(results.map(({ changed }) => changed.length).sort((a, b) => a - b)).toEqual([0, 0, 20]);
  });

  test("the role may log in, eighty times at once, and nothing else", async () => {
    const rows = await postgres.query(
      `SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit
       FROM pg_roles WHERE rolname = 'skymanuals_app'`,
    );
    expect(rows).toEqual([[true, false, false, false, false, false, 80]]);
    expect(
      await postgres.query("SELECT count(*)::int FROM pg_auth_members WHERE member = 'skymanuals_app'::regrole"),
    ).toEqual([[0]]);
  });

  test("tables that were there can be read and written", async () => {
    await postgres.query(`INSERT INTO "Manuals" (title) VALUES ('MEL')`, app);
    await postgres.query(`UPDATE "Manuals" SET title = 'FCOM' WHERE title = 'AFM'`, app);
    expect(await postgres.query("SELECT title FROM titles ORDER BY title", app)).toEqual([["FCOM"], ["MEL"]]);
    await postgres.query(`DELETE FROM "Manuals" WHERE title = 'MEL'`, app);
  });

  test("so can tables that the master makes later", async () => {
    await postgres.query("CREATE TABLE later (id serial, note text)");
    await postgres.query("INSERT INTO later (note) VALUES ('x')", app);
    expect(await postgres.query("SELECT id, note FROM later", app)).toEqual([[1, "x"]]);
  });

  test("a similarity query uses its hnsw index", async () => {
    await postgres.query(`
      CREATE TABLE chunks (id serial PRIMARY KEY, embedding vector(3) NOT NULL);
      INSERT INTO chunks (embedding)
        SELECT ARRAY[sin(n), cos(n), n / 5000.0]::vector FROM generate_series(1, 5000) AS n;
      CREATE INDEX ON chunks USING hnsw (embedding vector_cosine_ops);
      ANALYZE chunks`);
    const query = "SELECT id FROM chunks ORDER BY embedding <=> '[0.84147,0.54030,0.0002]' LIMIT 1";
    expect(await postgres.query(query, app)).toEqual([[1]]);
    const plan = (await postgres.query(`EXPLAIN ${query}`, app)).flat().join("\n");
    expect(plan).toContain("Index Scan using chunks_embedding_idx on chunks");
  });

  test("pg_stat_statements counts, and holds no password", async () => {
    const statements = (await postgres.query("SELECT query FROM pg_stat_statements")).flat().join("\n");
    expect(statements).toContain(`ALTER ROLE "skymanuals_app" PASSWORD 'SCRAM-SHA-256$4096:`);
    expect(statements).not.toContain(appPassword);
    expect(statements).not.toContain(masterPassword);
  });

  test.each([
    ["CREATE TABLE mine (id int)", "permission denied for schema public"],
    ["CREATE SCHEMA mine", "permission denied for database skymanuals"],
    ['DROP TABLE "Manuals"', "must be owner of table Manuals"],
    ['ALTER TABLE "Manuals" ADD COLUMN extra text', "must be owner of table Manuals"],
    ['TRUNCATE "Manuals"', "permission denied for table Manuals"],
    ['CREATE INDEX ON "Manuals" (title)', "must be owner of table Manuals"],
    ["CREATE ROLE mine", "permission denied to create role"],
    ["ALTER ROLE skymanuals PASSWORD 'x'", "permission denied to alter role"],
    ["ALTER ROLE skymanuals_app SUPERUSER", "permission denied to alter role"],
    ["SET ROLE skymanuals", 'permission denied to set role "skymanuals"'],
    ["GRANT rds_superuser TO skymanuals_app", 'permission denied to grant role "rds_superuser"'],
    ["CREATE DATABASE mine", "permission denied to create database"],
    ["DROP DATABASE skymanuals", "must be owner of database skymanuals"],
    ["CREATE EXTENSION hstore", 'permission denied to create extension "hstore"'],
    ["DROP EXTENSION vector", "must be owner of extension vector"],
    ["ALTER SYSTEM SET work_mem = '1GB'", 'permission denied to set parameter "work_mem"'],
    ["SELECT * FROM pg_authid", "permission denied for table pg_authid"],
    ["SELECT * FROM internal.audit", "permission denied for schema internal"],
    ["SELECT * FROM foreign_table", "permission denied for table foreign_table"],
    ["SELECT pg_read_file('postgresql.conf')", "permission denied for function pg_read_file"],
    ["COPY \"Manuals\" TO '/tmp/manuals'", "permission denied to COPY to a file"],
    ["COPY \"Manuals\" FROM PROGRAM 'id'", "permission denied to COPY to or from an external program"],
    ["SELECT pg_stat_statements_reset()", "permission denied for function pg_stat_statements_reset"],
    ["SELECT pg_reload_conf()", "permission denied for function pg_reload_conf"],
  ])("the application may not: %s", async (statement, refusal) => {
    await expect(postgres.query(statement, app)).rejects.toThrow(refusal);
  });

  test("a wrong password is refused, and so is a connection without TLS", async () => {
    await expect(postgres.query("SELECT", { ...app, password: "wrong" })).rejects.toMatchObject({ code: "28P01" });
    await expect(postgres.connectInClear()).rejects.toMatchObject({ code: "28000" });
  });

  test("a server whose authority is none of RDS's, nor added by the environment, is given no password", async () => {
    await expect(connectOverTls(authorities({}))(postgres.login)).rejects.toThrow(/certificate/);
  });

  test("what somebody changed by hand is brought back", async () => {
    await postgres.query(`
      ALTER ROLE skymanuals_app CREATEDB CONNECTION LIMIT 5;
      GRANT pg_monitor TO skymanuals_app;
      REVOKE DELETE ON "Manuals" FROM skymanuals_app`);
    const { changed } = await run(postgres, vault, request(postgres, vault));
    expect(changed).toEqual([
      "attributes of role skymanuals_app: NOCREATEDB CONNECTION LIMIT 80",
      "no membership in pg_monitor for skymanuals_app",
      'SELECT, INSERT, UPDATE, DELETE on public."Manuals" for skymanuals_app',
    ]);
  });

  test("parameters that the running server has not taken yet wait for a reboot", async () => {
    const wanted = { ...parameters, shared_preload_libraries: "pg_stat_statements,auto_explain" };
    const { pendingReboot } = await run(postgres, vault, request(postgres, vault, { parameters: wanted }));
    expect(pendingReboot).toEqual(["shared_preload_libraries"]);
  });

  test("a rotation of the application's password reaches the database", async () => {
    const url = `postgresql://${app.user}:Rotated-2@localhost:${postgres.login.port}/skymanuals?sslmode=require`;
    const wanted = request(postgres, vault);
    const application = {
      ...wanted.application,
      password: vault.put("arn:application", "v2", "Rotated-2"),
      url: vault.put("arn:url", "v2", url),
    };
    const { changed } = await run(postgres, vault, { ...wanted, application });
    expect(changed).toEqual(["password of role skymanuals_app"]);
    await expect(postgres.query("SELECT", app)).rejects.toMatchObject({ code: "28P01" });
    await postgres.query("SELECT", { ...app, password: "Rotated-2" });
  });

  test("a URL with another password than the one stored fails, naming both secrets", async () => {
    const wanted = request(postgres, vault);
    const stale = {
      ...wanted.application,
      url: vault.put("arn:url", "v0", `postgresql://${app.user}:stale@localhost:${postgres.login.port}/skymanuals`),
    };
    await expect(run(postgres, vault, { ...wanted, application: stale })).rejects.toThrow(
      /refuses the URL in arn:url, version v0, .*arn:application.* Raise database.applicationPasswordVersion/,
    );
  });
});

describe("a master password that the database did not take", () => {
  let postgres: Postgres;
  const vault = new Vault();

  beforeAll(async () => {
    postgres = await Postgres.start({ username: "skymanuals", password: masterPassword, database: "skymanuals" });
    await run(postgres, vault, request(postgres, vault));
  }, startTimeout);

  afterAll(() => postgres?.stop());

  const withMaster = (password: SecretVersion): Request => {
    const wanted = request(postgres, vault);
    return { ...wanted, master: { ...wanted.master, password } };
  };
  const logsIn = (password: string) =>
    postgres.query("SELECT", { password }).then(
      () => true,
      () => false,
    );

  test("is set by means of the one before it, under the same number", async () => {
    const lost = vault.put(masterArn, "v2", "Lost-on-the-way-2");
    expect(await run(postgres, vault, withMaster(lost))).toMatchObject({ masterPassword: "restored", changed: [] });
    expect(await logsIn("Lost-on-the-way-2")).toBe(true);
    expect(await logsIn(masterPassword)).toBe(false);
    expect(await run(postgres, vault, withMaster(lost))).toMatchObject({ masterPassword: "accepted", changed: [] });
  });

  test("is set though several were lost in a row", async () => {
    vault.put(masterArn, "v3", "Lost-too-3");
    const last = vault.put(masterArn, "v4", "Last-4");
    expect(await run(postgres, vault, withMaster(last))).toMatchObject({ masterPassword: "restored" });
    expect(await logsIn("Last-4")).toBe(true);
  });

  test("that arrives while the login is tried is accepted: RDS applies it after it has answered", async () => {
    const late = vault.put(masterArn, "v5", "Late-5");
    const running = run(postgres, vault, withMaster(late));
    await new Promise((resolve) => setTimeout(resolve, 150));
    await postgres.setPassword("Late-5");
    expect(await running).toMatchObject({ masterPassword: "accepted" });
  });

  test("and that no version of the secret opens fails, naming secret and remedy, and no password", async () => {
    await postgres.setPassword("Nobody-knows-6");
    const stored = { arn: masterArn, versionId: "v5" };
    const failure = await run(postgres, vault, withMaster(stored)).catch((error: Error) => error.message);
    expect(failure).toMatch(
      /refuses user skymanuals with the password in arn:master, version v5, .*Raise database_password_version and apply again/,
    );
    expect(failure).not.toMatch(/Late-5|Last-4|Lost|Nobody/);
  });
});

test("a URL is read with whatever its password was escaped from", () => {
  const login: Login = { host: "h.example.com", port: 5432, database: "d", user: "u", password: "p %:?#[]" };
  expect(parseUrl(`postgresql://u:${encodeURIComponent(login.password)}@h.example.com:5432/d?sslmode=require`)).toEqual(
    login,
  );
});

test("the authorities are RDS's, and those of the file that NODE_EXTRA_CA_CERTS names", () => {
  const own = authorities({});
  expect(own.length).toBeGreaterThan(50);
  expect(own.every((pem) => pem.startsWith("-----BEGIN CERTIFICATE-----"))).toBe(true);
  expect(authorities({ NODE_EXTRA_CA_CERTS: __filename })).toHaveLength(own.length + 1);
});
