import { development } from "../../environments/development";
import { sizes } from "../../environments/sizes";
import { at } from "../support/blocks";
import { changed, servingStandby, synthesizeProduction } from "../support/environments";
import { type Block, synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const database = stack.resource("aws_db_instance.postgres");

test("the documented subnet group", () => {
  expect(stack.resource("aws_db_subnet_group.skymanuals")).toEqual({
    name: "skymanuals-db-subnet-group",
    subnet_ids: "${aws_subnet.private[*].id}",
    tags: { Name: "skymanuals-db-subnet-group" },
  });
});

test("the documented security group: PostgreSQL from the API, the bootstrap and the migrations, inline rules", () => {
  const group = stack.resource("aws_security_group.rds");
  expect(group).toMatchObject({ name_prefix: "skymanuals-rds-", vpc_id: "${aws_vpc.skymanuals.id}" });
  expect(group.ingress).toMatchObject([
    {
      from_port: 5432,
      to_port: 5432,
      protocol: "tcp",
      security_groups: [
        "${aws_security_group.ecs.id}",
        "${aws_security_group.bootstrap.id}",
        "${aws_security_group.migrations.id}",
      ],
      cidr_blocks: null,
    },
  ]);
  expect(group.egress).toEqual([]);
});

test("the documented database", () => {
  expect(database).toMatchObject({
    identifier: "skymanuals-postgres",
    engine: "postgres",
    instance_class: "${var.database_instance_class}",
    allocated_storage: 100,
    max_allocated_storage: 1000,
    storage_type: "gp3",
    storage_encrypted: true,
    ca_cert_identifier: "rds-ca-rsa2048-g1",
    db_name: "skymanuals",
    username: "${var.database_username}",
    vpc_security_group_ids: ["${aws_security_group.rds.id}"],
    db_subnet_group_name: "${aws_db_subnet_group.skymanuals.name}",
    backup_retention_period: 7,
    backup_window: "03:00-04:00",
    maintenance_window: "sun:04:00-sun:05:00",
    skip_final_snapshot: false,
    tags: { Name: "skymanuals-postgres", Environment: "${var.environment}" },
  });
});

test("what replaces a database in an adopted state is not set: key, availability zone", () => {
  expect(database).not.toHaveProperty("kms_key_id");
  expect(database).not.toHaveProperty("availability_zone");
  expect(database).not.toHaveProperty("port");
});

test("A6: engine 15 follows minor versions; the environment may pin one, which AWS then does not move", () => {
  expect(database).toMatchObject({ engine_version: "15", auto_minor_version_upgrade: true });
  const pinned = synthesizeProduction({ database: { engineVersion: "15.4" } });
  expect(pinned.resource("aws_db_instance.postgres")).toHaveProperty("engine_version", "15.4");
  expect(pinned.resource("aws_db_instance.postgres")).toHaveProperty("auto_minor_version_upgrade", false);
});

test("a pinned version's replicas are not moved either", () => {
  const pinned = synthesizeProduction({ size: { databaseReadReplicas: 1 }, database: { engineVersion: "15.4" } });
  expect(pinned.resource("aws_db_instance.postgres_reader_1")).toHaveProperty("auto_minor_version_upgrade", false);
});

test("B1: DATABASE_URL is built from address and port, not from the endpoint that holds the port", () => {
  const url = String(stack.resource("aws_secretsmanager_secret_version.database_url").secret_string_wo);
  expect(url).toContain("@${aws_db_instance.postgres.address}:${aws_db_instance.postgres.port}/");
  expect(url).not.toContain("endpoint");
  expect(url).not.toContain(":5432");
});

test("B3: TLS is required by the parameter group and asked for by the URL", () => {
  expect(stack.resource("aws_db_parameter_group.skymanuals")).toMatchObject({
    family: "postgres15",
    name_prefix: "skymanuals-postgres15-",
    parameter: expect.arrayContaining([{ name: "rds.force_ssl", value: "1", apply_method: "pending-reboot" }]),
    lifecycle: { create_before_destroy: true },
  });
  expect(database.parameter_group_name).toBe("${aws_db_parameter_group.skymanuals.name}");
  expect(stack.resource("aws_secretsmanager_secret_version.database_url").secret_string_wo).toMatch(
    /\?sslmode=require$/,
  );
});

test("C1: the final snapshot has the same name on every plan, and is left out where none is taken", () => {
  expect(database.final_snapshot_identifier).toBe("skymanuals-postgres-final-snapshot");
  const other = small.resource("aws_db_instance.postgres");
  expect(other).toHaveProperty("skip_final_snapshot", true);
  expect(other).not.toHaveProperty("final_snapshot_identifier");
});

describe("C2: the master's password", () => {
  test("is given or generated, and written to its one home in Secrets Manager by version", () => {
    expect(stack.resource("ephemeral.aws_secretsmanager_random_password.database_password")).toEqual({
      password_length: 32,
      exclude_punctuation: true,
    });
    expect(stack.resource("aws_secretsmanager_secret_version.database_password")).toEqual({
      secret_id: "${aws_secretsmanager_secret.database_password.id}",
      secret_string_wo:
        "${coalesce(var.database_password, ephemeral.aws_secretsmanager_random_password.database_password.random_password)}",
      secret_string_wo_version: "${var.database_password_version}",
    });
  });

  test("is read back from there, at that version, by database and migrations: both agree after an apply that was cut", () => {
    const home = "ephemeral.aws_secretsmanager_secret_version.database_password";
    expect(stack.resource(home)).toEqual({
      secret_id: "${aws_secretsmanager_secret.database_password.id}",
      version_id: "${aws_secretsmanager_secret_version.database_password.version_id}",
    });
    expect(database.password_wo).toBe(`\${${home}.secret_string}`);
    expect(database.password_wo_version).toBe("${var.database_password_version}");
    expect(database).not.toHaveProperty("password");
    expect(database).not.toHaveProperty("manage_master_user_password");
    expect(stack.resource("aws_secretsmanager_secret_version.database_migration_url").secret_string_wo).toBe(
      `postgresql://\${var.database_username}:\${urlencode(${home}.secret_string)}@\${aws_db_instance.postgres.address}:\${aws_db_instance.postgres.port}/\${aws_db_instance.postgres.db_name}?sslmode=require`,
    );
  });

  test("the URL is written anew when the version or a part of it changes: all are in the number that Terraform compares", () => {
    const url = stack.resource("aws_secretsmanager_secret_version.database_migration_url");
    expect(url.secret_string_wo_version).toBe(
      '${parseint(substr(sha256(jsonencode({"version" = var.database_password_version, "username" = var.database_username, "address" = aws_db_instance.postgres.address, "port" = aws_db_instance.postgres.port, "database" = aws_db_instance.postgres.db_name})), 0, 12), 16)}',
    );
  });

  test("is readable by the bootstrap and the execution role of the migrations alone, the URL with it too", () => {
    for (const [secret, readers] of Object.entries({
      database_password: ["aws_iam_role_policy.bootstrap_database"],
      database_migration_url: ["aws_iam_role_policy.migrations_execution"],
    })) {
      const named = stack
        .resources("aws_iam_role_policy")
        .filter(({ config }) => String(config.policy).includes(`aws_secretsmanager_secret.${secret}.arn`));
      expect(named.map(({ address }) => address)).toEqual(readers);
    }
  });

  test("every secret can be restored as long as the environment says", () => {
    for (const name of ["password", "application-password", "url", "migration-url"]) {
      const address = `aws_secretsmanager_secret.database_${name.replace("-", "_")}`;
      expect(stack.resource(address)).toMatchObject({
        name: `skymanuals/database-${name}`,
        recovery_window_in_days: 30,
      });
      expect(small.resource(address)).toHaveProperty("recovery_window_in_days", 0);
    }
  });
});

describe("the application's user", () => {
  const rotated = synthesizeProduction({ database: { applicationPasswordVersion: 7 } });

  test("has a generated password of its own, under a number of its own", () => {
    expect(rotated.resource("aws_secretsmanager_secret_version.database_application_password")).toEqual({
      secret_id: "${aws_secretsmanager_secret.database_application_password.id}",
      secret_string_wo: "${ephemeral.aws_secretsmanager_random_password.database_application_password.random_password}",
      secret_string_wo_version: 7,
    });
  });

  test("is the one in DATABASE_URL, which is written anew with its number and not with the master's", () => {
    const url = rotated.resource("aws_secretsmanager_secret_version.database_url");
    expect(url.secret_string_wo).toBe(
      "postgresql://skymanuals_api:${urlencode(ephemeral.aws_secretsmanager_secret_version.database_application_password.secret_string)}@${aws_db_instance.postgres.address}:${aws_db_instance.postgres.port}/${aws_db_instance.postgres.db_name}?sslmode=require",
    );
    expect(url.secret_string_wo_version).toContain('{"version" = 7, "username" = "skymanuals_api"');
    expect(url.secret_string_wo_version).not.toContain("var.database_password_version");
  });
});

describe("read replicas, by size", () => {
  const enterprise = synthesizeProduction({ size: sizes.enterprise });

  test("none where the guide's sizes have one database: nothing reads a reader's URL", () => {
    expect(stack.resources("aws_db_instance").map(({ address }) => address)).toEqual(["aws_db_instance.postgres"]);
    expect(stack.has("aws_secretsmanager_secret.database_reader_url")).toBe(false);
    expect(stack.container("aws_ecs_task_definition.api").secrets?.map(({ name }) => name)).not.toContain(
      "DATABASE_READER_URL",
    );
  });

  test("follow the database, in its class and group, with logs that are kept", () => {
    expect(enterprise.resource("aws_db_instance.postgres_reader_2")).toEqual({
      identifier: "skymanuals-postgres-reader-2",
      replicate_source_db: "${aws_db_instance.postgres.identifier}",
      instance_class: "${var.database_instance_class}",
      auto_minor_version_upgrade: true,
      max_allocated_storage: 1000,
      storage_type: "gp3",
      storage_encrypted: true,
      vpc_security_group_ids: ["${aws_security_group.rds.id}"],
      parameter_group_name: "${aws_db_parameter_group.skymanuals.name}",
      maintenance_window: "sun:04:00-sun:05:00",
      copy_tags_to_snapshot: true,
      deletion_protection: true,
      performance_insights_enabled: true,
      enabled_cloudwatch_logs_exports: ["postgresql", "upgrade"],
      apply_immediately: false,
      skip_final_snapshot: true,
      tags: { Name: "skymanuals-postgres-reader-2", Environment: "${var.environment}" },
      depends_on: [
        "aws_cloudwatch_log_group.postgres_reader_2_postgresql",
        "aws_cloudwatch_log_group.postgres_reader_2_upgrade",
      ],
    });
    expect(enterprise.has("aws_db_instance.postgres_reader_3")).toBe(false);
  });

  test("the API gets their URLs, separated by commas, with the application's user", () => {
    const { secret_string_wo: urls } = enterprise.resource("aws_secretsmanager_secret_version.database_reader_url");
    expect(
      String(urls)
        .split(",")
        .map((url) => /@\$\{(.*?)\}/.exec(url)?.[1]),
    ).toEqual(["aws_db_instance.postgres_reader_1.address", "aws_db_instance.postgres_reader_2.address"]);
    expect(String(urls)).not.toContain("var.database_username");
    expect(enterprise.container("aws_ecs_task_definition.api").secrets).toContainEqual({
      name: "DATABASE_READER_URL",
      valueFrom:
        "${aws_secretsmanager_secret.database_reader_url.arn}:::${aws_secretsmanager_secret_version.database_reader_url.version_id}",
    });
  });
});

test("C3, C4: RDS does not rotate what the URL rests on, and its point-in-time backups have one owner", () => {
  expect(stack.resources("aws_secretsmanager_secret_rotation")).toEqual([]);
  const rules = stack.resources("aws_backup_plan").flatMap(({ config }) => config.rule as Block[]);
  expect(rules.map(({ enable_continuous_backup }) => enable_continuous_backup)).toEqual([false]);
  expect(database).toMatchObject({ backup_retention_period: 7 });
});

test("C5: Multi-AZ by size, deletion protection by environment, tags on snapshots, logs exported to kept groups", () => {
  expect(database).toMatchObject({
    multi_az: true,
    deletion_protection: true,
    copy_tags_to_snapshot: true,
    performance_insights_enabled: true,
    enabled_cloudwatch_logs_exports: ["postgresql", "upgrade"],
    apply_immediately: false,
    depends_on: ["aws_cloudwatch_log_group.rds_postgresql", "aws_cloudwatch_log_group.rds_upgrade"],
  });
  for (const type of ["postgresql", "upgrade"]) {
    expect(stack.resource(`aws_cloudwatch_log_group.rds_${type}`)).toMatchObject({
      name: `/aws/rds/instance/skymanuals-postgres/${type}`,
      retention_in_days: 30,
    });
  }
  expect(small.resource("aws_db_instance.postgres")).toMatchObject({
    multi_az: false,
    deletion_protection: false,
    apply_immediately: true,
  });
});

test("C20: shared_preload_libraries keeps pg_stat_statements, and waits for a reboot", () => {
  expect(at(stack.resource("aws_db_parameter_group.skymanuals"), "parameter")).toContainEqual({
    name: "shared_preload_libraries",
    value: "pg_stat_statements",
    apply_method: "pending-reboot",
  });
});

test("data is protected from destruction where the environment says so", () => {
  expect(database.lifecycle).toEqual({
    prevent_destroy: true,
    ignore_changes: ["restore_to_point_in_time", "snapshot_identifier"],
  });
  expect(at(small.resource("aws_db_instance.postgres"), "lifecycle.prevent_destroy")).toBe(false);
});

describe("a database that begins with a backup", () => {
  const restored = (backupArn: string, restoreTime: string | null = null) =>
    synthesizePlatform(
      changed(servingStandby, {
        recovery: {
          type: "standby",
          primary: "production",
          prefix: "skymanuals",
          state: "serving",
          backupArn,
          restoreTime,
        },
      }),
    ).resource("aws_db_instance.postgres");
  const automated = "arn:aws:rds:us-west-2:222222222222:auto-backup:ab-l2ijcexjp7xq7hoj4siexample";

  test("is restored to the latest time of the copied backup, encrypted, under its own key and with a password of its own", () => {
    const config = restored(automated);
    expect(config).toMatchObject({
      identifier: "skymanuals-dr-postgres",
      restore_to_point_in_time: {
        source_db_instance_automated_backups_arn: automated,
        use_latest_restorable_time: true,
      },
      storage_encrypted: true,
      kms_key_id: "${aws_kms_key.data.arn}",
      username: "${var.database_username}",
      password_wo: "${ephemeral.aws_secretsmanager_secret_version.database_password.secret_string}",
      lifecycle: {
        prevent_destroy: true,
        ignore_changes: ["restore_to_point_in_time", "snapshot_identifier", "kms_key_id"],
      },
    });
    expect(config).not.toHaveProperty("db_name");
  });

  test("is restored to a time", () => {
    expect(restored(automated, "2026-11-25T11:40:00Z").restore_to_point_in_time).toEqual({
      source_db_instance_automated_backups_arn: automated,
      restore_time: "2026-11-25T11:40:00Z",
    });
  });

  test("is restored from a snapshot by its name", () => {
    const config = restored("arn:aws:rds:us-west-2:222222222222:snapshot:awsbackup:copyjob-1");
    expect(config.snapshot_identifier).toBe("awsbackup:copyjob-1");
    expect(config).not.toHaveProperty("restore_to_point_in_time");
  });

  test("has the name in its URL that the empty one has", () => {
    const stack = synthesizePlatform(servingStandby);
    expect(String(stack.resource("aws_secretsmanager_secret_version.database_url").secret_string_wo)).toContain(
      "/skymanuals?sslmode=require",
    );
  });
});
