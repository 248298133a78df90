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

export function handler(request: Request): Promise<Result> {
  return bootstrap(request, services);
}
