import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { parseJsonencode } from "../support/jsonencode";
import type { Block } from "../support/synth";

const stack = synthesizeProduction();
const invocation = stack.resource("aws_lambda_invocation.bootstrap_database");

test("the function runs on apply, and again when a password, the database, a parameter or its code has changed", () => {
  expect(invocation).toMatchObject({
    function_name: "${aws_lambda_function.bootstrap_database.function_name}",
    lifecycle_scope: "CREATE_ONLY",
    triggers: {
      code: "${aws_lambda_function.bootstrap_database.source_code_hash}",
      database: "${aws_db_instance.postgres.resource_id}",
    },
  });
});

test("a database whose authority has expired stops the apply before the function does, with the command that changes it", () => {
  const [{ condition, error_message: message }, ...others] = (invocation.lifecycle as Block)
    .precondition as Block[] as [Block];
  expect(others).toEqual([]);
  expect(condition).toBe('${!contains(["rds-ca-2015","rds-ca-2019"], aws_db_instance.postgres.ca_cert_identifier)}');
  expect(message).toMatch(
    /^The database \$\{aws_db_instance\.postgres\.identifier\} presents a certificate of .*, which has expired: .* --apply-immediately$/,
  );
});

test("it is told where the database and the secrets are, and no secret: the state keeps what it is told", () => {
  const version = (label: string) => ({
    arn: `\${aws_secretsmanager_secret.${label}.arn}`,
    versionId: `\${aws_secretsmanager_secret_version.${label}.version_id}`,
  });
  expect(parseJsonencode(String(invocation.input))).toEqual({
    address: "${aws_db_instance.postgres.address}",
    port: "${aws_db_instance.postgres.port}",
    database: "${aws_db_instance.postgres.db_name}",
    master: { username: "${var.database_username}", password: version("database_password") },
    application: {
      username: "skymanuals_api",
      passwordVersion: 1,
      password: version("database_application_password"),
      url: version("database_url"),
      // 20 of each task, of 16 in the maintenance window, twice while a deployment replaces them.
      connectionLimit: 640,
    },
    parameters: { "rds.force_ssl": "1", shared_preload_libraries: "pg_stat_statements" },
  });
});

test("its role reads three secrets, and lists the versions of both passwords", () => {
  const statements = stack.statements("aws_iam_role_policy.bootstrap_database");
  expect(
    statements.filter(({ Action }) => [Action].flat().some((action) => action.startsWith("secretsmanager:"))),
  ).toEqual([
    {
      Sid: "ReadSecrets",
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: [
        "${aws_secretsmanager_secret.database_password.arn}",
        "${aws_secretsmanager_secret.database_application_password.arn}",
        "${aws_secretsmanager_secret.database_url.arn}",
      ],
    },
    {
      Sid: "FindEarlierPasswords",
      Effect: "Allow",
      Action: ["secretsmanager:ListSecretVersionIds"],
      Resource: [
        "${aws_secretsmanager_secret.database_password.arn}",
        "${aws_secretsmanager_secret.database_application_password.arn}",
      ],
    },
  ]);
});

test("it sees the deployments of the API's service, and no other one's", () => {
  expect(stack.statement("aws_iam_role_policy.bootstrap_database", "FindDeployments")).toEqual({
    Sid: "FindDeployments",
    Effect: "Allow",
    Action: ["ecs:DescribeServices"],
    Resource: [
      "arn:aws:ecs:${var.aws_region}:${data.aws_caller_identity.current.account_id}:service/skymanuals/skymanuals-api",
    ],
  });
});

test("an odd version of the application's password is the first user's, an even one the other's", () => {
  const url = (version: number) =>
    String(
      synthesizeProduction({ database: { applicationPasswordVersion: version } }).resource(
        "aws_secretsmanager_secret_version.database_url",
      ).secret_string_wo,
    );
  expect(url(1)).toMatch(/^postgresql:\/\/skymanuals_api:/);
  expect(url(2)).toMatch(/^postgresql:\/\/skymanuals_api_b:/);
  expect(url(3)).toMatch(/^postgresql:\/\/skymanuals_api:/);
});

test("the user whose turn is over is revoked after the service was told to deploy, once for each URL", () => {
  const revocation = stack.resource("aws_lambda_invocation.revoke_database_user");
  expect(revocation).toMatchObject({
    function_name: "${aws_lambda_function.bootstrap_database.function_name}",
    lifecycle_scope: "CREATE_ONLY",
    depends_on: ["aws_lambda_invocation.bootstrap_database", "aws_ecs_service.api"],
  });
  expect(parseJsonencode(String(revocation.input))).toEqual({
    address: "${aws_db_instance.postgres.address}",
    port: "${aws_db_instance.postgres.port}",
    database: "${aws_db_instance.postgres.db_name}",
    master: {
      username: "${var.database_username}",
      password: {
        arn: "${aws_secretsmanager_secret.database_password.arn}",
        versionId: "${aws_secretsmanager_secret_version.database_password.version_id}",
      },
    },
    application: {
      username: "skymanuals_api",
      passwordVersion: 1,
      url: {
        arn: "${aws_secretsmanager_secret.database_url.arn}",
        versionId: "${aws_secretsmanager_secret_version.database_url.version_id}",
      },
    },
    service: { cluster: "${aws_ecs_cluster.skymanuals.name}", name: "${aws_ecs_service.api.name}" },
  });
});

test("it runs in the private subnets, once they have a way to AWS", () => {
  const lambda = stack.resource("aws_lambda_function.bootstrap_database");
  expect(lambda.vpc_config).toEqual({
    subnet_ids: "${aws_subnet.private[*].id}",
    security_group_ids: ["${aws_security_group.bootstrap.id}"],
  });
  expect(lambda.depends_on).toContain("aws_route_table_association.private");
});

test("it reaches the database's port in the VPC and HTTPS, and nobody reaches it", () => {
  for (const label of ["bootstrap", "migrations"]) {
    const group = stack.resource(`aws_security_group.${label}`);
    expect(group).not.toHaveProperty("ingress");
    expect(group.egress).toMatchObject([
      { from_port: 443, to_port: 443, protocol: "tcp", cidr_blocks: ["0.0.0.0/0"] },
      { from_port: 5432, to_port: 5432, protocol: "tcp", cidr_blocks: ["${aws_vpc.skymanuals.cidr_block}"] },
    ]);
  }
});

test("the API waits for it", () => {
  expect(at(stack.resource("aws_ecs_service.api"), "depends_on")).toContain("aws_lambda_invocation.bootstrap_database");
});

test("parameters that wait for a reboot are an output", () => {
  expect(stack.output("database_pending_reboot").value).toBe(
    '${join(", ", lookup(jsondecode(aws_lambda_invocation.bootstrap_database.result), "pendingReboot", []))}',
  );
});
