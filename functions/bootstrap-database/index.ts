import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { bootstrap, type Request, type Result } from "./bootstrap";
import { authorities, connectOverTls } from "./connect";
import { SecretsManager } from "./secrets";

const patience = { seconds: 30, intervalSeconds: 2 };
const services = {
  connect: connectOverTls(authorities(process.env)),
  secrets: new SecretsManager(new SecretsManagerClient({}), patience),
  patience,
};

/** @throws Error also where the application would lack something: it must not be deployed with fewer rights than it needs. */
export async function handler(request: Request): Promise<Result> {
  const result = await bootstrap(request, services);
  if (result.remaining.length > 0) {
    throw new Error(
      `The application's user ${request.application.username} lacks ${result.remaining.join("; ")}. Grant it as their owner, ` +
        "or make them the master user's (ALTER TABLE ... OWNER TO), and apply again.",
    );
  }
  return result;
}
