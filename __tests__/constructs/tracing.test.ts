import { servingEnvironments, synthesizeProduction } from "../support/environments";
import { parseJsonencode } from "../support/jsonencode";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const containers = stack.containers("aws_ecs_task_definition.api");
const collector = containers.find(({ name }) => name === "collector");
const variables = Object.fromEntries((collector?.environment ?? []).map(({ name, value }) => [name, value]));

interface CollectorConfiguration {
  readonly receivers: { readonly otlp: { readonly protocols: { readonly http: { readonly endpoint: string } } } };
  readonly processors: { readonly memory_limiter: { readonly limit_mib: number } };
  readonly extensions: { readonly [name in "awsproxy" | "health_check"]: { readonly endpoint: string } };
  readonly exporters: object;
  readonly service: {
    readonly extensions: string[];
    readonly pipelines: { readonly traces: { readonly exporters: string[]; readonly processors: string[] } };
  };
}
const configuration = parseJsonencode(variables.AOT_CONFIG_CONTENT ?? "") as CollectorConfiguration;

test("health checks are never traced; of the API's other requests one a second, and five in a hundred", () => {
  const rule = (label: string) => stack.resource(`aws_xray_sampling_rule.${label}`);
  const everything = { service_type: "*", host: "*", http_method: "*", resource_arn: "*", version: 1 };
  expect(rule("health")).toMatchObject({
    ...everything,
    rule_name: "skymanuals-health",
    service_name: "skymanuals-api",
    url_path: "/api/health",
    reservoir_size: 0,
    fixed_rate: 0,
  });
  expect(rule("api")).toMatchObject({
    ...everything,
    rule_name: "skymanuals-api",
    service_name: "skymanuals-api",
    url_path: "*",
    reservoir_size: 1,
    fixed_rate: 0.05,
  });
  expect(Number(rule("health").priority)).toBeLessThan(Number(rule("api").priority));
});

test("failed and slow requests are a group", () => {
  expect(stack.resource("aws_xray_group.api")).toMatchObject({
    group_name: "skymanuals-api",
    filter_expression: 'service("skymanuals-api") { fault = true OR responsetime > 2 }',
    insights_configuration: { insights_enabled: true, notifications_enabled: false },
  });
});

test("AWS allows names of 32 characters", () => {
  for (const environment of servingEnvironments) {
    const names = synthesizePlatform(environment)
      .resources()
      .filter(({ type }) => type.startsWith("aws_xray_"))
      .map(({ config }) => String(config.rule_name ?? config.group_name));
    expect(names).toHaveLength(3);
    expect(names.filter((name) => name.length > 32)).toEqual([]);
  }
});

describe("the collector beside the API", () => {
  test("is pinned, bounded, and not essential", () => {
    expect(containers.map(({ name, essential }) => [name, essential])).toEqual([
      ["api", true],
      ["collector", false],
    ]);
    expect(collector).toMatchObject({ cpu: 64, memory: 256, healthCheck: { command: ["CMD", "/healthcheck"] } });
    expect(collector?.image).toMatch(/^public\.ecr\.aws\/aws-observability\/aws-otel-collector@sha256:[0-9a-f]{64}$/);
    expect(collector?.logConfiguration).toMatchObject({
      options: {
        "awslogs-group": "${aws_cloudwatch_log_group.api.name}",
        "awslogs-stream-prefix": "collector",
      },
    });
  });

  test("takes OTLP and asks for sampling rules where the API's variables say, on this task's own address only", () => {
    const endpoints = [
      configuration.receivers.otlp.protocols.http.endpoint,
      configuration.extensions.awsproxy.endpoint,
      configuration.extensions.health_check.endpoint,
    ];
    expect(endpoints).toEqual(["127.0.0.1:4318", "127.0.0.1:2000", "127.0.0.1:13133"]);
    const api = Object.fromEntries(
      stack.container("aws_ecs_task_definition.api").environment.map(({ name, value }) => [name, value]),
    );
    expect(api.OTEL_EXPORTER_OTLP_ENDPOINT).toBe(`http://${endpoints[0]}`);
    expect(api.OTEL_TRACES_SAMPLER_ARG).toBe(`endpoint=http://${endpoints[1]}`);
  });

  test("sends traces to X-Ray, and drops them before it needs more memory than it has", () => {
    const { exporters, processors, extensions, service } = configuration;
    const { traces } = service.pipelines;
    expect(traces.exporters).toEqual(["awsxray"]);
    expect(traces.processors[0]).toBe("memory_limiter");
    expect(processors.memory_limiter.limit_mib).toBeLessThan(Number(collector?.memory));
    const declared = [...Object.keys(exporters), ...Object.keys(processors), ...Object.keys(extensions)].sort();
    expect([...traces.exporters, ...traces.processors, ...service.extensions].sort()).toEqual(declared);
    expect(variables.AWS_REGION).toBe("${var.aws_region}");
  });

  test("uses the task role, which X-Ray lets on everything or nothing", () => {
    expect(stack.statement("aws_iam_role_policy.ecs_task", "Trace")).toEqual({
      Effect: "Allow",
      Sid: "Trace",
      Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
      Resource: ["*"],
    });
  });
});
