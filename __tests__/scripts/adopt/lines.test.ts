import { runInNewContext } from "node:vm";
import { production } from "../../../environments/production";
import { sizes } from "../../../environments/sizes";
import type { Adoption } from "../../../scripts/adopt/adoption";
import { adoptedFields, withFields } from "../../../scripts/adopt/fields";
import { environmentLines } from "../../../scripts/adopt/lines";
import { outcomeOf } from "../../../scripts/adopt/outcome";
import { formatReport } from "../../../scripts/adopt/report";
import { type PlanDocument, parsePlan } from "../../../scripts/terraform/plan";
import { change, object, root } from "./support";

const rule = {
  from_port: 443,
  to_port: 443,
  protocol: "tcp",
  cidr_blocks: ["0.0.0.0/0"],
  security_groups: ["${aws_security_group.alb.id}"],
};

function outcome(
  changes: PlanDocument["resource_changes"],
  allowed: { replaceable?: string[]; destroyable?: string[] } = {},
) {
  const document: PlanDocument = { resource_changes: changes };
  return outcomeOf({
    plan: parsePlan(document),
    document,
    root: root({ "aws_security_group.ecs": { ingress: [] } }),
    objects: new Map(),
    replaceable: new Set(allowed.replaceable),
    destroyable: new Set(allowed.destroyable),
  });
}

const adoption: Adoption = {
  environment: "production",
  fields: [
    { field: "size.redisNodeType", value: "cache.t3.small", source: "" },
    { field: "database.engineVersion", value: "15.4", source: "" },
  ],
  adopted: {
    keep: { "aws_security_group.ecs": { ingress: [rule], name_prefix: null } },
    renamed: { "aws_security_group.alb": "aws_security_group.public" },
    moved: [{ from: 'aws_eip.nat["a"]', to: "aws_eip.nat[0]" }],
    removed: ["aws_route.internet"],
  },
  kept: [
    {
      address: "aws_security_group.ecs",
      argument: "ingress",
      value: [rule],
      reason: { kind: "lost", connections: ["tcp 443 from 0.0.0.0/0"] },
    },
    { address: "aws_security_group.ecs", argument: "name_prefix", value: null, reason: { kind: "replaces" } },
  ],
  outcome: outcome([]),
  beforeApply: [],
  notes: [],
};

test("the printed lines are TypeScript that means the adoption", () => {
  const lines = environmentLines(production, adoption);
  expect({ ...production, ...structuredClone(runInNewContext(`({${lines}})`, { sizes })) }).toEqual({
    ...withFields(production, adoption.fields),
    adopted: adoption.adopted,
  });
  expect(lines).toContain('    ...sizes.medium,\n    redisNodeType: "cache.t3.small",');
  expect(lines).toContain("// Keeps tcp 443 from 0.0.0.0/0.");
});

test("the report names what is refused, and how to allow it", () => {
  const refusing = {
    ...adoption,
    outcome: outcome([change("aws_lb.main", { name: "a" }, { name: "b" }, { replace_paths: [["name"]] })]),
  };
  expect(formatReport(production, refusing)).toContain(
    "  aws_lb.main would be replaced: name\nAllow one by its address",
  );
  expect(formatReport(production, adoption)).toContain("Nothing is destroyed or replaced.");
});

test("a replacement and a destruction are refused until allowed by address", () => {
  const changes = [
    change("aws_lb.main", { name: "a" }, { name: "b" }, { replace_paths: [["name"]] }),
    { ...change("aws_eip.nat[0]", {}, null), change: { actions: ["delete"], before: {}, after: null } },
  ];
  expect(outcome(changes).refused).toEqual([
    "aws_lb.main would be replaced: name",
    "aws_eip.nat[0] would be destroyed: deleted",
  ]);
  expect(outcome(changes, { replaceable: ["aws_lb.main"], destroyable: ["aws_eip.nat"] }).refused).toEqual([]);
});

test("a new revision of a task definition is no replacement to refuse", () => {
  const { refused, revisions } = outcome([
    change(
      "aws_ecs_task_definition.api",
      { container_definitions: "a" },
      { container_definitions: "b" },
      { replace_paths: [["container_definitions"]] },
    ),
  ]);
  expect(refused).toEqual([]);
  expect(revisions).toEqual([{ address: "aws_ecs_task_definition.api", causes: ["container_definitions"] }]);
});

test("a security group rule that a change in place removes is a destruction", () => {
  const lost = { from_port: 9090, to_port: 9090, protocol: "tcp", cidr_blocks: ["10.0.0.0/16"] };
  expect(outcome([change("aws_security_group.ecs", { ingress: [lost] }, { ingress: [] })]).refused).toEqual([
    "aws_security_group.ecs would be destroyed: it loses a security group rule: tcp 9090 from 10.0.0.0/16",
  ]);
});

test("values of the state become fields of the environment, unless they are documented or the schema refuses them", () => {
  const { fields, refused } = adoptedFields(
    production,
    new Map([
      [
        "aws_db_instance.postgres",
        object("aws_db_instance.postgres", {
          username: "postgres_app",
          engine_version: "15.4",
          backup_retention_period: 99,
          multi_az: false,
        }),
      ],
      ["aws_budgets_budget.monthly", object("aws_budgets_budget.monthly", { limit_amount: "2000.0" })],
      [
        "aws_elasticache_replication_group.redis",
        object("aws_elasticache_replication_group.redis", { node_type: "cache.t3.micro" }),
      ],
      ["aws_subnet.private[0]", object("aws_subnet.private[0]", { availability_zone: "us-east-1c" })],
      [
        "aws_ecs_task_definition.api",
        object("aws_ecs_task_definition.api", {
          cpu: "2048",
          memory: "4096",
          container_definitions: JSON.stringify([
            { name: "api", image: "222222222222.dkr.ecr.us-east-1.amazonaws.com/api:2.3.4" },
          ]),
        }),
      ],
    ]),
  );
  expect(Object.fromEntries(fields.map(({ field, value }) => [field, value]))).toEqual({
    "database.username": "postgres_app",
    "database.engineVersion": "15.4",
    "size.redisNodeType": "cache.t3.micro",
    "redis.authTokenUpdateStrategy": "ROTATE",
    zones: ["us-east-1c", "us-east-1a", "us-east-1b"],
    "api.cpu": 2048,
    "api.memoryMiB": 4096,
    "api.ecrRepositoryUrl": "222222222222.dkr.ecr.us-east-1.amazonaws.com/api",
    "api.imageTag": "2.3.4",
  });
  expect(refused).toEqual([expect.objectContaining({ field: "database.backupRetentionDays", value: 99 })]);
});
