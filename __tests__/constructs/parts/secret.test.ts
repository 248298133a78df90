import { TerraformOutput } from "cdktf";
import { ComposedSecret, GeneratedSecret } from "../../../constructs/parts/secret";
import { synthesizeConstructs } from "../../support/synth";

const secret = { name: "sky/token", description: "Token", recoveryDays: 7, version: 4 };

test("a generated value is written once per version, destroyed before its successor, and read by nobody who does not ask", () => {
  const stack = synthesizeConstructs((scope) => new GeneratedSecret(scope, "token", { ...secret, length: 40 }));
  expect(stack.json.ephemeral).toEqual({
    aws_secretsmanager_random_password: { token: { password_length: 40, exclude_punctuation: true } },
  });
  expect(stack.json).not.toHaveProperty("data");
  expect(stack.resource("aws_secretsmanager_secret.token")).toEqual({
    name: "sky/token",
    description: "Token",
    recovery_window_in_days: 7,
    tags: { Name: "sky/token" },
  });
  expect(stack.resource("aws_secretsmanager_secret_version.token")).toEqual({
    secret_id: "${aws_secretsmanager_secret.token.id}",
    secret_string_wo: "${ephemeral.aws_secretsmanager_random_password.token.random_password}",
    secret_string_wo_version: 4,
  });
});

test("valueFrom names the version, so that a rotation is a new task definition", () => {
  const stack = synthesizeConstructs((scope) => {
    const value = new GeneratedSecret(scope, "token", { ...secret, length: 40 }).valueFrom;
    new TerraformOutput(scope, "value_from", { value, staticId: true });
  });
  expect(stack.output("value_from").value).toBe(
    "${aws_secretsmanager_secret.token.arn}:::${aws_secretsmanager_secret_version.token.version_id}",
  );
});

test("a composed value is written anew when its version or a part changes, and never stands beside its successor", () => {
  const stack = synthesizeConstructs(
    (scope) => new ComposedSecret(scope, "url", { ...secret, value: "x://host", parts: { host: "host" } }),
  );
  expect(stack.resource("aws_secretsmanager_secret_version.url")).toEqual({
    secret_id: "${aws_secretsmanager_secret.url.id}",
    secret_string_wo: "x://host",
    secret_string_wo_version: '${parseint(substr(sha256(jsonencode({"version" = 4, "host" = "host"})), 0, 12), 16)}',
  });
});
