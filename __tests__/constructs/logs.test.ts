import { readFileSync } from "node:fs";
import { join } from "node:path";
import { synthesizeProduction } from "../support/environments";

const stack = synthesizeProduction();

test.each([
  ["api", "/ecs/skymanuals-api", "skymanuals-api-logs"],
  ["ecs", "/ecs/skymanuals", "skymanuals-ecs-logs"],
  ["logstash", "/ecs/skymanuals-logstash", "skymanuals-logstash-logs"],
])("log group %s is %s, kept for 30 days", (label, name, tag) => {
  expect(stack.resource(`aws_cloudwatch_log_group.${label}`)).toEqual({
    name,
    retention_in_days: 30,
    kms_key_id: "${aws_kms_key.logs.arn}",
    tags: { Name: tag, Environment: "${var.environment}" },
  });
});

test.each([
  [
    "api_errors",
    "API errors",
    "api",
    'fields @timestamp, level, eventType, userId, message\n| filter level = "error"\n| sort @timestamp desc\n| limit 100',
  ],
  [
    "slow_requests",
    "Slow requests",
    "api",
    "fields @timestamp, responseTime, status, userId, message\n| filter responseTime > 2000\n| sort responseTime desc\n| limit 100",
  ],
  [
    "user_trail",
    "One user's trail",
    "api",
    'fields @timestamp, logType, eventType, deviceId, organizationId, status, message\n| filter userId = "USER"\n| sort @timestamp asc\n| limit 1000',
  ],
  [
    "logstash_failures",
    "Logstash failures",
    "logstash",
    "fields @timestamp, @message\n| filter @message like /\\[(WARN|ERROR|FATAL) *\\]/\n| sort @timestamp desc\n| limit 100",
  ],
  [
    "custody_verification",
    "Custody verification",
    "verify_custody",
    "fields @timestamp, level, message.message, message.records, errorMessage\n| filter not ispresent(type)\n| sort @timestamp desc\n| limit 60",
  ],
  [
    "custody_reconciliation",
    "Custody reconciliation",
    "reconcile_custody",
    "fields @timestamp, level, message.message, message.key, message.versionId, message.reason, errorMessage\n| filter not ispresent(type)\n| sort @timestamp desc\n| limit 200",
  ],
])("saved query %s", (label, title, logGroup, query) => {
  expect(stack.resource(`aws_cloudwatch_query_definition.${label}`)).toEqual({
    name: `skymanuals/${title}`,
    log_group_names: [`\${aws_cloudwatch_log_group.${logGroup}.name}`],
    query_string: query,
  });
});

test("what is slow is what the traces call slow", () => {
  const other = synthesizeProduction({ tracing: { slowSeconds: 3 } });
  expect(other.resource("aws_cloudwatch_query_definition.slow_requests").query_string).toContain(
    "filter responseTime > 3000",
  );
});

test("queries of the API's log name fields of the log store's template", () => {
  const { mappings } = JSON.parse(
    readFileSync(join(__dirname, "../../logstash/templates/skymanuals-template.json"), "utf8"),
  ) as { readonly mappings: { readonly properties: object } };
  const named = ["api_errors", "slow_requests", "user_trail"].flatMap((label) => {
    const query = String(stack.resource(`aws_cloudwatch_query_definition.${label}`).query_string);
    return (/^fields (.*)$/m.exec(query)?.[1] ?? "").split(", ");
  });
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((field) => !(field in mappings.properties))).toEqual([]);
});
