import {
  type Deployment,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
} from "@aws-sdk/client-ecs";
import { type Patience, patiently } from "../parts/patience";
import type { SecretVersion } from "../parts/secrets";

/** An ECS service. */
export interface Service {
  readonly cluster: string;
  readonly name: string;
}

export interface Deployments {
  /**
   * Returns when every task of the service has this version of a secret, and there is nothing that a deployment could be rolled
   * back to.
   * @throws Error where the service was rolled back to tasks without it, where its deployment failed, or does not end in time
   */
  waitFor(service: Service, secret: SecretVersion): Promise<void>;
}

class UnderWay extends Error {}

export class Ecs implements Deployments {
  constructor(
    private readonly client: ECSClient,
    private readonly patience: Patience,
  ) {}

  async waitFor(service: Service, secret: SecretVersion): Promise<void> {
    const passes = (error: unknown) => error instanceof UnderWay || isDenied(error);
    await patiently(this.patience, passes, () => this.check(service, secret));
  }

  private async check({ cluster, name }: Service, secret: SecretVersion): Promise<void> {
    const { services = [] } = await this.client.send(new DescribeServicesCommand({ cluster, services: [name] }));
    const deployments = services[0]?.deployments ?? [];
    const primary = deployments.find(({ status }) => status === "PRIMARY");
    if (!primary) {
      throw new Error(`The cluster ${cluster} has no service ${name} with a deployment.`);
    }
    const both = "Both users of the database may log in until then.";
    if (!(await this.holds(primary, secret))) {
      throw new Error(
        `The tasks of ${name} have another version of ${secret.arn} than ${secret.versionId}: ECS rolled the deployment back ` +
          `(${primary.rolloutStateReason ?? "it gives no reason"}). Mend the revision and apply again. ${both}`,
      );
    }
    const reason = (primary.rolloutStateReason ?? primary.rolloutState ?? "ECS gives no reason").replace(/\.$/, "");
    const others = deployments.filter((deployment) => deployment !== primary && hasTasks(deployment));
    if (primary.rolloutState === "FAILED" && others.length > 0) {
      throw new Error(`The deployment of ${name} failed: ${reason}. Mend it and apply again. ${both}`);
    }
    // One that failed alone, as with the first image missing, has no revision with another version to go back to.
    if (!["COMPLETED", "FAILED"].includes(primary.rolloutState ?? "") || others.length > 0) {
      throw new UnderWay(`The deployment of ${name} is not over: ${reason}. Apply again when it is. ${both}`);
    }
  }

  private async holds({ taskDefinition }: Deployment, { arn, versionId }: SecretVersion): Promise<boolean> {
    const answer = await this.client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    const secrets = (answer.taskDefinition?.containerDefinitions ?? []).flatMap(({ secrets = [] }) => secrets);
    return secrets.some(({ valueFrom }) => valueFrom === `${arn}:::${versionId}`);
  }
}

function hasTasks({ desiredCount = 0, runningCount = 0, pendingCount = 0 }: Deployment): boolean {
  return desiredCount + runningCount + pendingCount > 0;
}

/** A policy that was written a moment ago does not hold everywhere yet. */
function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name === "AccessDeniedException";
}
