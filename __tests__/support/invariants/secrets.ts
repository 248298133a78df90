import { strings } from "../blocks";
import type { Invariant } from "./invariant";

/** Text without what Terraform evaluates, and without the digests of images that everybody may read. */
function literal(text: string): string {
  return text
    .replace(/\$\{[^}]*\}/g, "")
    .replace(/(?<="image" = "public\.ecr\.aws\/[a-z/-]+)@sha256:[0-9a-f]{64}(?=")/g, "")
    .replace(/^arn:aws:rds:[a-z0-9-]+:\d{12}:auto-backup:ab-[a-z0-9]+$/, "");
}

/** Bits of information per character, from the characters' frequencies. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) {
    counts.set(char, (counts.get(char) ?? 0) + 1);
  }
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}

const secretForms: readonly (readonly [string, RegExp])[] = [
  ["an AWS access key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["a private key", /-----BEGIN/],
  ["a token of GitHub or Slack", /\b(gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-[A-Za-z0-9-]{10,})/],
  ["a password in a URL", /:\/\/[^\s/:@]*:[^\s/@${]+@/],
  ["an assigned password", /\b(password|passwd|secret|token)\s*[=:]\s*["']?[^\s"'$]{6,}/i],
];

const secretArgument = /(^|_)(password|secret_string|auth_token|private_key)(_wo)?$/;

export const noSecretInTheOutput: Invariant = (stack) => {
  const { variable: _, ...blocks } = stack.json;
  return strings(blocks).flatMap(({ path, text }) => {
    const where = path.join(".");
    const key = path.at(-1) ?? "";
    const prose = key === "description" || key === "alarm_description" || key === "error_message";
    const forms = prose ? [] : secretForms.filter(([, form]) => form.test(text)).map(([what]) => what);
    const random = (key === "source_code_hash" ? "" : literal(text))
      .split(/[^A-Za-z0-9+=]/)
      .filter((word) => word.length >= 20 && /\d/.test(word) && entropy(word) > 3.7);
    return [
      ...forms.map((what) => `${where}: holds ${what}`),
      ...random.map((word) => `${where}: holds a random-looking literal of ${word.length} characters`),
      ...(secretArgument.test(key) && !text.includes("${") ? [`${where}: a secret as a literal`] : []),
    ];
  });
};

/** Where an ephemeral value may stand: write-only arguments. */
export const ephemeralValuesAreWriteOnly: Invariant = (stack) =>
  strings(stack.json.resource)
    .filter(
      ({ path, text }) =>
        /ephemeral\.|var\.(database_password|origin_header_secret)\b/.test(text) && !/_wo$/.test(path.at(-1) ?? ""),
    )
    .map(({ path }) => `${path.join(".")}: an ephemeral value outside a write-only argument`);

/** Arguments without a write-only form. */
const secretsInState = new Set([
  "aws_elasticache_replication_group.redis.auth_token",
  "aws_lb_listener_rule.cloudfront.condition.0.http_header.values.0",
  "aws_lb_listener_rule.cloudfront.condition.0.http_header.values.1",
  "aws_cloudfront_distribution.skymanuals.origin.0.custom_header.0.value",
]);

export const fewSecretsReachTheState: Invariant = (stack) =>
  strings(stack.json.resource)
    .filter(({ path, text }) => text.includes(".secret_string") && !/_wo$/.test(path.at(-1) ?? ""))
    .map(({ path }) => path.join("."))
    .filter((path) => !secretsInState.has(path))
    .map((path) => `${path}: a secret that the state would hold`);

export const containersGetSecretsByReference: Invariant = (stack) =>
  stack.resources("aws_ecs_task_definition").flatMap(({ address }) => {
    const containers = stack.containers(address);
    const environment = containers.flatMap(({ environment }) => environment);
    const secrets = containers.flatMap(({ secrets = [] }) => secrets);
    return [
      ...environment
        .filter(
          ({ name, value }) =>
            /PASSWORD|SECRET|TOKEN|AWS_ACCESS_KEY|DATABASE_URL|REDIS_URL/.test(name) || /@/.test(value),
        )
        .map(({ name }) => `${address}: ${name} in plain text`),
      ...secrets
        .filter(
          ({ valueFrom }) =>
            !/^\$\{aws_secretsmanager_secret\.(\w+)\.arn\}:::\$\{aws_secretsmanager_secret_version\.\1\.version_id\}$/.test(
              valueFrom,
            ),
        )
        .map(({ name }) => `${address}: ${name} is no reference to a version of a secret`),
    ];
  });
