import fc from "fast-check";
import { environments } from "../../environments";
import { environmentArbitrary } from "../environments/arbitrary";
import { servingEnvironments, synthesizeEnvironments } from "../support/environments";
import { invariants } from "../support/invariants";
import { synthesizePlatform } from "../support/synth";

const stacks = synthesizeEnvironments();
const serving = stacks.filter(({ name }) => servingEnvironments.some((each) => name === `skymanuals-${each.name}`));

test.each(stacks)("$name is as reviewed", (stack) => {
  const json = JSON.stringify(stack.json, (name, value) => (name === "source_code_hash" ? "of the archive" : value));
  expect(JSON.parse(json)).toMatchSnapshot();
});

test.each(serving)("$name takes its variables' defaults from the environment", (stack) => {
  const environment = environments.find(({ name }) => stack.name === `skymanuals-${name}`);
  expect(stack.variable("environment").default).toBe(environment?.name);
  expect(stack.variable("aws_region").default).toBe(environment?.region);
  expect(stack.json.provider).toMatchObject({
    aws: [
      { region: "${var.aws_region}", allowed_account_ids: [environment?.accountId] },
      { alias: "us_east_1", region: "us-east-1", allowed_account_ids: [environment?.accountId] },
      ...(environment?.recovery?.type === "primary"
        ? [{ alias: "us_west_2", region: "us-west-2", allowed_account_ids: [environment.accountId] }]
        : []),
    ],
  });
});

test.each(serving)("$name puts out what an engineer asks for first, and no secret", (stack) => {
  for (const name of ["api_url", "cloudfront_domain_name", "database_address", "chunks_bucket", "ecs_cluster"]) {
    expect(stack.output(name)).toHaveProperty("description");
  }
  expect(JSON.stringify(stack.json.output)).not.toMatch(/secret_string|ephemeral|password/);
});

test("random valid environments synthesize, and keep every invariant", () => {
  fc.assert(
    fc.property(environmentArbitrary, (environment) => {
      const stack = synthesizePlatform(environment);
      for (const [name, broken] of Object.entries(invariants)) {
        expect([name, broken(stack)]).toEqual([name, []]);
      }
    }),
    { numRuns: 25 },
  );
});
