import { check, type Request } from "../../../functions/check-redis/check";
import { Unavailable } from "../../../functions/check-redis/redis";
import type { Strategy } from "../../../functions/check-redis/replication-group";
import { Vault } from "../support/vault";

/** A cache behind ElastiCache's rules: two tokens at most, and SET for a token that was added. */
class Cache {
  /** Newest last; undefined is access without a token. */
  accepted: (string | undefined)[];
  readonly changes: [string, Strategy][] = [];
  /** Answers that are still those of before. */
  late = 0;
  refuses: Error | undefined;
  unavailable = 0;

  constructor(...accepted: (string | undefined)[]) {
    this.accepted = accepted;
  }

  readonly ping = async (_: unknown, token: string | undefined) => {
    if (this.unavailable-- > 0) {
      throw new Unavailable("not yet");
    }
    return this.accepted.includes(token) ? "accepted" : "refused";
  };

  async modifyToken(token: string, strategy: Strategy): Promise<void> {
    this.changes.push([token, strategy]);
    if (this.refuses) {
      throw this.refuses;
    }
    if (strategy === "SET" && !this.accepted.includes(token)) {
      throw new Error("SET is allowed only after ROTATE");
    }
    const last = this.accepted.at(-1);
    this.accepted = strategy === "SET" ? [token] : [last, token];
  }
}

function run(cache: Cache, strategy: Strategy, tokens: readonly string[] = ["t1"], changes: Partial<Request> = {}) {
  const vault = new Vault();
  tokens.forEach((token, index) => {
    vault.put("arn:token", `v${index + 1}`, token);
    vault.put("arn:url", `v${index + 1}`, `rediss://:${token}@cache:6379`);
  });
  const versionId = `v${tokens.length}`;
  const request: Request = {
    replicationGroupId: "redis",
    address: "cache",
    port: 6379,
    token: { arn: "arn:token", versionId },
    url: { arn: "arn:url", versionId },
    strategy,
    ...changes,
  };
  const patience = { seconds: 0.1, intervalSeconds: 0.01 };
  return check(request, { ping: cache.ping, secrets: vault, group: cache, patience });
}

test.each<Strategy>(["SET", "ROTATE"])("a new cache with its token is left as it is, under %s", async (strategy) => {
  const cache = new Cache("t1");
  expect(await run(cache, strategy)).toEqual({ token: "accepted", besides: [] });
  expect(cache.changes).toEqual([]);
});

test("a cache that is not there yet is waited for", async () => {
  const cache = new Cache("t1");
  cache.unavailable = 2;
  expect(await run(cache, "ROTATE")).toMatchObject({ token: "accepted" });
});

test("in the middle of a rotation both tokens are accepted, and the result says so", async () => {
  const cache = new Cache("t1", "t2");
  expect(await run(cache, "ROTATE", ["t1", "t2"])).toEqual({ token: "accepted", besides: ["the token in version v1"] });
  expect(cache.changes).toEqual([]);
});

describe("a token that ElastiCache refused, and Terraform holds for applied", () => {
  test("is added under ROTATE, and the earlier one still logs in", async () => {
    const cache = new Cache("t1");
    expect(await run(cache, "ROTATE", ["t1", "t2"])).toEqual({
      token: "restored",
      besides: ["the token in version v1"],
    });
    expect(cache.changes).toEqual([["t2", "ROTATE"]]);
    expect(await run(cache, "ROTATE", ["t1", "t2"])).toMatchObject({ token: "accepted" });
  });

  test("is added by ROTATE under SET too: tasks that run hold the earlier one", async () => {
    const cache = new Cache("t1");
    expect(await run(cache, "SET", ["t1", "t2"])).toEqual({ token: "restored", besides: ["the token in version v1"] });
    expect(cache.accepted).toEqual(["t1", "t2"]);
  });

  test("fails the run in ElastiCache's words when it is refused again, and heals on the next", async () => {
    const cache = new Cache("t1");
    cache.refuses = new Error("the token is too similar");
    await expect(run(cache, "ROTATE", ["t1", "t2"])).rejects.toThrow("the token is too similar");
    cache.refuses = undefined;
    expect(await run(cache, "ROTATE", ["t1", "t2"])).toMatchObject({ token: "restored" });
  });

  test("and does not log in all the same fails, naming secret and remedy, and no token", async () => {
    const cache = new Cache("t1");
    cache.modifyToken = async () => {};
    const failure = await run(cache, "ROTATE", ["t1", "t2"]).catch((error: Error) => error.message);
    expect(failure).toMatch(
      /refuses the token in arn:token, version v2, also after ROTATE\. .*raise redis.authTokenVersion/,
    );
    expect(failure).not.toMatch(/t1|t2/);
  });
});

describe("SET", () => {
  test("that did not reach the cache is made up for: the earlier token logs in no more", async () => {
    const cache = new Cache("t1", "t2");
    expect(await run(cache, "SET", ["t1", "t2"])).toEqual({ token: "accepted", besides: [] });
    expect(cache.changes).toEqual([["t2", "SET"]]);
    expect(cache.accepted).toEqual(["t2"]);
  });

  test("closes access without a token, which ROTATE leaves open on a cache that had none", async () => {
    const cache = new Cache(undefined, "t1");
    expect(await run(cache, "ROTATE")).toEqual({ token: "accepted", besides: ["clients without a token"] });
    expect(await run(cache, "SET")).toEqual({ token: "accepted", besides: [] });
    expect(cache.accepted).toEqual(["t1"]);
  });

  test("that is not heeded fails", async () => {
    const cache = new Cache("t1", "t2");
    cache.modifyToken = async () => {};
    await expect(run(cache, "SET", ["t1", "t2"])).rejects.toThrow("accepts the token in version v1 after SET");
  });
});

test("a URL with another token or address than those stored fails, naming both secrets", async () => {
  await expect(run(new Cache("t1"), "SET", ["t1"], { address: "other" })).rejects.toThrow(
    /^The URL in arn:url, version v1, is not that of other:6379 with the token in arn:token, version v1\. Raise/,
  );
});
