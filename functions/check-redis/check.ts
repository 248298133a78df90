import { type Patience, patiently } from "../parts/patience";
import type { Secrets, SecretVersion } from "../parts/secrets";
import { type Ping, Unavailable } from "./redis";
import type { ReplicationGroup, Strategy } from "./replication-group";

/** What Terraform asks for. It holds no secret, because the state keeps it. */
export interface Request {
  readonly replicationGroupId: string;
  readonly address: string;
  readonly port: number;
  readonly token: SecretVersion;
  /** The connection URL that the application gets. */
  readonly url: SecretVersion;
  readonly strategy: Strategy;
}

/** What was done and found. It holds no secret, because the state keeps it. */
export interface Result {
  /** `restored`: the cache did not have the stored token, and was given it. */
  readonly token: "accepted" | "restored";
  /** What the cache accepts besides: earlier tokens, or clients without one. Always nothing under SET, unless the token was restored. */
  readonly besides: readonly string[];
}

export interface Services {
  readonly ping: Ping;
  readonly secrets: Secrets;
  readonly group: ReplicationGroup;
  readonly patience: Patience;
}

/**
 * Logs in to the cache with what Secrets Manager stores, before the application gets it. Where the cache refuses the token,
 * ElastiCache did not take it when Terraform sent it, and Terraform would not send it again: it is added by ROTATE, which locks
 * nobody out. Under SET, what is accepted besides is taken away. Safe to run again.
 * @throws Error naming secret and remedy where the cache refuses the token all the same, or does not let go of an earlier one
 */
export async function check(request: Request, services: Services): Promise<Result> {
  const { address, port, url, strategy } = request;
  const { secrets, group } = services;
  const token = await secrets.value(request.token);
  if ((await secrets.value(url)) !== `rediss://:${token}@${address}:${port}`) {
    throw new Error(
      `The URL in ${url.arn}, version ${url.versionId}, is not that of ${address}:${port} with the token in ` +
        `${request.token.arn}, version ${request.token.versionId}. Raise redis.authTokenVersion under ROTATE and apply again.`,
    );
  }
  if (await becomes("accepted", request, services, token)) {
    let besides = await findBesides(request, services);
    if (strategy === "SET" && besides.length > 0) {
      await group.modifyToken(token, "SET");
      besides = await findBesides(request, services);
      if (besides.length > 0) {
        throw new Error(`The cache ${address} accepts ${besides.join(", ")} after SET. Apply again.`);
      }
    }
    return { token: "accepted", besides };
  }
  await group.modifyToken(token, "ROTATE");
  if (!(await becomes("accepted", request, services, token))) {
    throw new Error(
      `The cache ${address} refuses the token in ${request.token.arn}, version ${request.token.versionId}, also after ROTATE. ` +
        "Apply again; if it stays so, raise redis.authTokenVersion under ROTATE.",
    );
  }
  // Not SET: tasks that run may hold the earlier token.
  return { token: "restored", besides: await findBesides(request, services) };
}

/** What else logs in, once the time is over in which ElastiCache takes it away. */
async function findBesides(request: Request, services: Services): Promise<string[]> {
  const besides: string[] = [];
  const found = async (name: string, token: string | undefined) => {
    const gone = request.strategy === "SET" ? await becomes("refused", request, services, token) : false;
    if (!gone && (await becomes("accepted", request, services, token, { seconds: 0, intervalSeconds: 0 }))) {
      besides.push(name);
    }
  };
  await found("clients without a token", undefined);
  for (const earlier of await services.secrets.others(request.token)) {
    await found(`the token in version ${earlier.versionId}`, await services.secrets.value(earlier));
  }
  return besides;
}

class NotYet extends Error {}

/** Whether the cache comes to this answer: ElastiCache changes the tokens of nodes one by one. */
async function becomes(
  wanted: "accepted" | "refused",
  { address: host, port }: Request,
  { ping, patience }: Services,
  token: string | undefined,
  patiencePerAnswer = patience,
): Promise<boolean> {
  try {
    await patiently(
      patiencePerAnswer,
      (error) => error instanceof NotYet || error instanceof Unavailable,
      async () => {
        if ((await ping({ host, port }, token)) !== wanted) {
          throw new NotYet();
        }
      },
    );
    return true;
  } catch (error) {
    if (error instanceof NotYet) {
      return false;
    }
    throw error;
  }
}
