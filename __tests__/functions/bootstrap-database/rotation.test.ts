import type { Client } from "pg";
import { applicationUsers, longestApplicationUsername } from "../../../facts/application-users";
import { bootstrap, type Request, type Result, type Services } from "../../../functions/bootstrap-database/bootstrap";
import { connectOverTls } from "../../../functions/bootstrap-database/connect";
import type { Deployments } from "../../../functions/bootstrap-database/deployment";
import { accepts } from "../../../functions/bootstrap-database/login";
import { type Revocation, revoke } from "../../../functions/bootstrap-database/revoke";
import { Postgres } from "../../support/postgres";
import { Vault } from "../support/vault";

/** The virtual environment may have to be made first. */
const startTimeout = 600_000;
const master = { username: "skymanuals", password: "Master-password-1", database: "skymanuals" };

/** One environment: its database, its secrets, and what the service answers. */
class Environment {
  private readonly vault = new Vault();
  readonly waitedFor: unknown[] = [];
  /** What the service is found as: over, unless this throws. */
  deployment: () => void = () => {};
  private readonly services: Services;

  constructor(private readonly postgres: Postgres) {
    this.vault.put("arn:master", "v1", master.password);
    const connect = connectOverTls([postgres.authority]);
    this.services = { connect, secrets: this.vault, patience: { seconds: 0.5, intervalSeconds: 0.1 } };
  }

  /** What a task with this version of the password logs in with. */
  login(version: number) {
    return { user: version % 2 === 1 ? "skymanuals_app" : "skymanuals_app_b", password: `Password-${version}` };
  }

  /** The apply up to the service's deployment, with the password's version. */
  async apply(version: number): Promise<Result> {
    const { user, password } = this.login(version);
    const { host, port, database } = this.postgres.login;
    const url = `postgresql://${user}:${password}@${host}:${port}/${database}?sslmode=require`;
    this.vault.put("arn:application", `v${version}`, password);
    this.vault.put("arn:url", `v${version}`, url);
    return bootstrap(this.request(version), this.services);
  }

  /** The rest of the apply. */
  revoke(version: number): Promise<Revocation> {
    const deployments: Deployments = {
      waitFor: async (...waited) => {
        this.waitedFor.push(waited);
        this.deployment();
      },
    };
    const service = { cluster: "cluster", name: "api" };
    return revoke({ ...this.request(version), service }, this.services, deployments);
  }

  logsIn(version: number): Promise<boolean> {
    return accepts(this.services.connect, { ...this.postgres.login, ...this.login(version) }, this.services.patience);
  }

  connect(version: number): Promise<Client> {
    return this.postgres.connect(this.login(version));
  }

  private request(version: number): Request {
    const { host, port, database, user } = this.postgres.login;
    const versionId = `v${version}`;
    return {
      address: host,
      port,
      database,
      master: { username: user, password: { arn: "arn:master", versionId: "v1" } },
      application: {
        username: "skymanuals_app",
        passwordVersion: version,
        password: { arn: "arn:application", versionId },
        url: { arn: "arn:url", versionId },
        connectionLimit: 3,
      },
      parameters: { "rds.force_ssl": "1" },
    };
  }
}

test("odd versions are the first user's, even ones the other's, whose name PostgreSQL holds whole", () => {
  expect(applicationUsers("api", 1)).toEqual({ current: "api", other: "api_b" });
  expect(applicationUsers("api", 2)).toEqual({ current: "api_b", other: "api" });
  expect(applicationUsers("api", 3)).toEqual(applicationUsers("api", 1));
  expect(applicationUsers("x".repeat(longestApplicationUsername), 2).current).toHaveLength(63);
});

describe("a rotation of the application's password", () => {
  let postgres: Postgres;
  let environment: Environment;

  beforeAll(async () => {
    postgres = await Postgres.start(master);
    environment = new Environment(postgres);
    await postgres.query("CREATE TABLE manuals (id int)");
    await environment.apply(1);
  }, startTimeout);

  afterAll(() => postgres?.stop());

  test("before it, one user may log in, the other has neither login nor password, and nobody is revoked", async () => {
    expect(await environment.logsIn(1)).toBe(true);
    expect(
      await postgres.query(
        "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'skymanuals_app%' ORDER BY rolname",
      ),
    ).toEqual([
      ["skymanuals_app", true],
      ["skymanuals_app_b", false],
    ]);
    expect(await environment.revoke(1)).toEqual({ revoked: null, endedSessions: 0 });
    expect(environment.waitedFor).toEqual([]);
  });

  test("in the middle of it, tasks with the old password open connections and work, and so do new ones", async () => {
    const { changed } = await environment.apply(2);
    expect(changed).toEqual(["attributes of role skymanuals_app_b: LOGIN", "password of role skymanuals_app_b"]);
    await postgres.query("INSERT INTO manuals VALUES (1)", environment.login(1));
    await postgres.query("INSERT INTO manuals VALUES (2)", environment.login(2));
    expect(await postgres.query("SELECT id FROM manuals ORDER BY id", environment.login(1))).toEqual([[1], [2]]);
  });

  test("what the migrations make meanwhile is both users', and neither owns anything", async () => {
    await postgres.query("CREATE TABLE later (id serial)");
    for (const version of [1, 2]) {
      await postgres.query("INSERT INTO later DEFAULT VALUES", environment.login(version));
    }
    for (const version of [1, 2]) {
      await expect(postgres.query("CREATE TABLE mine (id int)", environment.login(version))).rejects.toThrow(
        "permission denied for schema public",
      );
    }
    expect(
      await postgres.query("SELECT count(*)::int FROM pg_class WHERE relowner::regrole::text LIKE 'skymanuals_app%'"),
    ).toEqual([[0]]);
  });

  test("a deployment that was rolled back revokes nobody: the revision that runs again logs in", async () => {
    environment.deployment = () => {
      throw new Error("rolled back");
    };
    await expect(environment.revoke(2)).rejects.toThrow("rolled back");
    expect([await environment.logsIn(1), await environment.logsIn(2)]).toEqual([true, true]);
    // The next apply repeats both.
    expect(await environment.apply(2)).toMatchObject({ changed: [] });
    expect([await environment.logsIn(1), await environment.logsIn(2)]).toEqual([true, true]);
  });

  test("two versions further, which the running tasks' user would get, are refused while they are connected", async () => {
    const task = await environment.connect(1);
    await expect(environment.apply(3)).rejects.toThrow(
      /^User skymanuals_app of the database localhost has 1 open sessions, and an earlier password from arn:application: .* set database.applicationPasswordVersion to a number of the other user, 4 for example, and apply again\.$/,
    );
    await task.query("SELECT");
    await task.end();
    expect(await environment.logsIn(1)).toBe(true);
  });

  test("after the deployment the old user is revoked, its sessions end, and the new one's go on", async () => {
    environment.deployment = () => {};
    environment.waitedFor.length = 0;
    const [old, current] = [await environment.connect(1), await environment.connect(2)];
    expect(await environment.revoke(2)).toEqual({ revoked: "skymanuals_app", endedSessions: 1 });
    expect(environment.waitedFor).toEqual([
      [
        { cluster: "cluster", name: "api" },
        { arn: "arn:url", versionId: "v2" },
      ],
    ]);
    await expect(old.query("SELECT")).rejects.toThrow();
    await current.query("SELECT");
    await current.end();
    expect([await environment.logsIn(1), await environment.logsIn(2)]).toEqual([false, true]);
    expect(await environment.revoke(2)).toEqual({ revoked: null, endedSessions: 0 });
  });

  test("the next rotation gives the first user its turn again", async () => {
    await environment.apply(3);
    expect([await environment.logsIn(2), await environment.logsIn(3)]).toEqual([true, true]);
    expect(await environment.revoke(3)).toMatchObject({ revoked: "skymanuals_app_b" });
    expect([await environment.logsIn(1), await environment.logsIn(2), await environment.logsIn(3)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("a password that somebody changed by hand is set again, though tasks are connected", async () => {
    const task = await environment.connect(3);
    await postgres.query("ALTER ROLE skymanuals_app PASSWORD 'By-hand'");
    expect(await environment.apply(3)).toMatchObject({ changed: ["password of role skymanuals_app"] });
    await task.end();
    expect(await environment.logsIn(3)).toBe(true);
  });

  test("a URL of the user whose turn it is not is refused", async () => {
    jest.spyOn(environment, "login").mockReturnValueOnce({ user: "skymanuals_app", password: "Password-3" });
    await expect(environment.apply(4)).rejects.toThrow(/whose user is not skymanuals_app_b/);
  });
});

test(
  "a deployment of before, whose one user has an even version, gets the other user with the same password",
  async () => {
    const postgres = await Postgres.start(master);
    try {
      const environment = new Environment(postgres);
      await postgres.query("CREATE ROLE skymanuals_app LOGIN PASSWORD 'Password-2'");
      const { changed } = await environment.apply(2);
      expect(changed).toContain("password of role skymanuals_app_b");
      const before = { user: "skymanuals_app", password: "Password-2" };
      await postgres.query("SELECT", before);
      expect(await environment.revoke(2)).toMatchObject({ revoked: "skymanuals_app" });
      await expect(postgres.query("SELECT", before)).rejects.toMatchObject({ code: expect.stringMatching(/^28/) });
      expect(await environment.logsIn(2)).toBe(true);
    } finally {
      await postgres.stop();
    }
  },
  startTimeout,
);

describe("a server that takes no more connections (SQLSTATE 53300)", () => {
  let postgres: Postgres;
  let environment: Environment;
  let sessions: Client[] = [];

  beforeAll(async () => {
    postgres = await Postgres.start({
      ...master,
      parameters: {
        "rds.force_ssl": "1",
        max_connections: "12",
        superuser_reserved_connections: "0",
        autovacuum: "off",
      },
    });
    environment = new Environment(postgres);
    await postgres.query("CREATE ROLE somebody LOGIN PASSWORD 'Somebody-1'");
    await environment.apply(1).catch(() => {});
  }, startTimeout);

  afterEach(async () => {
    for (const session of sessions) {
      await session.end();
    }
    sessions = [];
  });
  afterAll(() => postgres?.stop());

  const open = async (connect: () => Promise<Client>) => {
    for (;;) {
      sessions.push(await connect());
    }
  };
  const wrong = { user: "skymanuals_app", password: "wrong" };
  const check = (login: { user: string; password: string }, seconds = 0.3) =>
    accepts(connectOverTls([postgres.authority]), { ...postgres.login, ...login }, { seconds, intervalSeconds: 0.1 });

  test("at the user's own limit proves the password, and no wrong one", async () => {
    await expect(open(() => environment.connect(1))).rejects.toMatchObject({ code: "53300" });
    expect(sessions).toHaveLength(3);
    expect(await check(environment.login(1))).toBe(true);
    expect(await check(wrong)).toBe(false);
  });

  test("when it is full, proves nothing: neither the right password nor a wrong one is answered", async () => {
    await expect(open(() => postgres.connect({ user: "somebody", password: "Somebody-1" }))).rejects.toMatchObject({
      code: "53300",
    });
    for (const login of [environment.login(1), wrong]) {
      await expect(check(login)).rejects.toMatchObject({ code: "53300" });
    }
  });

  test("and is asked again until it has room", async () => {
    await expect(open(() => postgres.connect({ user: "somebody", password: "Somebody-1" }))).rejects.toThrow();
    const answers = Promise.all([check(environment.login(1), 10), check(wrong, 10)]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const session of sessions.splice(0)) {
      await session.end();
    }
    expect(await answers).toEqual([true, false]);
  });
});
