import fc from "fast-check";
import { development } from "../environments/development";
import { production } from "../environments/production";
import { staging } from "../environments/staging";
import { at } from "./support/blocks";
import { changed } from "./support/environments";
import { type Synthesized, synthesizePlatform } from "./support/synth";

/** Arguments by which AWS tells one object from another, within an account and region or beyond. */
const nameArguments = [
  "alarm_name",
  "bucket",
  "domain_name",
  "family",
  "group_name",
  "identifier",
  "name",
  "name_prefix",
  "policy_name",
  "replication_group_id",
  "rule_name",
];

/** Names within a parent that has a name of its own. */
const scopedToParent = new Set([
  "aws_cloudwatch_log_stream",
  "aws_glue_catalog_table",
  "aws_iam_role_policy",
  "aws_route53_record",
]);

/** Called as a name is, and none: PostgreSQL's version. */
const notNames = new Set(["aws_db_parameter_group family"]);

/** `<type> <name>` of everything that another environment could already have. */
function names(stack: Synthesized): string[] {
  return stack.resources().flatMap(({ type, config }) =>
    scopedToParent.has(type)
      ? []
      : [...nameArguments, "tags.Name"].flatMap((argument) => {
          const name = at(config, argument);
          // A reference to another object of this stack, such as bucket = aws_s3_bucket.chunks.id.
          if (typeof name !== "string" || notNames.has(`${type} ${argument}`) || /^\$\{[^}]*\}$/.test(name)) {
            return [];
          }
          return [`${type} ${argument === "tags.Name" ? "tagged " : ""}${name}`];
        }),
  );
}

const duplicates = (list: readonly string[]) => list.filter((name, index) => list.indexOf(name) !== index);

const stacks = [development, staging, production].map(synthesizePlatform);
const pairs = stacks.flatMap((one, index) => stacks.slice(index + 1).map((other) => ({ one, other })));

describe.each(pairs)("A9: $one.name and $other.name in one account and region", ({ one, other }) => {
  test("share no name", () => {
    const taken = new Set(names(other));
    expect(names(one).filter((name) => taken.has(name))).toEqual([]);
  });

  test("share no alias of CloudFront and no DNS record", () => {
    const published = (stack: Synthesized) => [
      ...stack.resources("aws_cloudfront_distribution").flatMap(({ config }) => config.aliases ?? []),
      ...stack.resources("aws_route53_record").map(({ config }) => config.name),
    ];
    expect(published(one).filter((name) => !String(name).startsWith("${") && published(other).includes(name))).toEqual(
      [],
    );
  });

  test("keep their states apart", () => {
    expect(at(one.json, "terraform.backend")).not.toEqual(at(other.json, "terraform.backend"));
  });
});

test.each(stacks)("$name gives no name twice to one type", (stack) => {
  expect(duplicates(names(stack).filter((name) => !name.includes("tagged")))).toEqual([]);
});

test("the check sees a collision: the same names twice collide", () => {
  const copy = synthesizePlatform(changed(development, { name: "copy" }));
  const taken = new Set(names(stacks[0] as Synthesized));
  const collisions = names(copy).filter((name) => taken.has(name));
  for (const name of [
    "aws_db_instance skymanuals-development-postgres",
    "aws_s3_bucket development-skymanuals-chunks",
    "aws_iam_role skymanuals-development-ecs-task",
    "aws_cloudwatch_log_group /ecs/skymanuals-development-api",
    "aws_secretsmanager_secret skymanuals-development/database-url",
  ]) {
    expect(collisions).toContain(name);
  }
});

test("environments of any two names share nothing", () => {
  const taken = new Set(names(stacks[2] as Synthesized));
  const name = fc
    .stringMatching(/^[a-z][a-z0-9]{1,8}$/)
    // environments/between.ts refuses these two prefixes: /ecs/skymanuals-api is production's own log group.
    .filter((word) => word !== "api" && word !== "logstash");
  fc.assert(
    fc.property(name, (word) => {
      const other = changed(development, {
        name: word,
        names: {
          prefix: `skymanuals-${word}`,
          chunksBucket: `${word}-skymanuals-chunks`,
          logsBucket: `${word}-skymanuals-logs`,
        },
        audit: { ...development.audit, bucket: `${word}-skymanuals-audit` },
        archive: { ...development.archive, bucket: `${word}-skymanuals-log-archive` },
        elasticsearch: { ...development.elasticsearch, snapshotsBucket: `${word}-skymanuals-log-snapshots` },
      });
      expect(names(synthesizePlatform(other)).filter((one) => taken.has(one))).toEqual([]);
    }),
    { numRuns: 10, examples: [["ecs"], ["logs"], ["redis"], ["alb"]] },
  );
});
