import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Fn, type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { databasePoolSize, type ScalingWindow } from "./ecs";
import type { Deployment } from "./parts/deployment";
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
 * What the database needs inside: the extensions `vector` and `pg_stat_statements`, and the application's user, which may
 * read and write rows and nothing else. A function in the VPC does it when this is applied, and again whenever a password,
 * the database, its parameters or the function itself has changed. It logs in with what Secrets Manager stores, so that an
 * apply fails whose new password did not reach the database; the next apply repeats it.
 */
export class DatabaseBootstrap extends Construct {
  /** What depends on a prepared database depends on these. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: DatabaseBootstrapProps) {
    super(scope, id);
    const { database } = props;
    const maximumTasks = Math.max(props.apiMaximumCount, ...props.scheduledScaling.map(({ maximum }) => maximum));
    const { masterPassword, applicationPassword, url, instance } = database;

    const { lambda } = new NodeFunction(this, "bootstrap_database", {
      deployment: props.deployment,
      description: "Extensions and the application's user of the database",
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
        // To find the password before a change that did not reach the database.
        {
          Sid: "FindEarlierPasswords",
          Action: ["secretsmanager:ListSecretVersionIds"],
          Resource: [masterPassword.arn],
        },
      ],
      timeoutSeconds: 300,
      memoryMiB: 512,
      dependsOn: [...props.network.egress],
    });

    const version = (secret: typeof url | typeof masterPassword) => ({ arn: secret.arn, versionId: secret.versionId });
    const invocation = new LambdaInvocation(this, "aws_lambda_invocation.bootstrap_database", {
      functionName: lambda.functionName,
      lifecycleScope: "CREATE_ONLY",
      // No secret: input and result are in the state.
      input: Fn.jsonencode({
        address: instance.address,
        port: instance.port,
        database: instance.dbName,
        master: { username: props.masterUsername, password: version(masterPassword) },
        application: {
          username: database.applicationUsername,
          password: version(applicationPassword),
          url: version(url),
          // The pool of each task, and twice as many tasks while a deployment replaces them.
          connectionLimit: 2 * databasePoolSize * maximumTasks,
        },
        parameters: database.parameters,
      }),
      triggers: { code: lambda.sourceCodeHash, database: instance.resourceId },
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
}
