import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const container = stack.container("aws_ecs_task_definition.api");
const variables = Object.fromEntries(container.environment.map(({ name, value }) => [name, value]));
const service = stack.resource("aws_ecs_service.api");

test("the documented cluster, with exec's log", () => {
  expect(stack.resource("aws_ecs_cluster.skymanuals")).toEqual({
    name: "skymanuals",
    configuration: {
      execute_command_configuration: {
        kms_key_id: "${aws_kms_key.logs.arn}",
        logging: "OVERRIDE",
        log_configuration: {
          cloud_watch_log_group_name: "${aws_cloudwatch_log_group.ecs.name}",
          cloud_watch_encryption_enabled: true,
        },
      },
    },
    setting: [{ name: "containerInsights", value: "enabled" }],
    tags: { Name: "skymanuals-cluster", Environment: "${var.environment}" },
  });
});

test("the documented task definition", () => {
  expect(stack.resource("aws_ecs_task_definition.api")).toMatchObject({
    family: "skymanuals-api",
    network_mode: "awsvpc",
    requires_compatibilities: ["FARGATE"],
    cpu: "1024",
    memory: "2048",
    execution_role_arn: "${aws_iam_role.ecs_execution.arn}",
    task_role_arn: "${aws_iam_role.ecs_task.arn}",
    tags: { Name: "skymanuals-api-task", Environment: "${var.environment}" },
  });
  expect(container).toMatchObject({
    name: "api",
    essential: true,
    portMappings: [{ containerPort: 3001, hostPort: 3001, protocol: "tcp" }],
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": "${aws_cloudwatch_log_group.api.name}",
        "awslogs-region": "${var.aws_region}",
        "awslogs-stream-prefix": "ecs",
      },
    },
  });
});

test("the documented service", () => {
  expect(service).toMatchObject({
    name: "skymanuals-api",
    cluster: "${aws_ecs_cluster.skymanuals.id}",
    task_definition: "${aws_ecs_task_definition.api.arn}",
    desired_count: "${var.api_desired_count}",
    launch_type: "FARGATE",
    network_configuration: {
      subnets: "${aws_subnet.private[*].id}",
      security_groups: ["${aws_security_group.ecs.id}"],
      assign_public_ip: false,
    },
    load_balancer: [
      { target_group_arn: "${aws_lb_target_group.api.arn}", container_name: "api", container_port: 3001 },
    ],
    depends_on: [
      "aws_lb_listener.api",
      "aws_lb_listener_rule.cloudfront",
      "aws_lambda_invocation.bootstrap_database",
      "aws_lambda_invocation.check_redis",
      "aws_iam_role_policy.ecs_execution",
      "aws_iam_role_policy.ecs_task",
    ],
    tags: { Name: "skymanuals-api-service", Environment: "${var.environment}" },
  });
});

test("ECS can roll back to a superseded revision, but where the environment may be thrown away", () => {
  for (const label of ["api", "logstash"]) {
    const address = `aws_ecs_task_definition.${label}`;
    expect(stack.resource(address)).toHaveProperty("skip_destroy", true);
    expect(synthesizePlatform(development).resource(address)).toHaveProperty("skip_destroy", false);
  }
});

test("what replaces the service in an adopted state is not set: capacity providers, deployment controller", () => {
  expect(service).not.toHaveProperty("capacity_provider_strategy");
  expect(service).not.toHaveProperty("deployment_controller");
});

describe("B20: every documented variable of the application", () => {
  test("NODE_ENV is production everywhere, APP_ENV is the environment", () => {
    expect(variables).toEqual({
      NODE_ENV: "production",
      APP_ENV: "${var.environment}",
      PORT: "3001",
      API_URL: "https://api.skymanuals.com",
      AWS_REGION: "${var.aws_region}",
      AWS_S3_BUCKET: "${aws_s3_bucket.chunks.bucket}",
      DATABASE_POOL_SIZE: "20",
      DATABASE_TIMEOUT: "30000",
      JWT_EXPIRES_IN: "24h",
      COMPLIANCE_FRAMEWORK: "EASA,FAA",
      AUDIT_RETENTION_DAYS: "2557",
      OTEL_SERVICE_NAME: "skymanuals-api",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_PROPAGATORS: "xray",
      OTEL_TRACES_SAMPLER: "xray",
      OTEL_TRACES_SAMPLER_ARG: "endpoint=http://127.0.0.1:2000",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
    });
    const small = synthesizePlatform(development).container("aws_ecs_task_definition.api");
    expect(small.environment).toContainEqual({ name: "NODE_ENV", value: "production" });
    expect(small.environment).toContainEqual({
      name: "API_URL",
      value: "https://${aws_cloudfront_distribution.skymanuals.domain_name}",
    });
  });

  test.each([
    ["DATABASE_URL", "database_url"],
    ["REDIS_URL", "redis_url"],
    ["REDIS_PASSWORD", "redis_auth_token"],
    ["JWT_SECRET", "jwt_secret"],
  ])("C2: %s is a reference to a version of a secret: a rotation is a new revision", (name, label) => {
    expect(container.secrets).toContainEqual({
      name,
      valueFrom: `\${aws_secretsmanager_secret.${label}.arn}:::\${aws_secretsmanager_secret_version.${label}.version_id}`,
    });
    expect(variables).not.toHaveProperty(name);
  });

  test("nothing else is secret", () => {
    expect(container.secrets).toHaveLength(4);
  });

  test("C11: no AWS keys, which would override the task role", () => {
    const names = [...Object.keys(variables), ...(container.secrets ?? []).map(({ name }) => name)];
    expect(names).not.toContain("AWS_ACCESS_KEY_ID");
    expect(names).not.toContain("AWS_SECRET_ACCESS_KEY");
  });
});

test("C12: the image is the parameter's tag, or its digest; the newest revision is Terraform's, whoever registered it", () => {
  // An imported parameter has its value in the other attribute.
  const parameter = "aws_ssm_parameter.api_image";
  const released = `coalesce(${parameter}.insecure_value, nonsensitive(${parameter}.value))`;
  expect(container.image).toBe(
    `\${join("", [var.ecr_repository_url, startswith(${released}, "sha256:") ? "@" : ":", ${released}])}`,
  );
  expect(stack.resource("aws_ecs_task_definition.api")).toHaveProperty("track_latest", true);
});

describe("C13", () => {
  test("a failed deployment is rolled back; a slow start is no failure", () => {
    expect(service).toMatchObject({
      deployment_circuit_breaker: { enable: true, rollback: true },
      health_check_grace_period_seconds: 120,
    });
    expect(container.healthCheck).toMatchObject({ interval: 30, timeout: 5, retries: 3, startPeriod: 60 });
    expect(JSON.stringify(container.healthCheck)).toContain("http://127.0.0.1:3001/api/health");
  });

  test("autoscaling by CPU and memory, from api_desired_count to the size's maximum; the count is its own", () => {
    expect(stack.resource("aws_appautoscaling_target.api")).toMatchObject({
      service_namespace: "ecs",
      scalable_dimension: "ecs:service:DesiredCount",
      resource_id: "service/${aws_ecs_cluster.skymanuals.name}/${aws_ecs_service.api.name}",
      min_capacity: "${var.api_desired_count}",
      max_capacity: 10,
    });
    expect(at(service, "lifecycle.ignore_changes")).toEqual(["desired_count"]);
  });

  test.each([
    ["cpu", "ECSServiceAverageCPUUtilization"],
    ["memory", "ECSServiceAverageMemoryUtilization"],
  ])("it holds average %s at 70 %%", (name, metric) => {
    expect(stack.resource(`aws_appautoscaling_policy.api_${name}`)).toMatchObject({
      name: `skymanuals-api-${name}`,
      policy_type: "TargetTrackingScaling",
      resource_id: "${aws_appautoscaling_target.api.resource_id}",
      target_tracking_scaling_policy_configuration: {
        target_value: 70,
        predefined_metric_specification: { predefined_metric_type: metric },
      },
    });
  });

  test("its policies and actions are made one after another: AWS refuses concurrent changes of one target", () => {
    const types = ["aws_appautoscaling_policy", "aws_appautoscaling_scheduled_action"];
    const waits = types.flatMap((type) =>
      stack.resources(type).map(({ address, config }) => [address, config.depends_on] as const),
    );
    expect(Object.fromEntries(waits)).toEqual({
      "aws_appautoscaling_policy.api_cpu": ["aws_lb_listener_rule.cloudfront"],
      "aws_appautoscaling_policy.api_memory": ["aws_appautoscaling_policy.api_cpu"],
      "aws_appautoscaling_policy.api_requests": ["aws_appautoscaling_policy.api_memory"],
      "aws_appautoscaling_scheduled_action.api_maintenance_start": ["aws_appautoscaling_policy.api_requests"],
      "aws_appautoscaling_scheduled_action.api_maintenance_end": [
        "aws_appautoscaling_scheduled_action.api_maintenance_start",
      ],
    });
  });

  test("it holds 1000 requests per minute and task, once the target group belongs to the load balancer", () => {
    expect(stack.resource("aws_appautoscaling_policy.api_requests")).toMatchObject({
      name: "skymanuals-api-requests",
      target_tracking_scaling_policy_configuration: {
        target_value: 1000,
        predefined_metric_specification: {
          predefined_metric_type: "ALBRequestCountPerTarget",
          resource_label: "${aws_lb.main.arn_suffix}/${aws_lb_target_group.api.arn_suffix}",
        },
      },
    });
  });

  test("a scaling window has its bounds, and gives back those of the service", () => {
    const action = (part: string) => stack.resource(`aws_appautoscaling_scheduled_action.api_maintenance_${part}`);
    expect(action("start")).toMatchObject({
      name: "skymanuals-api-maintenance-start",
      resource_id: "${aws_appautoscaling_target.api.resource_id}",
      schedule: "cron(45 3 ? * SUN *)",
      timezone: "UTC",
      scalable_target_action: { min_capacity: 8, max_capacity: 16 },
    });
    expect(action("end")).toMatchObject({
      name: "skymanuals-api-maintenance-end",
      schedule: "cron(15 6 ? * SUN *)",
      timezone: "UTC",
      scalable_target_action: { min_capacity: "${var.api_desired_count}", max_capacity: 10 },
    });
    expect(synthesizePlatform(development).resources("aws_appautoscaling_scheduled_action")).toEqual([]);
  });
});

describe("C14: exec", () => {
  test("is enabled, and the task may open its channels and write its log", () => {
    expect(service).toHaveProperty("enable_execute_command", true);
    expect(stack.statement("aws_iam_role_policy.ecs_task", "ExecuteCommand")).toMatchObject({
      Action: [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      Resource: ["*"],
    });
    expect(stack.statement("aws_iam_role_policy.ecs_task", "ExecuteCommandLog")).toMatchObject({
      Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: ["${aws_cloudwatch_log_group.ecs.arn}:*"],
    });
    expect(stack.statement("aws_iam_role_policy.ecs_task", "FindExecuteCommandLog").Action).toEqual([
      "logs:DescribeLogGroups",
    ]);
  });
});

describe("roles", () => {
  test.each(["ecs_execution", "ecs_task"])("%s is assumed by ECS tasks only", (label) => {
    expect(stack.resource(`aws_iam_role.${label}`).name).toBe(`skymanuals-${label.replace("_", "-")}`);
    expect(stack.statements(`aws_iam_role.${label}`, "assume_role_policy")).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        // AWS documents the condition for the role of the task only.
        ...(label === "ecs_task" && {
          Condition: {
            StringEquals: { "aws:SourceAccount": "${data.aws_caller_identity.current.account_id}" },
            ArnLike: {
              "aws:SourceArn": "arn:aws:ecs:${var.aws_region}:${data.aws_caller_identity.current.account_id}:*",
            },
          },
        }),
      },
    ]);
  });

  test("execution: pull this image, write this log, read these four secrets", () => {
    expect(stack.resource("aws_iam_role_policy.ecs_execution").role).toBe("${aws_iam_role.ecs_execution.id}");
    expect(stack.statements("aws_iam_role_policy.ecs_execution")).toEqual([
      { Effect: "Allow", Sid: "SignInToEcr", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
      {
        Effect: "Allow",
        Sid: "PullImage",
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Resource: [
          '${replace(var.ecr_repository_url, "/^([0-9]+)[.]dkr[.]ecr[.]([a-z0-9-]+)[.]amazonaws[.]com/(.*)$/", "arn:aws:ecr:$2:$1:repository/$3")}',
        ],
      },
      {
        Effect: "Allow",
        Sid: "WriteLog",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: ["${aws_cloudwatch_log_group.api.arn}:*"],
      },
      {
        Effect: "Allow",
        Sid: "ReadSecrets",
        Action: ["secretsmanager:GetSecretValue"],
        Resource: ["database_url", "redis_url", "redis_auth_token", "jwt_secret"].map(
          (label) => `\${aws_secretsmanager_secret.${label}.arn}`,
        ),
      },
      {
        Effect: "Allow",
        Sid: "DecryptSecrets",
        Action: ["kms:Decrypt"],
        Resource: ["${aws_kms_key.secrets.arn}"],
        Condition: { StringEquals: { "kms:ViaService": ["secretsmanager.${var.aws_region}.amazonaws.com"] } },
      },
    ]);
  });

  test("task: the objects of the chunks bucket, and nothing of other buckets or secrets", () => {
    expect(stack.resource("aws_iam_role_policy.ecs_task").role).toBe("${aws_iam_role.ecs_task.id}");
    expect(stack.statement("aws_iam_role_policy.ecs_task", "Chunks")).toMatchObject({
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"],
      Resource: ["${aws_s3_bucket.chunks.arn}/*"],
    });
    expect(stack.statement("aws_iam_role_policy.ecs_task", "ListChunks")).toMatchObject({
      Action: ["s3:ListBucket"],
      Resource: ["${aws_s3_bucket.chunks.arn}"],
    });
    const statements = stack.statements("aws_iam_role_policy.ecs_task");
    const session = {
      Effect: "Allow",
      Sid: "ExecuteCommandKey",
      Action: ["kms:Decrypt"],
      Resource: ["${aws_kms_key.logs.arn}"],
    };
    expect(statements).toContainEqual(session);
    const actions = statements.filter(({ Sid }) => Sid !== session.Sid).flatMap(({ Action }) => Action);
    expect(actions.filter((action) => !/^(s3|ssmmessages|logs|xray):/.test(action))).toEqual([]);
  });
});

test("the JWT secret is generated; a raised version ends its sessions", () => {
  expect(stack.resource("ephemeral.aws_secretsmanager_random_password.jwt_secret")).toEqual({
    password_length: 64,
    exclude_punctuation: true,
  });
  const raised = synthesizeProduction({ api: { jwtSecretVersion: 3 } });
  expect(raised.resource("aws_secretsmanager_secret_version.jwt_secret")).toMatchObject({
    secret_string_wo: "${ephemeral.aws_secretsmanager_random_password.jwt_secret.random_password}",
    secret_string_wo_version: 3,
  });
});

describe("an apply", () => {
  test("does not wait for tasks where the environment does not say so", () => {
    expect(service.wait_for_steady_state).toBeUndefined();
    expect(service.lifecycle).toEqual({ ignore_changes: ["desired_count"] });
  });

  test("waits where it does, and fails where ECS went back to the revision before", () => {
    const waiting = synthesizeProduction({ api: { waitForSteadyState: true } }).resource("aws_ecs_service.api");
    expect(waiting.wait_for_steady_state).toBe(true);
    expect(waiting.lifecycle).toEqual({
      ignore_changes: ["desired_count"],
      postcondition: [
        {
          condition: "${self.task_definition == aws_ecs_task_definition.api.arn}",
          error_message:
            "ECS went back to the revision before: the tasks of the new one did not become healthy. Why: npm run rollout -- ${var.environment}",
        },
      ],
    });
  });
});
