import { type ElastiCacheClient, ModifyReplicationGroupCommand } from "@aws-sdk/client-elasticache";
import { ElastiCacheGroup } from "../../../functions/check-redis/replication-group";
import { answering } from "../support/answering";

/** Answers one after another, of which errors are thrown. */
function group(...answers: readonly unknown[]) {
  const { commands, send } = answering(answers);
  const client = { send } as unknown as ElastiCacheClient;
  return { commands, redis: new ElastiCacheGroup(client, "redis", { seconds: 0.3, intervalSeconds: 0.01 }) };
}

const named = (name: string) => Object.assign(new Error(name), { name });
const status = (text: string) => ({ ReplicationGroups: [{ Status: text }] });

test("the token is sent with its strategy, at once, and the change is waited for", async () => {
  const { commands, redis } = group({}, status("modifying"), status("available"));
  await redis.modifyToken("token", "ROTATE");
  expect(commands).toHaveLength(3);
  expect(commands[0]).toBeInstanceOf(ModifyReplicationGroupCommand);
  expect(commands[0]?.input).toEqual({
    ReplicationGroupId: "redis",
    AuthToken: "token",
    AuthTokenUpdateStrategy: "ROTATE",
    ApplyImmediately: true,
  });
});

test("a group that another change is made to, and a policy that does not hold yet, are waited for", async () => {
  const { commands, redis } = group(
    named("AccessDenied"),
    named("InvalidReplicationGroupState"),
    {},
    status("available"),
  );
  await redis.modifyToken("token", "SET");
  expect(commands).toHaveLength(4);
});

test("a refusal is not tried again; a change that does not end says what to do", async () => {
  const refused = group(named("InvalidParameterValue"));
  await expect(refused.redis.modifyToken("token", "SET")).rejects.toThrow("InvalidParameterValue");
  expect(refused.commands).toHaveLength(1);
  const { redis } = group({}, ...Array.from({ length: 100 }, () => status("modifying")));
  await expect(redis.modifyToken("token", "SET")).rejects.toThrow(
    "the replication group redis is modifying: apply again when it is available",
  );
});
