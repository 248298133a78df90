import { applicationUsers } from "../../facts/application-users";
import { type Application, asMaster, type DatabaseAccess, type Services } from "./bootstrap";
import type { Deployments, Service } from "./deployment";
import { canLogIn, revokeLogin } from "./sql";

/** What Terraform asks for once the service was told to deploy. It holds no secret, because the state keeps it. */
export interface RevocationRequest extends DatabaseAccess {
  readonly application: Application;
  /** The ECS service whose tasks log in with the URL. */
  readonly service: Service;
}

/** What was done. It holds no secret, because the state keeps it. */
export interface Revocation {
  /** The user that may log in no more; null where it could not before. */
  readonly revoked: string | null;
  /** Its sessions that were ended. */
  readonly endedSessions: number;
}

/**
 * Takes login and password from the user whose turn is over, once every task of the service has the current URL. Where nobody
 * has to be revoked, it looks at no deployment.
 * @throws Error where the deployment was rolled back, or does not end: both users may log in until the next run
 */
export async function revoke(
  request: RevocationRequest,
  services: Services,
  deployments: Deployments,
): Promise<Revocation> {
  const { application, service } = request;
  const { other } = applicationUsers(application.username, application.passwordVersion);
  const needed = await asMaster(request, services, (client) => canLogIn(client, other));
  if (!needed) {
    return { revoked: null, endedSessions: 0 };
  }
  // Without a connection meanwhile: this takes minutes.
  await deployments.waitFor(service, application.url);
  const endedSessions = await asMaster(request, services, (client) => revokeLogin(client, other));
  return { revoked: other, endedSessions };
}
