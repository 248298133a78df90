import fc from "fast-check";
import { environments } from "../environments";
import type { Environment } from "../environments/environment";
import { production } from "../environments/production";
import { sizes } from "../environments/sizes";
import { reservedUsernames } from "../facts/aws-limits";
import { environmentArbitrary } from "./environments/arbitrary";
import { changed, synthesizeServing } from "./support/environments";
import { type Synthesized, synthesizePlatform } from "./support/synth";
import { type Call, together, validate } from "./support/variables";

/** Type and default in production: the documented thirteen, and three of ours. */
const variables: Readonly<Record<string, { readonly type: string; readonly default: unknown }>> = {
  allowed_ips: { type: "list(string)", default: [] },
  api_desired_count: { type: "number", default: 5 },
  api_image_tag: { type: "string", default: "1.0.0" },
  aws_region: { type: "string", default: "us-east-1" },
  database_instance_class: { type: "string", default: "db.r5.large" },
  database_password: { type: "string", default: null },
  database_password_version: { type: "number", default: 1 },
  database_username: { type: "string", default: "skymanuals" },
  ecr_repository_url: { type: "string", default: "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api" },
  elasticsearch_instance_count: { type: "number", default: 3 },
  elasticsearch_instance_type: { type: "string", default: "r5.large.elasticsearch" },
  elasticsearch_master_instance_type: { type: "string", default: "t3.medium.elasticsearch" },
  elasticsearch_volume_size: { type: "number", default: 200 },
  environment: { type: "string", default: "production" },
  origin_header_secret: { type: "string", default: null },
  redis_node_type: { type: "string", default: "cache.r5.large" },
};

const secrets = ["database_password", "origin_header_secret"];

const platforms = synthesizeServing();
const productionStack = synthesizePlatform(production);

test("production declares these variables and no other", () => {
  const declared = productionStack.json.variable as Record<string, Record<string, unknown>>;
  expect(
    Object.fromEntries(
      Object.entries(declared).map(([name, config]) => [name, { type: config.type, default: config.default }]),
    ),
  ).toEqual(variables);
});

describe.each(platforms)("$name", (stack) => {
  test.each(Object.entries(variables))("%s has a type, a description, a default and a validation", (name, { type }) => {
    expect(stack.variable(name)).toMatchObject({
      type,
      description: expect.stringMatching(/^\S.*\.$/s),
      nullable: secrets.includes(name) || stack.variable(name).default === null,
      validation: expect.arrayContaining([
        {
          condition: expect.any(String),
          error_message: expect.stringMatching(new RegExp(`^${name} must .*\\.$`, "s")),
        },
      ]),
    });
    expect(stack.variable(name)).toHaveProperty("default");
  });

  test("C2: secrets are ephemeral and sensitive, and null unless given; nothing else is", () => {
    for (const name of secrets) {
      expect(stack.variable(name)).toMatchObject({ ephemeral: true, sensitive: true, nullable: true, default: null });
    }
    for (const name of Object.keys(variables).filter((one) => !secrets.includes(one))) {
      expect(stack.variable(name)).not.toHaveProperty("ephemeral");
      expect(stack.variable(name)).not.toHaveProperty("sensitive");
    }
  });
});

/** One task, whose connections every class has. */
const oneTask = synthesizePlatform(
  changed(production, {
    size: { apiDesiredCount: 1, apiMaximumCount: 1 },
    api: { scheduledScaling: [] },
  }),
);
const twoZones = synthesizePlatform(changed(production, { zones: ["us-east-1a", "us-east-1b"] }));
const withoutMasters = synthesizePlatform(changed(production, { elasticsearch: { dedicatedMasterCount: 0 } }));
const restricted = synthesizePlatform(
  changed(production, { network: { allowedIps: ["203.0.113.0/24"] }, edge: { restrictToAllowedIps: true } }),
);
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const registry = "123456789012.dkr.ecr.eu-north-1.amazonaws.com";

const accepted: readonly (readonly [string, unknown, Readonly<Record<string, unknown>>?, Synthesized?])[] = [
  ["aws_region", "us-east-1"],
  ["environment", "production"],
  ["database_instance_class", "db.t3.medium", {}, oneTask],
  ["database_instance_class", "db.t3.large"],
  ["database_instance_class", "db.m6gd.16xlarge"],
  ["database_instance_class", "db.r7i.48xlarge"],
  ["database_instance_class", "db.t4g.micro", {}, oneTask],
  ["database_username", "a"],
  ["database_username", "Sky_manuals2"],
  ["database_username", "administrator"],
  ["database_username", "u".repeat(63)],
  ["database_password", null],
  ["database_password", "8letters"],
  ["database_password", "special:?#&+=%$'`"],
  ["database_password", "p".repeat(128)],
  ["database_password_version", 2],
  ["origin_header_secret", null],
  ["origin_header_secret", "sixteen-letters-"],
  ["origin_header_secret", "aB3_.~+/=-".repeat(12)],
  ["redis_node_type", "cache.t3.micro"],
  ["redis_node_type", "cache.r7g.16xlarge"],
  ["redis_node_type", "cache.r5.24xlarge"],
  ["redis_node_type", "cache.t2.micro"],
  ["ecr_repository_url", `${registry}/team/skymanuals-api`],
  ["ecr_repository_url", `${registry}/a1/b_2.c-3`],
  ["api_image_tag", "v1.2.3-rc.1_build"],
  ["api_image_tag", digest],
  ["api_desired_count", 1],
  ["api_desired_count", 10],
  ["elasticsearch_instance_type", "m6g.large.elasticsearch"],
  // A family that AWS added since.
  ["elasticsearch_instance_type", "r9x.large.elasticsearch"],
  ["elasticsearch_master_instance_type", "i3.large.elasticsearch"],
  ["elasticsearch_instance_count", 200, { elasticsearch_master_instance_type: "m5.large.elasticsearch" }],
  ["elasticsearch_instance_count", 4],
  ["elasticsearch_instance_count", 10],
  ["elasticsearch_instance_count", 12, { elasticsearch_master_instance_type: "m5.large.elasticsearch" }],
  [
    "elasticsearch_instance_count",
    12,
    { elasticsearch_master_instance_type: "t3.small.elasticsearch" },
    withoutMasters,
  ],
  ["elasticsearch_instance_count", 2, {}, twoZones],
  ["elasticsearch_instance_count", 4, {}, twoZones],
  ["elasticsearch_volume_size", 10],
  ["elasticsearch_volume_size", 100, { elasticsearch_instance_type: "t3.small.elasticsearch" }],
  ["elasticsearch_volume_size", 200, { elasticsearch_instance_type: "t3.medium.elasticsearch" }],
  ["elasticsearch_volume_size", 1024, { elasticsearch_instance_type: "m5.large.elasticsearch" }],
  ["allowed_ips", ["203.0.113.0/24", "198.51.100.7/32", "10.0.0.0/8"]],
  ["allowed_ips", ["203.0.113.0/25", "203.0.113.128/25"]],
  ["allowed_ips", []],
  ["allowed_ips", ["203.0.113.0/24"], {}, restricted],
];

const refused: typeof accepted = [
  ["aws_region", "eu-north-1"],
  ["environment", "staging"],
  ["database_instance_class", "t3.medium"],
  ["database_instance_class", "db.t3"],
  ["database_instance_class", "db.t3.enormous"],
  ["database_instance_class", "db.t2.medium"],
  // Too few connections for the 16 tasks of production's window, twice in a deployment.
  ["database_instance_class", "db.t3.medium"],
  ["database_instance_class", "db.m5.medium"],
  ["database_instance_class", "db.r5.9xlarge"],
  ["database_instance_class", "db.m6gd.24xlarge"],
  ["database_instance_class", "db.c6gd.large"],
  ["database_instance_class", "xdb.t3.medium"],
  ["database_username", ""],
  ["database_username", "1user"],
  ["database_username", "_user"],
  ["database_username", "sky-manuals"],
  ["database_username", "u".repeat(64)],
  ["database_username", "pg_monitor"],
  ["database_username", "PG_monitor"],
  ["database_username", "Admin"],
  ["database_password", "7letter"],
  ["database_password", ""],
  ["database_password", "p".repeat(129)],
  ["origin_header_secret", "fifteen-letters"],
  ["origin_header_secret", ""],
  ["origin_header_secret", "a".repeat(129)],
  // Wildcards of a listener rule: any value would do.
  ["origin_header_secret", "*".repeat(16)],
  ["origin_header_secret", "sixteen-letters?"],
  ["origin_header_secret", "two words of a secret"],
  ["database_password", "with/slash"],
  ["database_password", "with@sign1"],
  ["database_password", 'with"mark1'],
  ["database_password", "with space"],
  ["database_password", "lösenord12"],
  ["database_password", "line\nbreak1"],
  ["database_password_version", 0],
  ["database_password_version", 1.5],
  ["redis_node_type", "t3.micro"],
  ["redis_node_type", "cache.t3.gigantic"],
  ["redis_node_type", "cache.t3.large"],
  ["redis_node_type", "cache.r5.8xlarge"],
  ["redis_node_type", "cache.t1.micro"],
  ["redis_node_type", "cache.r6gd.xlarge"],
  ["ecr_repository_url", "skymanuals-api"],
  ["ecr_repository_url", `${registry}/skymanuals-api:latest`],
  ["ecr_repository_url", `https://${registry}/skymanuals-api`],
  ["ecr_repository_url", `${registry}/skymanuals-api/`],
  ["ecr_repository_url", `${registry}/skymanuals//api`],
  ["ecr_repository_url", `${registry}/SkyManuals`],
  ["ecr_repository_url", `${registry}/a`],
  ["ecr_repository_url", `${registry}/${"a".repeat(257)}`],
  ["api_image_tag", "latest"],
  ["api_image_tag", ""],
  ["api_image_tag", "-x"],
  ["api_image_tag", "sha256:123"],
  ["api_image_tag", "a b"],
  ["api_desired_count", 0],
  ["api_desired_count", 11],
  ["api_desired_count", 2.5],
  ["elasticsearch_instance_type", "t3.medium"],
  ["elasticsearch_instance_type", "t3.medium.search"],
  ["elasticsearch_instance_type", "t2.small.elasticsearch"],
  ["elasticsearch_instance_type", "t3.large.elasticsearch"],
  ["elasticsearch_instance_type", "i3.large.elasticsearch"],
  ["elasticsearch_instance_type", "i4i.large.elasticsearch"],
  ["elasticsearch_instance_type", "or1.medium.elasticsearch"],
  ["elasticsearch_instance_type", "m5.enormous.elasticsearch"],
  ["elasticsearch_instance_type", "r9x.enormous.elasticsearch"],
  ["elasticsearch_master_instance_type", "t2.small.elasticsearch"],
  ["elasticsearch_master_instance_type", "m3.medium.elasticsearch"],
  ["elasticsearch_master_instance_type", "ultrawarm1.medium.elasticsearch"],
  ["elasticsearch_master_instance_type", "or1.medium.elasticsearch"],
  ["elasticsearch_instance_count", 201, { elasticsearch_master_instance_type: "m5.large.elasticsearch" }],
  ["elasticsearch_instance_count", 500, { elasticsearch_master_instance_type: "m5.large.elasticsearch" }],
  ["elasticsearch_instance_count", 202, { elasticsearch_master_instance_type: "m5.large.elasticsearch" }, twoZones],
  ["elasticsearch_master_instance_type", "m5.large"],
  ["elasticsearch_instance_count", 2],
  ["elasticsearch_instance_count", 3.5],
  ["elasticsearch_instance_count", 3, {}, twoZones],
  ["elasticsearch_instance_count", 0, {}, twoZones],
  ["elasticsearch_master_instance_type", "t3.small.elasticsearch", { elasticsearch_instance_count: 11 }],
  ["elasticsearch_volume_size", 9],
  ["elasticsearch_volume_size", 50.5],
  ["elasticsearch_volume_size", 24577, { elasticsearch_instance_type: "r9x.large.elasticsearch" }],
  ["elasticsearch_volume_size", 101, { elasticsearch_instance_type: "t3.small.elasticsearch" }],
  ["elasticsearch_volume_size", 201, { elasticsearch_instance_type: "t3.medium.elasticsearch" }],
  ["elasticsearch_volume_size", 1025, { elasticsearch_instance_type: "m5.large.elasticsearch" }],
  ["elasticsearch_volume_size", 1025, { elasticsearch_instance_type: "m6g.large.elasticsearch" }],
  ["allowed_ips", ["0.0.0.0/0"]],
  ["allowed_ips", ["10.0.0.0/8", "128.0.0.0/1"]],
  ["allowed_ips", ["203.0.113.7"]],
  ["allowed_ips", ["203.0.113.256/32"]],
  ["allowed_ips", ["::/0"]],
  ["allowed_ips", ["vpn.skymanuals.com"]],
  ["allowed_ips", ["10.0.0.5/24"]],
  ["allowed_ips", ["203.0.113.0/24", "203.0.113.0/24"]],
  ["allowed_ips", ["203.0.113.128/25", "203.0.113.0/24"]],
  ["allowed_ips", ["203.0.113.0/024"]],
  ["allowed_ips", [], {}, restricted],
  ["allowed_ips", Array.from({ length: 60 }, (_, index) => `198.51.${index}.0/24`)],
];

describe("A3, A5, A7: Terraform itself", () => {
  const calls = (table: typeof accepted): Call[] =>
    table.map(([name, value, others = {}, stack = productionStack]) => ({
      stack,
      values: { ...others, [name]: value },
      only: together(name),
    }));
  const answers = validate([...calls(accepted), ...calls(refused)]);

  test.each(accepted.map(([name, value], index) => [name, value, index] as const))(
    "accepts %s = %j",
    (_, __, index) => {
      expect(answers[index]).toEqual([]);
    },
  );

  test.each(refused.map(([name, value], index) => [name, value, index] as const))(
    "refuses %s = %j, and says what is allowed",
    (name, _, index) => {
      expect(answers[accepted.length + index]).toEqual([expect.stringMatching(new RegExp(`^${name} must `))]);
    },
  );

  test("A7: refuses every user name that the environment's schema refuses", () => {
    const names = [...reservedUsernames];
    const only = /^database_username$/;
    const answers = validate(
      names.map((name) => ({ stack: productionStack, values: { database_username: name }, only })),
    );
    expect(names.filter((_, index) => answers[index]?.length !== 1)).toEqual([]);
  });

  test("accepts the defaults of every environment and size, and of random valid environments", () => {
    // Without production's window, whose 16 tasks need more connections than the small size's database has.
    const sized = (size: Environment["size"]) => changed(production, { size, api: { scheduledScaling: [] } });
    const known = [...environments, ...Object.values(sizes).map(sized)];
    const random = fc.sample(environmentArbitrary, 15);
    const all = [...known, ...random];
    const answers = validate(all.map((environment) => ({ stack: synthesizePlatform(environment), values: {} })));
    expect(
      answers.flatMap((messages, index) => (messages.length > 0 ? [{ messages, size: all[index]?.size }] : [])),
    ).toEqual([]);
  }, 60_000);
});
