import { development } from "../../environments/development";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const container = stack.container("aws_ecs_task_definition.logstash");

test("the documented task definition", () => {
  expect(stack.resource("aws_ecs_task_definition.logstash")).toMatchObject({
    family: "skymanuals-logstash",
    network_mode: "awsvpc",
    requires_compatibilities: ["FARGATE"],
    cpu: "1024",
    memory: "2048",
    tags: { Name: "skymanuals-logstash", Environment: "${var.environment}" },
  });
  expect(container).toMatchObject({
    name: "logstash",
    essential: true,
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": "${aws_cloudwatch_log_group.logstash.name}",
        "awslogs-region": "${var.aws_region}",
        "awslogs-stream-prefix": "ecs",
      },
    },
  });
});

test("the documented service", () => {
  expect(stack.resource("aws_ecs_service.logstash")).toMatchObject({
    name: "skymanuals-logstash",
    cluster: "${aws_ecs_cluster.skymanuals.id}",
    task_definition: "${aws_ecs_task_definition.logstash.arn}",
    desired_count: 1,
    launch_type: "FARGATE",
    network_configuration: { subnets: "${aws_subnet.private[*].id}", assign_public_ip: false },
    deployment_circuit_breaker: { enable: true, rollback: true },
    depends_on: [
      "aws_iam_role_policy.logstash_execution",
      "aws_iam_role_policy.logstash_task",
      "aws_lambda_invocation.bootstrap_elasticsearch",
    ],
    tags: { Name: "skymanuals-logstash-service", Environment: "${var.environment}" },
  });
  expect(stack.resource("aws_ecs_service.logstash")).not.toHaveProperty("load_balancer");
});

test("new environments run it on Spot: it has two minutes to write what it has read", () => {
  const spot = synthesizePlatform(development);
  expect(spot.resource("aws_ecs_service.logstash")).toMatchObject({
    capacity_provider_strategy: [{ capacity_provider: "FARGATE_SPOT", weight: 1 }],
    depends_on: [
      "aws_iam_role_policy.logstash_execution",
      "aws_iam_role_policy.logstash_task",
      "aws_lambda_invocation.bootstrap_elasticsearch",
      "aws_ecs_cluster_capacity_providers.skymanuals",
    ],
  });
  expect(spot.resource("aws_ecs_service.logstash")).not.toHaveProperty("launch_type");
  expect(spot.resource("aws_ecs_cluster_capacity_providers.skymanuals")).toEqual({
    cluster_name: "${aws_ecs_cluster.skymanuals.name}",
    capacity_providers: ["FARGATE", "FARGATE_SPOT"],
  });
  expect(spot.container("aws_ecs_task_definition.logstash")).toHaveProperty("stopTimeout", 120);
});

test("what replaces the service in an adopted state is not set there", () => {
  expect(stack.resource("aws_ecs_service.logstash")).not.toHaveProperty("capacity_provider_strategy");
  expect(stack.resources("aws_ecs_cluster_capacity_providers")).toEqual([]);
});

test("B6, B7, B8, C12: the image is the project's own, by an immutable tag", () => {
  expect(container.image).toMatch(
    /^\$\{join\("", \[aws_ecr_repository\.logstash\.repository_url, .*, "(?!latest)[\w.-]+"\]\)\}$/,
  );
  expect(stack.resource("aws_ecr_repository.logstash")).toMatchObject({
    name: "skymanuals-logstash",
    image_tag_mutability: "IMMUTABLE",
    image_scanning_configuration: { scan_on_push: true },
    force_delete: false,
  });
});

test.each([
  [2048, "-Xms1024m -Xmx1024m"],
  [4096, "-Xms2048m -Xmx2048m"],
  [30720, "-Xms8192m -Xmx8192m"],
])(
  "with %i MiB the JVM has a heap of half of them, at most 8 GiB, instead of the image's 1 GiB",
  (memoryMiB, options) => {
    const sized = synthesizeProduction({ logstash: { cpu: memoryMiB > 8192 ? 4096 : 1024, memoryMiB } });
    expect(sized.container("aws_ecs_task_definition.logstash").environment).toContainEqual({
      name: "LS_JAVA_OPTS",
      value: options,
    });
  },
);

test("B9: the endpoint has scheme and port", () => {
  expect(container.environment).toContainEqual({
    name: "ELASTICSEARCH_ENDPOINT",
    value: "https://${aws_elasticsearch_domain.skymanuals.endpoint}:443",
  });
});

test("A9: the stream that it reads, and its position in it, are this environment's", () => {
  expect(container.environment).toEqual(
    expect.arrayContaining([
      { name: "AWS_REGION", value: "${var.aws_region}" },
      { name: "LOG_STREAM", value: "${aws_kinesis_stream.logs.name}" },
      { name: "LOG_POSITIONS", value: "${aws_dynamodb_table.logstash.name}" },
    ]),
  );
});

describe("B11, C15: roles and security group of its own", () => {
  test("none of the API's", () => {
    expect(stack.resource("aws_ecs_task_definition.logstash")).toMatchObject({
      execution_role_arn: "${aws_iam_role.logstash_execution.arn}",
      task_role_arn: "${aws_iam_role.logstash_task.arn}",
    });
    expect(stack.resource("aws_ecs_service.logstash")).toHaveProperty("network_configuration.security_groups", [
      "${aws_security_group.logstash.id}",
    ]);
  });

  test("the task reads the log stream, keeps its position and writes the indices", () => {
    expect(stack.resource("aws_iam_role_policy.logstash_task").role).toBe("${aws_iam_role.logstash_task.id}");
    expect(stack.statements("aws_iam_role_policy.logstash_task")).toEqual([
      {
        Effect: "Allow",
        Sid: "ReadLogStream",
        Action: [
          "kinesis:DescribeStream",
          "kinesis:DescribeStreamSummary",
          "kinesis:GetRecords",
          "kinesis:GetShardIterator",
          "kinesis:ListShards",
        ],
        Resource: ["${aws_kinesis_stream.logs.arn}"],
      },
      {
        Effect: "Allow",
        Sid: "KeepPosition",
        Action: [
          "dynamodb:DeleteItem",
          "dynamodb:DescribeTable",
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:Scan",
          "dynamodb:UpdateItem",
        ],
        Resource: ["${aws_dynamodb_table.logstash.arn}"],
      },
      {
        Effect: "Allow",
        Sid: "StreamKey",
        Action: ["kms:Decrypt"],
        Resource: ["${aws_kms_key.logs.arn}"],
        Condition: { StringEquals: { "kms:ViaService": ["kinesis.${var.aws_region}.amazonaws.com"] } },
      },
      {
        Effect: "Allow",
        Sid: "ForwardPorts",
        Action: [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        Resource: ["*"],
      },
      {
        Effect: "Allow",
        Sid: "WriteIndices",
        Action: ["es:ESHttp*"],
        Resource: ["${aws_elasticsearch_domain.skymanuals.arn}/*"],
      },
    ]);
  });

  test("execution pulls this image and writes this log, and reads no secret", () => {
    expect(stack.statement("aws_iam_role_policy.logstash_execution", "PullImage").Resource).toEqual([
      "${aws_ecr_repository.logstash.arn}",
    ]);
    expect(stack.statement("aws_iam_role_policy.logstash_execution", "WriteLog").Resource).toEqual([
      "${aws_cloudwatch_log_group.logstash.arn}:*",
    ]);
    expect(stack.statements("aws_iam_role_policy.logstash_execution").map(({ Sid }) => Sid)).not.toContain(
      "ReadSecrets",
    );
    expect(container).not.toHaveProperty("secrets");
  });

  test("nothing reaches the task", () => {
    expect(stack.resource("aws_security_group.logstash")).not.toHaveProperty("ingress");
  });
});

test("batches are the environment's, and nothing but logstash.yml says how many workers there are", () => {
  const { environment } = synthesizeProduction({ logstash: { cpu: 4096, memoryMiB: 8192, batchSize: 100 } }).container(
    "aws_ecs_task_definition.logstash",
  );
  expect(environment).toContainEqual({ name: "PIPELINE_BATCH_SIZE", value: "100" });
  expect(environment).not.toContainEqual(expect.objectContaining({ name: "PIPELINE_WORKERS" }));
});

test("it is well while its API answers that the pipeline runs", () => {
  expect(container.healthCheck).toEqual({
    command: [
      ...["CMD", "curl", "--silent", "--fail", "--max-time", "5", "--output", "/dev/null"],
      "http://127.0.0.1:9600/_node/pipelines/main",
    ],
    interval: 30,
    timeout: 10,
    retries: 3,
    startPeriod: 300,
  });
});

describe("a document that the index refuses", () => {
  test("is counted in Logstash's own log, by what the image's output writes there", () => {
    expect(stack.resource("aws_cloudwatch_log_metric_filter.logstash_refused_documents")).toEqual({
      name: "skymanuals-logstash-refused-documents",
      log_group_name: "${aws_cloudwatch_log_group.logstash.name}",
      pattern: '"Could not index event to OpenSearch"',
      metric_transformation: {
        namespace: "skymanuals",
        name: "LogstashRefusedDocuments",
        value: "1",
        default_value: "0",
      },
    });
  });

  test("makes a ticket", () => {
    expect(stack.resource("aws_cloudwatch_metric_alarm.logstash_refused_documents")).toMatchObject({
      alarm_name: "skymanuals-logstash-refused-documents",
      namespace: "skymanuals",
      metric_name: "LogstashRefusedDocuments",
      statistic: "Sum",
      period: 300,
      evaluation_periods: 1,
      threshold: 1,
      comparison_operator: "GreaterThanOrEqualToThreshold",
      treat_missing_data: "notBreaching",
      alarm_actions: ["${aws_sns_topic.ticket_alerts.arn}"],
    });
  });
});
