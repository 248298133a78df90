import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DbInstance, type DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { applicationUsers } from "../facts/application-users";
import { databaseAuthority } from "../facts/database-authorities";
import { databaseName, parseDatabaseBackup } from "../facts/names";
import type { Alerting } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";
import { ComposedSecret, GeneratedSecret } from "./parts/secret";
import { DatabaseClass, RdsAlarms } from "./rds-alarms";
import type { Vpc } from "./vpc";

export interface RdsProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  /** Security groups whose members may connect. */
  readonly clients: readonly SecurityGroup[];
  /** `15` follows AWS's minor versions; `15.4` pins one, which AWS then does not move. */
  readonly engineVersion: string;
  /** The variable `database_instance_class`. */
  readonly instanceClass: string;
  /** The variable `database_username`. */
  readonly username: string;
  /** The variable `database_password`: ephemeral, null when it is to be generated. */
  readonly password: string;
  /** The variable `database_password_version`. */
  readonly passwordVersion: number;
  /** The first of the application's users, which the bootstrap creates; see facts/application-users.ts. Other than `username`. */
  readonly applicationUsername: string;
  /** Raise it by one to rotate the application's password: it is the other user's turn then. */
  readonly applicationPasswordVersion: number;
  /** What it begins with. Default: nothing. Read when the database is created, and never again. */
  readonly restoredFrom?: {
    /** ARN of an automated backup or a snapshot, in the deployment's region. */
    readonly backupArn: string;
    /** In UTC, such as `2026-11-25T12:00:00Z`; null: the latest that an automated backup has. */
    readonly restoreTime: string | null;
  };
  readonly multiAz: boolean;
  /** Instances of the same class that follow the database, for reading; 0 to 15. */
  readonly readReplicas: number;
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
  readonly alerting: Alerting;
}

/**
 * rds.tf: PostgreSQL, its network, its passwords and connection URLs. Holds data.
 *
 * Two users, each with a password of its own whose home is a secret: the master, `<prefix>/database-password`, for the
 * bootstrap and the migrations; and the application, `<prefix>/database-application-password`, which owns nothing and is one of
 * two users that take turns, so that a rotation leaves the tasks that run with what they log in with. The
 * database and the URLs read them from there. They are in neither the synthesized JSON, nor the plan, nor the state.
 *
 * Where it is restored from a backup, it has the backup's tables and users. Their passwords are set anew: the master's by the provider,
 * the application's by the bootstrap, which runs before a task starts.
 *
 * Each read replica costs what a single-AZ database of the class does.
 */
export class Rds extends Construct {
  readonly instance: DbInstance;
  /** By their numbers: `reader 1`. */
  readonly replicasByName: Readonly<Record<string, DbInstance>>;
  readonly address: string;
  /** Of the master user. */
  readonly masterPassword: GeneratedSecret;
  /** The first of the two that take turns. */
  readonly applicationUsername: string;
  readonly applicationPasswordVersion: number;
  readonly applicationPassword: GeneratedSecret;
  /** Of the application: `postgresql://user:password@host:port/database?sslmode=require`. */
  readonly url: ComposedSecret;
  /** Of the application at the read replicas, separated by commas; undefined where there is none. */
  readonly readerUrl?: ComposedSecret;
  /** Of the master user. */
  readonly migrationUrl: ComposedSecret;
  /** The parameter group's, by name. */
  readonly parameters: Readonly<Record<string, string>> = {
    "rds.force_ssl": "1",
    shared_preload_libraries: "pg_stat_statements",
  };

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RdsProps,
  ) {
    super(scope, id);
    const subnetGroup = this.addSubnetGroup();
    const securityGroup = this.addSecurityGroup();
    const parameterGroup = this.addParameterGroup();

    this.masterPassword = this.addMasterPassword();
    this.applicationUsername = props.applicationUsername;
    this.applicationPasswordVersion = props.applicationPasswordVersion;
    this.applicationPassword = this.addApplicationPassword();
    const master = { username: props.username, password: this.masterPassword.readEphemeral() };

    this.instance = this.addInstance(subnetGroup, securityGroup, parameterGroup, master.password);
    this.address = this.instance.address;
    const replicas = Array.from({ length: props.readReplicas }, (_, index) =>
      this.addReplica(index + 1, securityGroup, parameterGroup),
    );

    this.replicasByName = Object.fromEntries(replicas.map((replica, index) => [`reader ${index + 1}`, replica]));

    const { current } = applicationUsers(props.applicationUsername, props.applicationPasswordVersion);
    const application = { username: current, password: this.applicationPassword.readEphemeral() };
    this.url = this.addUrl(application);
    this.readerUrl = replicas.length > 0 ? this.addReaderUrl(replicas, application) : undefined;
    this.migrationUrl = this.addMigrationUrl(master);
    this.addOutputs();
    this.addAlarms(replicas);
  }

  private addAlarms(replicas: readonly DbInstance[]): void {
    const { alerting } = this.props;
    const instanceClass = new DatabaseClass(this, "class", this.props.instanceClass);
    const add = (label: string, instance: DbInstance, replica: boolean) =>
      new RdsAlarms(this, `${label}_alarms`, { alerting, label, instance, instanceClass, replica });
    add("database", this.instance, false);
    for (const [index, replica] of replicas.entries()) {
      add(`database_reader_${index + 1}`, replica, true);
    }
  }

  private addOutputs(): void {
    new Output(this, "database_identifier", this.instance.identifier, "RDS instance of the database");
    new Output(this, "database_address", this.address, "Host name of the database, inside the VPC");
    new Output(this, "database_url_secret_arn", this.url.arn, "Secrets Manager secret that holds DATABASE_URL");
    if (this.readerUrl) {
      new Output(
        this,
        "database_reader_url_secret_arn",
        this.readerUrl.arn,
        "Secrets Manager secret that holds DATABASE_READER_URL",
      );
    }
  }

  private get identifier(): string {
    return databaseName(this.props.deployment.prefix);
  }

  private addSubnetGroup(): DbSubnetGroup {
    const { deployment, network } = this.props;
    const { prefix } = deployment;
    return new DbSubnetGroup(this, "aws_db_subnet_group.skymanuals", {
      name: `${prefix}-db-subnet-group`,
      subnetIds: network.privateSubnetIds,
      tags: { Name: `${prefix}-db-subnet-group` },
    });
  }

  private addSecurityGroup(): SecurityGroup {
    const { deployment, network, clients } = this.props;
    const { prefix } = deployment;
    return new SecurityGroup(this, "aws_security_group.rds", {
      namePrefix: `${prefix}-rds-`,
      vpcId: network.vpc.id,
      ingress: [{ fromPort: 5432, toPort: 5432, protocol: "tcp", securityGroups: clients.map((client) => client.id) }],
      // Everything in the documented file: it answers, and calls nobody.
      egress: [],
      // A name prefix is only of use if the successor may exist beside its predecessor.
      lifecycle: { createBeforeDestroy: true },
    });
  }

  private addParameterGroup(): DbParameterGroup {
    const { prefix } = this.props.deployment;
    // PostgreSQL 15 on RDS refuses clients without TLS by default; here it is stated.
    return new DbParameterGroup(this, "aws_db_parameter_group.skymanuals", {
      namePrefix: `${prefix}-postgres15-`,
      family: "postgres15",
      description: "SkyManuals: TLS required, query statistics",
      // The method that AWS reports for a parameter at its default; another one would be a change in every plan.
      parameter: Object.entries(this.parameters).map(([name, value]) => ({
        name,
        value,
        applyMethod: "pending-reboot",
      })),
      tags: { Name: `${prefix}-postgres15` },
      lifecycle: { createBeforeDestroy: true },
    });
  }

  private addMasterPassword(): GeneratedSecret {
    const { props } = this;
    const { prefix } = props.deployment;
    return new GeneratedSecret(this, "database_password", {
      name: `${prefix}/database-password`,
      description: "Master password of the database",
      recoveryDays: props.secretRecoveryDays,
      key: props.deployment.keys?.secrets,
      version: props.passwordVersion,
      length: 32,
      given: props.password,
    });
  }

  private addApplicationPassword(): GeneratedSecret {
    const { props } = this;
    const { prefix } = props.deployment;
    return new GeneratedSecret(this, "database_application_password", {
      name: `${prefix}/database-application-password`,
      description: "Password of the application's user of the database",
      recoveryDays: props.secretRecoveryDays,
      key: props.deployment.keys?.secrets,
      version: props.applicationPasswordVersion,
      length: 32,
    });
  }

  private addInstance(
    subnetGroup: DbSubnetGroup,
    securityGroup: SecurityGroup,
    parameterGroup: DbParameterGroup,
    password: string,
  ): DbInstance {
    const { props, identifier } = this;
    const { environment, keys } = props.deployment;
    return new DbInstance(this, "aws_db_instance.postgres", {
      identifier,
      engine: "postgres",
      // 15.4 in the documented file: RDS creates no databases of old minor versions.
      engineVersion: props.engineVersion,
      autoMinorVersionUpgrade: followsMinorVersions(props.engineVersion),
      instanceClass: props.instanceClass,
      allocatedStorage: 100,
      maxAllocatedStorage: 1000,
      storageType: "gp3",
      storageEncrypted: true,
      kmsKeyId: keys?.data?.arn,
      // An adopted database may present a certificate that has expired. A new one has this by itself: the provider compares it with
      // AWS's answer, and modifies a new database only where the account's default is another (provider 5.100.0, issue 40911).
      caCertIdentifier: databaseAuthority,
      ...begunWith(props.restoredFrom),
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
      // AWS does not change it once Performance Insights are on.
      performanceInsightsKmsKeyId: keys?.data?.arn,
      enabledCloudwatchLogsExports: logTypes,
      applyImmediately: props.applyImmediately,
      skipFinalSnapshot: !props.finalSnapshot,
      // timestamp() in the documented name makes every plan a change.
      finalSnapshotIdentifier: props.finalSnapshot ? `${identifier}-final-snapshot` : undefined,
      tags: { Name: identifier, Environment: environment },
      lifecycle: {
        preventDestroy: props.preventDestroy,
        // Another backup, or none any more, would replace the database that was restored; so would another key than the snapshot's, which is
        // the vault's where AWS Backup copied it.
        ignoreChanges: [
          "restore_to_point_in_time",
          "snapshot_identifier",
          ...(props.restoredFrom ? ["kms_key_id"] : []),
        ],
      },
      dependsOn: this.addLogGroups("rds", identifier),
    });
  }

  private addUrl(application: User): ComposedSecret {
    const { deployment, secretRecoveryDays: recoveryDays, applicationPasswordVersion } = this.props;
    const { prefix } = deployment;
    return new ComposedSecret(this, "database_url", {
      name: `${prefix}/database-url`,
      description: "DATABASE_URL of the API",
      recoveryDays,
      key: deployment.keys?.secrets,
      version: applicationPasswordVersion,
      value: this.urlAt(this.instance, application),
      parts: { username: application.username, ...this.place(this.instance) },
    });
  }

  private addReaderUrl(replicas: readonly DbInstance[], application: User): ComposedSecret {
    const { deployment, secretRecoveryDays: recoveryDays, applicationPasswordVersion } = this.props;
    const { prefix } = deployment;
    return new ComposedSecret(this, "database_reader_url", {
      name: `${prefix}/database-reader-url`,
      description: "DATABASE_READER_URL of the API",
      recoveryDays,
      key: deployment.keys?.secrets,
      version: applicationPasswordVersion,
      value: replicas.map((replica) => this.urlAt(replica, application)).join(","),
      parts: {
        username: application.username,
        addresses: Fn.join(
          ",",
          replicas.map((replica) => replica.endpoint),
        ),
        database: this.place(this.instance).database,
      },
    });
  }

  private addMigrationUrl(master: User): ComposedSecret {
    const { deployment, secretRecoveryDays: recoveryDays, passwordVersion } = this.props;
    const { prefix } = deployment;
    return new ComposedSecret(this, "database_migration_url", {
      name: `${prefix}/database-migration-url`,
      description: "DATABASE_URL of the migrations: the master user's",
      recoveryDays,
      key: deployment.keys?.secrets,
      version: passwordVersion,
      value: this.urlAt(this.instance, master),
      parts: { username: master.username, ...this.place(this.instance) },
    });
  }

  /** address and port: endpoint holds the port already, and the documented URL named it twice. */
  private urlAt(instance: DbInstance, user: User): string {
    const { address, port, database } = this.place(instance);
    return `postgresql://${user.username}:${Fn.urlencode(user.password)}@${address}:${port}/${database}?sslmode=require`;
  }

  private place({ address, port }: DbInstance) {
    return {
      address,
      port: Token.asString(port),
      database: this.props.restoredFrom ? initialDatabase : this.instance.dbName,
    };
  }

  private addLogGroups(label: string, identifier: string): CloudwatchLogGroup[] {
    return logTypes.map(
      (type) =>
        new CloudwatchLogGroup(this, `aws_cloudwatch_log_group.${label}_${type}`, {
          name: `/aws/rds/instance/${identifier}/${type}`,
          retentionInDays: 30,
          kmsKeyId: this.props.deployment.keys?.logs?.arn,
          tags: { Name: `${identifier}-${type}` },
        }),
    );
  }

  /** The source's engine, storage, users, encryption and subnets are the replica's. */
  private addReplica(number: number, securityGroup: SecurityGroup, parameterGroup: DbParameterGroup): DbInstance {
    const { props } = this;
    const identifier = `${this.identifier}-reader-${number}`;
    const label = `postgres_reader_${number}`;
    return new DbInstance(this, `aws_db_instance.${label}`, {
      identifier,
      replicateSourceDb: this.instance.identifier,
      instanceClass: props.instanceClass,
      autoMinorVersionUpgrade: followsMinorVersions(props.engineVersion),
      maxAllocatedStorage: 1000,
      storageType: "gp3",
      storageEncrypted: true,
      vpcSecurityGroupIds: [securityGroup.id],
      parameterGroupName: parameterGroup.name,
      maintenanceWindow: "sun:04:00-sun:05:00",
      copyTagsToSnapshot: true,
      deletionProtection: props.deletionProtection,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: props.deployment.keys?.data?.arn,
      enabledCloudwatchLogsExports: logTypes,
      applyImmediately: props.applyImmediately,
      // What it holds, the source holds.
      skipFinalSnapshot: true,
      tags: { Name: identifier, Environment: props.deployment.environment },
      dependsOn: this.addLogGroups(label, identifier),
    });
  }
}

/**
 * An empty database, or what a backup holds. The database's name is the backup's: RDS for PostgreSQL takes none in a restore (Amazon RDS
 * API, RestoreDBInstanceFromDBSnapshot, DBName). The master password is not: the provider sets `password_wo` after the restore.
 */
function begunWith(
  restored: RdsProps["restoredFrom"],
): Pick<DbInstanceConfig, "dbName" | "restoreToPointInTime" | "snapshotIdentifier"> {
  const backup = restored && parseDatabaseBackup(restored.backupArn);
  switch (backup?.kind) {
    case "auto-backup":
      return {
        restoreToPointInTime: {
          sourceDbInstanceAutomatedBackupsArn: restored?.backupArn,
          ...(restored?.restoreTime ? { restoreTime: restored.restoreTime } : { useLatestRestorableTime: true }),
        },
      };
    case "snapshot":
      return { snapshotIdentifier: backup.name };
    default:
      return { dbName: initialDatabase };
  }
}

/** AWS moves a minor version in the maintenance window where it may, and a plan would want the pinned one back. */
function followsMinorVersions(engineVersion: string): boolean {
  return !engineVersion.includes(".");
}

const initialDatabase = "skymanuals";

const logTypes = ["postgresql", "upgrade"];

interface User {
  readonly username: string;
  readonly password: string;
}
