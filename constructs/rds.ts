import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { ComposedSecret, GeneratedSecret } from "./secret";
import type { Vpc } from "./vpc";

export interface RdsProps {
  readonly namePrefix: string;
  /** The variable `environment`. */
  readonly environment: string;
  readonly network: Vpc;
  /** Security groups whose members may connect. */
  readonly clients: readonly SecurityGroup[];
  /** `15` follows AWS's minor versions; `15.4` pins one. */
  readonly engineVersion: string;
  /** The variable `database_instance_class`. */
  readonly instanceClass: string;
  /** The variable `database_username`. */
  readonly username: string;
  /** The variable `database_password`: ephemeral, null when it is to be generated. */
  readonly password: string;
  /** The variable `database_password_version`. */
  readonly passwordVersion: number;
  readonly multiAz: boolean;
  /** Days, 1 to 35. */
  readonly backupRetentionDays: number;
  readonly applyImmediately: boolean;
  /** AWS refuses to delete the database. */
  readonly deletionProtection: boolean;
  /** Terraform refuses to plan its destruction. */
  readonly preventDestroy: boolean;
  /** Take a last snapshot when the database is deleted. */
  readonly finalSnapshot: boolean;
  /** Days in which a deleted secret can be restored: 0, or 7 to 30. */
  readonly secretRecoveryDays: number;
}

/**
 * rds.tf: PostgreSQL, its network, its password and the application's connection URL. Holds data.
 *
 * The password's home is the secret `<prefix>/database-password`; the database and the URL read it from there. It is in
 * neither the synthesized JSON, nor the plan, nor the state.
 */
export class Rds extends Construct {
  /** `postgresql://user:password@host:port/database?sslmode=require`. */
  readonly url: ComposedSecret;

  readonly address: string;

  constructor(scope: Construct, id: string, props: RdsProps) {
    super(scope, id);
    const { namePrefix, environment, network } = props;
    const identifier = `${namePrefix}-postgres`;

    const subnetGroup = new DbSubnetGroup(this, "aws_db_subnet_group.skymanuals", {
      name: `${namePrefix}-db-subnet-group`,
      subnetIds: network.privateSubnetIds,
      tags: { Name: `${namePrefix}-db-subnet-group` },
    });

    const securityGroup = new SecurityGroup(this, "aws_security_group.rds", {
      namePrefix: `${namePrefix}-rds-`,
      vpcId: network.vpc.id,
      ingress: [
        { fromPort: 5432, toPort: 5432, protocol: "tcp", securityGroups: props.clients.map((client) => client.id) },
      ],
      // Everything in the documented file: it answers, and calls nobody.
      egress: [],
      // A name prefix is only of use if the successor may exist beside its predecessor.
      lifecycle: { createBeforeDestroy: true },
    });

    // PostgreSQL 15 on RDS refuses clients without TLS by default; here it is stated.
    const parameterGroup = new DbParameterGroup(this, "aws_db_parameter_group.skymanuals", {
      namePrefix: `${namePrefix}-postgres15-`,
      family: "postgres15",
      description: "SkyManuals: TLS required, query statistics",
      parameter: [
        // The method that AWS reports for a parameter at its default; another one would be a change in every plan.
        { name: "rds.force_ssl", value: "1", applyMethod: "pending-reboot" },
        { name: "shared_preload_libraries", value: "pg_stat_statements", applyMethod: "pending-reboot" },
      ],
      tags: { Name: `${namePrefix}-postgres15` },
      lifecycle: { createBeforeDestroy: true },
    });

    const logTypes = ["postgresql", "upgrade"];
    const logGroups = logTypes.map(
      (type) =>
        new CloudwatchLogGroup(this, `aws_cloudwatch_log_group.rds_${type}`, {
          name: `/aws/rds/instance/${identifier}/${type}`,
          retentionInDays: 30,
          tags: { Name: `${identifier}-${type}` },
        }),
    );

    const password = new GeneratedSecret(this, "database_password", {
      name: `${namePrefix}/database-password`,
      description: "Master password of the database",
      recoveryDays: props.secretRecoveryDays,
      version: props.passwordVersion,
      length: 32,
      given: props.password,
    }).readEphemeral();

    const database = new DbInstance(this, "aws_db_instance.postgres", {
      identifier,
      engine: "postgres",
      // 15.4 in the documented file: RDS creates no databases of old minor versions.
      engineVersion: props.engineVersion,
      autoMinorVersionUpgrade: true,
      instanceClass: props.instanceClass,
      allocatedStorage: 100,
      maxAllocatedStorage: 1000,
      storageType: "gp3",
      storageEncrypted: true,
      dbName: "skymanuals",
      username: props.username,
      passwordWo: password,
      passwordWoVersion: props.passwordVersion,
      vpcSecurityGroupIds: [securityGroup.id],
      dbSubnetGroupName: subnetGroup.name,
      parameterGroupName: parameterGroup.name,
      multiAz: props.multiAz,
      backupRetentionPeriod: props.backupRetentionDays,
      backupWindow: "03:00-04:00",
      maintenanceWindow: "sun:04:00-sun:05:00",
      copyTagsToSnapshot: true,
      deletionProtection: props.deletionProtection,
      // Seven days of query load by wait event are free of charge.
      performanceInsightsEnabled: true,
      enabledCloudwatchLogsExports: logTypes,
      applyImmediately: props.applyImmediately,
      skipFinalSnapshot: !props.finalSnapshot,
      // timestamp() in the documented name makes every plan a change.
      finalSnapshotIdentifier: props.finalSnapshot ? `${identifier}-final-snapshot` : undefined,
      tags: { Name: identifier, Environment: environment },
      lifecycle: { preventDestroy: props.preventDestroy },
      dependsOn: logGroups,
    });
    this.address = database.address;

    // address and port: endpoint holds the port already, and the documented URL named it twice.
    const port = Token.asString(database.port);
    this.url = new ComposedSecret(this, "database_url", {
      name: `${namePrefix}/database-url`,
      description: "DATABASE_URL of the API",
      recoveryDays: props.secretRecoveryDays,
      version: props.passwordVersion,
      value: `postgresql://${props.username}:${Fn.urlencode(password)}@${database.address}:${port}/${database.dbName}?sslmode=require`,
      parts: { username: props.username, address: database.address, port, database: database.dbName },
    });
  }
}
