import { ECSClient } from "@aws-sdk/client-ecs";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SecretsManager } from "../parts/secrets";
import { bootstrap, type Request, type Result } from "./bootstrap";
import { authorities, connectOverTls } from "./connect";
import { Ecs } from "./deployment";
import { type Revocation, type RevocationRequest, revoke } from "./revoke";

const patience = { seconds: 30, intervalSeconds: 2 };
const services = {
  connect: connectOverTls(authorities(process.env)),
  secrets: new SecretsManager(new SecretsManagerClient({}), patience),
  patience,
};
/** Within the function's 15 minutes. */
const deployments = new Ecs(new ECSClient({}), { seconds: 780, intervalSeconds: 5 });

/**
 * @throws Error also where the application would lack something: it must not be deployed with fewer rights than it needs
 */
export async function handler(request: Request | RevocationRequest): Promise<Result | Revocation> {
  if ("service" in request) {
    return revoke(request, services, deployments);
  }
  const result = await bootstrap(request, services);
  if (result.remaining.length > 0) {
    throw new Error(
      `The application's users lack ${result.remaining.join("; ")}. Grant it to both as their owner, or make them the master ` +
        "user's (ALTER TABLE ... OWNER TO), and apply again.",
    );
  }
  return result;
}
