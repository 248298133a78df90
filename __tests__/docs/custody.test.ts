import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../environments";
import { synthesizePlatform } from "../support/synth";

const page = readFileSync(join(__dirname, "../../docs/custody.md"), "utf8");

test.each(environments)("docs/custody.md says how $name keeps its records", (environment) => {
  const stack = synthesizePlatform(environment);
  const denies = stack
    .statements("aws_s3_bucket_policy.audit")
    .filter(({ Effect, Condition }) => Effect === "Deny" && Condition === undefined)
    .some(({ Action }) => ["s3:DeleteObject", "s3:DeleteObjectVersion"].every((action) => Action.includes(action)));
  const { mode } = (
    stack.resource("aws_s3_bucket_object_lock_configuration.audit").rule as { default_retention: { mode: string } }
  ).default_retention;
  expect(page).toContain(`| ${environment.name} | ${denies ? "denied" : "not denied"} | ${mode} |`);
});
