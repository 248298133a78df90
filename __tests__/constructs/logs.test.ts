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
    tags: { Name: tag, Environment: "${var.environment}" },
  });
});
