import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import type { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import type { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Fn, type ITerraformDependable, type TerraformResourceLifecycle, Token } from "cdktf";
import { Construct } from "constructs";
import { databasePoolSize, deploymentFactor } from "../facts/capacity";
import { databaseAuthority, expiredDatabaseAuthorities, rotateDatabaseAuthority } from "../facts/database-authorities";
import { apiName, clusterName } from "../facts/names";
import type { ScalingWindow } from "./ecs";
import type { Deployment } from "./parts/deployment";
import { keyStatements } from "./parts/key";
import { NodeFunction } from "./parts/node-function";
import { Output } from "./parts/output";
import type { Rds } from "./rds";
import type { Vpc } from "./vpc";

export interface DatabaseBootstrapProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  readonly database: Rds;
  /** The variable `database_username`. */
  readonly masterUsername: string;
  /** Tasks of the API, at most, outside of `scheduledScaling`. */
  readonly apiMaximumCount: number;
  readonly scheduledScaling: readonly ScalingWindow[];
}

/**
 * What the database needs inside: the extensions `vector` and `pg_stat_statements`, and the application's two users, which
 * may read and write rows and nothing else. A function in the VPC does it when this is applied, and again whenever a password,
 * the database, its parameters or the function itself has changed. It logs in with what Secrets Manager stores, so that an
 * apply fails whose new password did not reach the database; the next apply repeats it.
 */
export class DatabaseBootstrap extends Construct {
  /** What depends on a prepared database depends on these. */
  readonly ready: readonly ITerraformDependable[];
  readonly logGroup: CloudwatchLogGroup;
  private readonly lambda: LambdaFunction;
  /** The function's `DatabaseAccess`. */
  private readonly access;
  /** The function's `Application`. */
  private readonly application;

  constructor(scope: Construct, id: string, props: DatabaseBootstrapProps) {
    super(scope, id);
    const { database } = props;
    const maximumTasks = Math.max(props.apiMaximumCount, ...props.scheduledScaling.map(({ maximum }) => maximum));
    const { masterPassword, applicationPassword, url, instance } = database;

    const { prefix, region, accountId, keys } = props.deployment;
    // By name: the service waits for the bootstrap.
    const service = `arn:aws:ecs:${region}:${accountId}:service/${clusterName(prefix)}/${apiName(prefix)}`;
    const { lambda, logGroup } = new NodeFunction(this, "bootstrap_database", {
      deployment: props.deployment,
      description: "Extensions and the application's users of the database",
      source: "bootstrap-database",
      network: props.network,
      securityGroup: props.securityGroup,
      environmentVariables: {},
      statements: [
        {
          Sid: "ReadSecrets",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: [masterPassword.arn, applicationPassword.arn, url.arn],
        },
        ...keyStatements(keys?.secrets, "read", "DecryptSecrets", "secretsmanager"),
        // To find the password before a change that did not reach the database.
        {
          Sid: "FindEarlierPasswords",
          Action: ["secretsmanager:ListSecretVersionIds"],
          Resource: [masterPassword.arn, applicationPassword.arn],
        },
        // To see whether a deployment is over. A revision's description knows no resources (AWS Service Authorization Reference).
        { Sid: "FindDeployments", Action: ["ecs:DescribeServices"], Resource: [service] },
        { Sid: "ReadRevisions", Action: ["ecs:DescribeTaskDefinition"], Resource: ["*"] },
      ],
      // Of which a rolling deployment takes most, after a rotation.
      timeoutSeconds: 900,
      memoryMiB: 512,
      dependsOn: [...props.network.egress],
    });

    this.lambda = lambda;
    this.logGroup = logGroup;
    this.access = {
      address: instance.address,
      port: instance.port,
      database: instance.dbName,
      master: { username: props.masterUsername, password: masterPassword.version },
    };
    this.application = {
      username: database.applicationUsername,
      passwordVersion: database.applicationPasswordVersion,
      url: url.version,
    };
    const invocation = new LambdaInvocation(this, "aws_lambda_invocation.bootstrap_database", {
      functionName: lambda.functionName,
      lifecycleScope: "CREATE_ONLY",
      // No secret: input and result are in the state.
      input: Fn.jsonencode({
        ...this.access,
        application: {
          ...this.application,
          password: applicationPassword.version,
          // Of each user. The pool of each task, and twice as many tasks while a deployment replaces them.
          connectionLimit: deploymentFactor * databasePoolSize * maximumTasks,
        },
        parameters: database.parameters,
      }),
      triggers: { code: lambda.sourceCodeHash, database: instance.resourceId },
      lifecycle: { precondition: [authorityIsValid(instance)] },
    });
    this.ready = [invocation];
    const result = Fn.jsondecode(invocation.result);
    new Output(
      this,
      "database_pending_reboot",
      Fn.join(", ", Token.asList(Fn.lookup(result, "pendingReboot", []))),
      "Parameters of the database that waited for a reboot when the bootstrap last ran; empty: none",
    );
  }

  /**
   * Takes login and password from the application's other user once the service's deployment is over: in the apply that rotated
   * the password, which waits for the deployment (13 minutes at most). Where it was rolled back the apply fails, both users may
   * log in, and the next apply looks again.
   */
  revokeAfter(service: EcsService, cluster: EcsCluster): void {
    new LambdaInvocation(this, "aws_lambda_invocation.revoke_database_user", {
      functionName: this.lambda.functionName,
      lifecycleScope: "CREATE_ONLY",
      input: Fn.jsonencode({
        ...this.access,
        application: this.application,
        service: { cluster: cluster.name, name: service.name },
      }),
      dependsOn: [...this.ready, service],
    });
  }
}

/** Evaluated once the database is changed, which may leave the authority to the maintenance window. */
function authorityIsValid({ caCertIdentifier, identifier }: DbInstance): Precondition {
  return {
    condition: `\${!contains(${JSON.stringify(expiredDatabaseAuthorities)}, ${caCertIdentifier})}`,
    errorMessage:
      `The database ${identifier} presents a certificate of ${caCertIdentifier}, which has expired: the bootstrap, which verifies it, ` +
      `would not connect. Its change to ${databaseAuthority} waits for the maintenance window. Make it now, and apply again: ` +
      `${rotateDatabaseAuthority(identifier)}`,
  };
}

type Precondition = NonNullable<TerraformResourceLifecycle["precondition"]>[number];
