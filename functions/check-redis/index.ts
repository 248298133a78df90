import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SecretsManager } from "../parts/secrets";
import { check, type Request, type Result } from "./check";
import { ping } from "./redis";
import { ElastiCacheGroup } from "./replication-group";

const patience = { seconds: 30, intervalSeconds: 2 };
const elastiCache = new ElastiCacheClient({});
const secrets = new SecretsManager(new SecretsManagerClient({}), patience);

/** Within the function's 15 minutes: a change of a token takes some minutes. */
const changes = { seconds: 300, intervalSeconds: 5 };

export async function handler(request: Request): Promise<Result> {
  const group = new ElastiCacheGroup(elastiCache, request.replicationGroupId, changes);
  return check(request, { ping, secrets, group, patience });
}
