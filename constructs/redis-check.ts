import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Fn, type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import type { Deployment } from "./parts/deployment";
import { keyStatements } from "./parts/key";
import { NodeFunction } from "./parts/node-function";
import { Output } from "./parts/output";
import type { Redis } from "./redis";
import type { Vpc } from "./vpc";

export interface RedisCheckProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  readonly redis: Redis;
}

/**
 * Logs in to the cache with the stored token when this is applied, and again whenever the token, its strategy, the cache or the
 * function itself has changed. A function in the VPC gives the cache the token where it does not have it, and takes away what it
 * accepts besides under SET. An apply fails whose token did not reach the cache; the next apply repeats it.
 */
export class RedisCheck extends Construct {
  /** What logs in to the cache depends on these. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: RedisCheckProps) {
    super(scope, id);
    const { authToken, url, replicationGroup, authTokenUpdateStrategy } = props.redis;

    const { lambda } = new NodeFunction(this, "check_redis", {
      deployment: props.deployment,
      description: "Logs in to the cache with the stored token",
      source: "check-redis",
      network: props.network,
      securityGroup: props.securityGroup,
      environmentVariables: {},
      statements: [
        { Sid: "ReadSecrets", Action: ["secretsmanager:GetSecretValue"], Resource: [authToken.arn, url.arn] },
        ...keyStatements(props.deployment.keys?.secrets, "read", "DecryptSecrets", "secretsmanager"),
        // To find tokens that should log in no more.
        { Sid: "FindEarlierTokens", Action: ["secretsmanager:ListSecretVersionIds"], Resource: [authToken.arn] },
        {
          Sid: "ChangeToken",
          Action: ["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"],
          Resource: [replicationGroup.arn],
        },
      ],
      // Two changes of the token, of some minutes each.
      timeoutSeconds: 900,
      memoryMiB: 512,
      dependsOn: [...props.network.egress],
    });

    const invocation = new LambdaInvocation(this, "aws_lambda_invocation.check_redis", {
      functionName: lambda.functionName,
      lifecycleScope: "CREATE_ONLY",
      // No secret: input and result are in the state.
      input: Fn.jsonencode({
        replicationGroupId: replicationGroup.replicationGroupId,
        address: replicationGroup.primaryEndpointAddress,
        port: replicationGroup.port,
        token: authToken.version,
        url: url.version,
        strategy: authTokenUpdateStrategy,
      }),
      triggers: { code: lambda.sourceCodeHash },
    });
    this.ready = [invocation];
    new Output(
      this,
      "redis_accepts_besides",
      Fn.join(", ", Token.asList(Fn.lookup(Fn.jsondecode(invocation.result), "besides", []))),
      "What the cache accepted besides the current token when it was last looked at; empty: nothing",
    );
  }
}
