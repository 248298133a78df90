import fc from "fast-check";
import { production } from "../environments/production";
import { environmentSchema } from "../environments/schema";
import { problemsOf } from "../environments/validation/rules";
import { withValues } from "./environments/edit";
import { type Synthesized, synthesizePlatform } from "./support/synth";
import { together, validate } from "./support/variables";

/**
 * A value of a Terraform variable replaces a field of the environment: what one refuses, the other must refuse, or a value
 * that AWS refuses would get through by the weaker of the two.
 */

/** Production, or with other fields: `variable` gets the value, and so does the field at `path`. */
interface Case {
  readonly variable: string;
  readonly path: string;
  readonly value: unknown;
  readonly others?: Readonly<Record<string, unknown>>;
}

/** Each variable with the field that is its default, and values that both take or both refuse. */
const fields: readonly {
  readonly variable: string;
  readonly path: string;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
  /** Other fields of the environment, for all values. */
  readonly others?: Readonly<Record<string, unknown>>;
}[] = [
  {
    variable: "database_instance_class",
    path: "size.databaseInstanceClass",
    // One task, whose connections every class has.
    others: { "size.apiDesiredCount": 1, "size.apiMaximumCount": 1, "api.scheduledScaling": [] },
    good: [
      "db.t3.micro",
      "db.t4g.2xlarge",
      "db.m6i.32xlarge",
      "db.r8g.48xlarge",
      "db.x2iedn.xlarge",
      "db.x2g.16xlarge",
    ],
    bad: [
      ...["db.t3.enormous", "db.t2.medium", "db.m5.medium", "db.r5.9xlarge", "db.m4.large", "db.r7g.24xlarge"],
      ...[
        "db.x9.large",
        "db.c6gd.large",
        "t3.medium",
        "cache.t3.medium",
        "db.t3",
        "",
        "db.t3.medium\n",
        "DB.t3.medium",
      ],
    ],
  },
  {
    // 16 tasks in production's window: 670 connections, which 7 GiB give.
    variable: "database_instance_class",
    path: "size.databaseInstanceClass",
    good: ["db.t3.large", "db.m5.large", "db.r5.2xlarge"],
    bad: ["db.t3.micro", "db.t3.medium", "db.t4g.medium", "db.t2.large"],
  },
  {
    variable: "database_username",
    path: "database.username",
    good: ["a", "Sky_manuals2", "u".repeat(63)],
    bad: ["", "1user", "u".repeat(64), "pg_monitor", "PG_x", "Admin", "user", "sky-manuals", "SkyManuals_API", "a\n"],
  },
  { variable: "database_password_version", path: "database.passwordVersion", good: [1, 7], bad: [0, -1, 1.5] },
  {
    variable: "redis_node_type",
    path: "size.redisNodeType",
    good: ["cache.t2.micro", "cache.t4g.medium", "cache.m4.10xlarge", "cache.r5.24xlarge", "cache.c7gn.16xlarge"],
    bad: [
      ...["cache.t3.gigantic", "cache.t3.large", "cache.r5.8xlarge", "cache.t1.micro", "cache.r6gd.xlarge"],
      ...["cache.x9.large", "t3.micro", "db.t3.micro", "cache.t3", "", "cache.t3.micro\n"],
    ],
  },
  {
    variable: "ecr_repository_url",
    path: "api.ecrRepositoryUrl",
    good: ["skymanuals", "team/skymanuals-api", "a1/b_2.c-3", "ab"].map(inRegistry),
    bad: [
      ...[
        "skymanuals/",
        "skymanuals//api",
        "../api",
        "a-.-b",
        "SkyManuals",
        "api:latest",
        "a",
        "a".repeat(257),
        "",
      ].map(inRegistry),
      "skymanuals",
      `https://${inRegistry("api")}`,
      "12345678901.dkr.ecr.us-east-1.amazonaws.com/api",
      "222222222222.dkr.ecr.mars.amazonaws.com/api",
    ],
  },
  {
    variable: "api_image_tag",
    path: "api.imageTag",
    good: ["1.4.2", "v1.2.3-rc.1_build", `sha256:${"0".repeat(64)}`, "a".repeat(128)],
    bad: ["latest", "", "-x", "a b", "sha256:123", `sha256:${"A".repeat(64)}`, "a".repeat(129), "1.0\n"],
  },
  {
    variable: "api_desired_count",
    path: "size.apiDesiredCount",
    good: [1, 10],
    bad: [0, 2.5, 11, 5001],
  },
  {
    variable: "elasticsearch_instance_type",
    path: "size.elasticsearchInstanceType",
    good: ["r5.12xlarge", "m6g.8xlarge", "t3.medium", "r9x.large"].map(ofElasticsearch),
    bad: [
      ...["t2.small", "t3.large", "i3.large", "i4i.large", "or1.medium", "m5.enormous", "r5.8xlarge", "r6gd.large"].map(
        ofElasticsearch,
      ),
      // Production's volumes are 200 GiB.
      ...["ultrawarm1.medium", "t3.small"].map(ofElasticsearch),
      ...["t3.medium.search", "t3.medium", "", `${ofElasticsearch("t3.medium")}\n`],
    ],
  },
  {
    variable: "elasticsearch_instance_count",
    path: "size.elasticsearchInstanceCount",
    good: [3, 4, 10],
    bad: [0, 1, 2, 3.5, 11, 201],
  },
  {
    variable: "elasticsearch_instance_count",
    path: "size.elasticsearchInstanceCount",
    others: { "size.elasticsearchMasterInstanceType": "m5.large.elasticsearch" },
    good: [11, 200],
    bad: [201, 500],
  },
  {
    variable: "elasticsearch_instance_count",
    path: "size.elasticsearchInstanceCount",
    others: { zones: ["us-east-1a", "us-east-1b"], "elasticsearch.dedicatedMasterCount": 0 },
    // The private subnets have addresses for so many.
    good: [2, 12, 142],
    bad: [0, 1, 3, 144, 201, 202],
  },
  {
    variable: "elasticsearch_master_instance_type",
    path: "size.elasticsearchMasterInstanceType",
    good: ["t3.small", "m5.large", "i3.large", "r9x.large"].map(ofElasticsearch),
    bad: [
      ...["t2.small", "m3.medium", "r3.large", "ultrawarm1.medium", "or1.medium", "t3.large"].map(ofElasticsearch),
      ...["m5.large", ""],
    ],
  },
  {
    variable: "elasticsearch_volume_size",
    path: "size.elasticsearchVolumeSizeGiB",
    good: [10, 2048],
    bad: [9, 50.5, 2049, 30000],
  },
  {
    variable: "allowed_ips",
    path: "network.allowedIps",
    good: [[], ["10.0.0.0/8"], ["203.0.113.0/25", "203.0.113.128/25"], ["198.51.100.7/32", "198.51.100.8/32"]],
    bad: [
      ["10.0.0.5/24"],
      ["203.0.113.0/24", "203.0.113.0/24"],
      ["203.0.113.128/25", "203.0.113.0/24"],
      ["203.0.113.0/24", "203.0.113.7/32"],
      ["0.0.0.0/0"],
      ["10.0.0.0/7"],
      ["203.0.113.7"],
      ["203.0.113.256/32"],
      ["203.0.113.0/33"],
      ["203.0.113.0/024"],
      ["2001:db8::/32"],
      ["vpn.skymanuals.com"],
      [""],
      Array.from({ length: 60 }, (_, index) => `198.51.${index}.0/24`),
    ],
  },
  {
    variable: "allowed_ips",
    path: "network.allowedIps",
    others: { "network.allowedIps": ["203.0.113.0/24"], "edge.restrictToAllowedIps": true },
    good: [["198.51.100.0/24"]],
    bad: [[]],
  },
];

/** Variables that no literal stands for: secrets, and what the stack is synthesized for. */
const withoutField = ["aws_region", "database_password", "environment", "origin_header_secret"];

function inRegistry(repository: string): string {
  return `222222222222.dkr.ecr.us-east-1.amazonaws.com/${repository}`;
}

function ofElasticsearch(type: string): string {
  return `${type}.elasticsearch`;
}

/** Values near the border of what is allowed, which nobody chose. */
const sizes = [
  "micro",
  "small",
  "medium",
  "large",
  "xlarge",
  "2xlarge",
  "8xlarge",
  "10xlarge",
  "12xlarge",
  "16xlarge",
  "24xlarge",
];
const families = [
  "t2",
  "t3",
  "t4g",
  "m4",
  "m5",
  "m6g",
  "m6gd",
  "m7i",
  "c5",
  "c6g",
  "c7gn",
  "r4",
  "r5",
  "r6gd",
  "r7g",
  "i3",
  "or1",
];
const type = fc.tuple(fc.constantFrom(...families), fc.constantFrom(...sizes)).map((parts) => parts.join("."));
const block = fc
  .tuple(
    fc.constantFrom("10.0.0.0", "10.0.0.128", "10.1.0.0", "10.128.0.0", "11.0.0.0"),
    fc.integer({ min: 7, max: 32 }),
  )
  .map((parts) => parts.join("/"));
const random: Case[] = [
  ...fc.sample(type, 40).map((one) => drawn("database_instance_class", "size.databaseInstanceClass", `db.${one}`)),
  ...fc.sample(type, 40).map((one) => drawn("redis_node_type", "size.redisNodeType", `cache.${one}`)),
  ...fc
    .sample(type, 40)
    .map((one) => drawn("elasticsearch_instance_type", "size.elasticsearchInstanceType", ofElasticsearch(one))),
  ...fc
    .sample(type, 40)
    .map((one) =>
      drawn("elasticsearch_master_instance_type", "size.elasticsearchMasterInstanceType", ofElasticsearch(one)),
    ),
  ...fc.sample(fc.array(block, { maxLength: 3 }), 60).map((list) => drawn("allowed_ips", "network.allowedIps", list)),
];

function drawn(variable: string, path: string, value: unknown): Case {
  return { variable, path, value };
}

const stacks = new Map(
  [undefined, ...fields.map(({ others }) => others)].map(
    (others) => [others, synthesizePlatform(withValues(production, others ?? {}))] as const,
  ),
);

/** Whether Terraform accepts the value as the variable's. */
function acceptedByTerraform(cases: readonly Case[]): boolean[] {
  const answers = validate(
    cases.map(({ variable, value, others }) => {
      const stack = stacks.get(others) as Synthesized;
      const only = together(variable);
      // Named too where they have their defaults: a rule that a default breaks is reported at the call then.
      const defaults = Object.entries(stack.json.variable as Record<string, { readonly default: unknown }>)
        .filter(([name]) => only.test(name))
        .map(([name, declared]) => [name, declared.default]);
      return { stack, values: { ...Object.fromEntries(defaults), [variable]: value }, only };
    }),
  );
  return answers.map((messages) => messages.length === 0);
}

/** Whether the schema accepts the value as the literal's. */
function acceptedBySchema({ path, value, others = {} }: Case): boolean {
  return problemsOf(environmentSchema, withValues(production, { ...others, [path]: value }), "").length === 0;
}

const chosen = fields.flatMap(({ variable, path, good, bad, others }) => [
  ...good.map((value) => ({ variable, path, value, ...(others ? { others } : {}), accepted: true })),
  ...bad.map((value) => ({ variable, path, value, ...(others ? { others } : {}), accepted: false })),
]);

test("every variable has a field here, or none in an environment", () => {
  const declared = Object.keys(stacks.get(undefined)?.json.variable as object);
  expect([...new Set(fields.map(({ variable }) => variable)), ...withoutField].sort()).toEqual(declared.sort());
});

describe("a literal and a variable", () => {
  const terraform = acceptedByTerraform(chosen);

  test.each(chosen.map((one, index) => ({ ...one, index })))(
    "$variable = $value: accepted by both is $accepted",
    ({ accepted, index, ...one }) => {
      expect({ schema: acceptedBySchema(one), terraform: terraform[index] }).toEqual({
        schema: accepted,
        terraform: accepted,
      });
    },
  );

  test("agree on values that nobody chose", () => {
    const answers = acceptedByTerraform(random);
    expect(random.filter((one, index) => acceptedBySchema(one) !== answers[index])).toEqual([]);
    // Both kinds came up, or the test would say nothing.
    expect(new Set(answers)).toEqual(new Set([true, false]));
  }, 60_000);
});
