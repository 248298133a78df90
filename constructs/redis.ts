import { DataAwsSsmParametersByPath } from "@cdktf/provider-aws/lib/data-aws-ssm-parameters-by-path";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheSubnetGroup } from "@cdktf/provider-aws/lib/elasticache-subnet-group";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Fn, type TerraformResourceLifecycle } from "cdktf";
import { Construct } from "constructs";
import type { Alerting } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";
import { ComposedSecret, GeneratedSecret } from "./parts/secret";
import { RedisAlarms } from "./redis-alarms";
import type { Vpc } from "./vpc";

export interface RedisProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  /** Security groups whose members may connect. */
  readonly clients: readonly SecurityGroup[];
  /** The variable `redis_node_type`. */
  readonly nodeType: string;
  /** Days, 0 to 35; 0 takes no snapshots. */
  readonly snapshotRetentionDays: number;
  /**
   * ROTATE keeps accepting what was accepted before, the previous token or none; SET accepts the current token only. To
   * rotate while tasks run: raise the version with ROTATE, and set SET once the new tasks have replaced the old. Terraform refuses
   * to plan a raised version under SET.
   */
  readonly authTokenUpdateStrategy: "SET" | "ROTATE";
  /** Raise it to rotate the token. */
  readonly authTokenVersion: number;
  /** Terraform refuses to plan the destruction of the replication group. */
  readonly preventDestroy: boolean;
  /** Days in which a deleted secret can be restored: 0, or 7 to 30. */
  readonly secretRecoveryDays: number;
  readonly alerting: Alerting;
}

/** Nodes of the group: the primary and one replica. */
const nodes = 2;

/** As AWS names them. Source: Amazon ElastiCache User Guide, "Finding connection endpoints". */
export function redisNodes(replicationGroupId: string): string[] {
  return Array.from({ length: nodes }, (_, index) => `${replicationGroupId}-${String(index + 1).padStart(3, "0")}`);
}

/**
 * redis.tf: the session cache. Holds data (sessions; daily snapshots).
 *
 * The token's home is the secret `<prefix>/redis-auth-token`. The provider has no write-only argument for it, so it is in
 * the state, marked sensitive.
 *
 * The provider records a token as applied that ElastiCache refused, and does not read it back: RedisCheck logs in with it.
 */
export class Redis extends Construct {
  readonly authToken: GeneratedSecret;
  /** `rediss://:token@host:port`. */
  readonly url: ComposedSecret;
  readonly replicationGroup: ElasticacheReplicationGroup;
  readonly authTokenUpdateStrategy: "SET" | "ROTATE";

  constructor(scope: Construct, id: string, props: RedisProps) {
    super(scope, id);
    const { network } = props;
    const { prefix, environment, keys } = props.deployment;

    const subnetGroup = new ElasticacheSubnetGroup(this, "aws_elasticache_subnet_group.skymanuals", {
      name: `${prefix}-cache-subnet`,
      subnetIds: network.privateSubnetIds,
    });

    const securityGroup = new SecurityGroup(this, "aws_security_group.redis", {
      namePrefix: `${prefix}-redis-`,
      vpcId: network.vpc.id,
      ingress: [
        { fromPort: 6379, toPort: 6379, protocol: "tcp", securityGroups: props.clients.map((client) => client.id) },
      ],
      lifecycle: { createBeforeDestroy: true },
    });

    this.authToken = new GeneratedSecret(this, "redis_auth_token", {
      name: `${prefix}/redis-auth-token`,
      description: "REDIS_PASSWORD of the API",
      recoveryDays: props.secretRecoveryDays,
      key: keys?.secrets,
      version: props.authTokenVersion,
      length: 64,
    });

    const parameterPath = `/${prefix}/redis/auth-token`;
    this.replicationGroup = new ElasticacheReplicationGroup(this, "aws_elasticache_replication_group.redis", {
      replicationGroupId: `${prefix}-redis`,
      description: "Redis cluster for SkyManuals",
      nodeType: props.nodeType,
      port: 6379,
      parameterGroupName: "default.redis7",
      // The documented file pins no version, so that AWS's default decides.
      engineVersion: "7.1",
      numCacheClusters: nodes,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      subnetGroupName: subnetGroup.name,
      securityGroupIds: [securityGroup.id],
      atRestEncryptionEnabled: "true",
      kmsKeyId: keys?.data?.arn,
      transitEncryptionEnabled: true,
      // Without a token, whoever reaches the port reads every session.
      authToken: this.authToken.readIntoState(),
      authTokenUpdateStrategy: props.authTokenUpdateStrategy,
      snapshotRetentionLimit: props.snapshotRetentionDays,
      snapshotWindow: "02:00-03:00",
      // Stated: AWS would choose one that may overlap the snapshots, which it refuses.
      maintenanceWindow: "sun:05:00-sun:06:00",
      // A token is never changed in the maintenance window: the URL and the cache would disagree until then.
      applyImmediately: true,
      tags: { Name: `${prefix}-redis`, Environment: environment },
      lifecycle: {
        preventDestroy: props.preventDestroy,
        precondition:
          props.authTokenUpdateStrategy === "SET"
            ? [this.versionIsApplied(parameterPath, props.authTokenVersion)]
            : undefined,
      },
    });

    new SsmParameter(this, "aws_ssm_parameter.redis_auth_token_version", {
      name: `${parameterPath}/version`,
      description: "Version of the cache's token that was applied last",
      type: "String",
      insecureValue: String(props.authTokenVersion),
      tags: { Name: `${prefix}-redis-auth-token-version` },
      dependsOn: [this.replicationGroup],
    });

    const address = this.replicationGroup.primaryEndpointAddress;
    this.url = new ComposedSecret(this, "redis_url", {
      name: `${prefix}/redis-url`,
      description: "REDIS_URL of the API",
      recoveryDays: props.secretRecoveryDays,
      key: keys?.secrets,
      version: props.authTokenVersion,
      // rediss: the group accepts TLS only.
      value: `rediss://:${this.authToken.readEphemeral()}@${address}:6379`,
      parts: { address },
    });

    this.authTokenUpdateStrategy = props.authTokenUpdateStrategy;
    new RedisAlarms(this, "alarms", {
      alerting: props.alerting,
      nodes: redisNodes(this.replicationGroup.replicationGroupId),
      nodeType: props.nodeType,
    });
    new Output(
      this,
      "redis_replication_group",
      this.replicationGroup.replicationGroupId,
      "ElastiCache group of the cache",
    );
    new Output(this, "redis_url_secret_arn", this.url.arn, "Secrets Manager secret that holds REDIS_URL");
  }

  /**
   * Known when Terraform plans: a parameter holds the version that was applied last, and is written once the group has it. It is
   * looked for under its path, without a reference: Terraform reads what refers to a changed resource after the plan only.
   */
  private versionIsApplied(parameterPath: string, version: number): Precondition {
    const { values } = new DataAwsSsmParametersByPath(this, "data.aws_ssm_parameters_by_path.redis_auth_token", {
      path: parameterPath,
    });
    const applied = Fn.join("", Fn.nonsensitive(values));
    return {
      // Empty before the first apply.
      condition: `\${contains(["", "${version}"], ${applied})}`,
      errorMessage:
        `redis.authTokenVersion goes from ${applied} to ${version} while redis.authTokenUpdateStrategy is SET, which would lock out ` +
        'every task that runs. Set "ROTATE", apply, wait until the service is deployed, set "SET" and apply again: docs/rotation.md.',
    };
  }
}

type Precondition = NonNullable<TerraformResourceLifecycle["precondition"]>[number];
