import { type KeepInput, keptArguments } from "../../../scripts/adopt/keep";
import type { StateObject } from "../../../scripts/adopt/state-file";
import { change, object, root, schemas } from "./support";

interface Given {
  readonly ours: Parameters<typeof root>[0];
  readonly changes: ReturnType<typeof change>[];
  readonly objects?: Readonly<Record<string, StateObject>>;
  readonly replaceable?: string[];
  readonly destroyable?: string[];
}

function keep({ ours, changes, objects = {}, replaceable = [], destroyable = [] }: Given) {
  const input: KeepInput = {
    plan: { resource_changes: changes },
    root: root(ours),
    schemas,
    objects: new Map(Object.entries(objects)),
    replaceable: new Set(replaceable),
    destroyable: new Set(destroyable),
  };
  return Object.fromEntries(
    keptArguments(input).map(({ address, argument, value, reason }) => [
      `${address}.${argument}`,
      [value, reason.kind],
    ]),
  );
}

const lb = "aws_lb.main";

test("what would replace an object keeps the state's value", () => {
  const changes = [change(lb, { name: "prod-lb" }, { name: "skymanuals-alb" }, { replace_paths: [["name"]] })];
  const ours = { [lb]: { name: "skymanuals-alb" } };
  expect(keep({ ours, changes })).toEqual({ "aws_lb.main.name": ["prod-lb", "replaces"] });
  expect(keep({ ours, changes, replaceable: [lb] })).toEqual({});
});

test("a load balancer's logs go on where they go, and begin where there are none", () => {
  const ours = { [lb]: { access_logs: { bucket: "ours", enabled: true, prefix: "alb" } } };
  const logs = (bucket: string, enabled: boolean, prefix: string) => ({ access_logs: [{ bucket, enabled, prefix }] });
  const kept = (before: ReturnType<typeof logs>) =>
    keep({ ours, changes: [change(lb, before, logs("ours", true, "alb"))] });
  expect(kept(logs("", false, ""))).toEqual({});
  expect(kept(logs("theirs", true, ""))).toEqual({
    "aws_lb.main.access_logs": [[{ bucket: "theirs", enabled: true }], "chosen"],
  });
});

test("a protection that is off in the state is switched on, where ours is on", () => {
  const database = "aws_db_instance.postgres";
  const changes = [change(database, { skip_final_snapshot: true }, { skip_final_snapshot: false })];
  expect(keep({ ours: { [database]: { skip_final_snapshot: false } }, changes })).toEqual({});
});

test("AWS no longer moves the minor version that an adopted database is pinned to", () => {
  const database = "aws_db_instance.postgres";
  const changes = [change(database, { auto_minor_version_upgrade: true }, { auto_minor_version_upgrade: false })];
  expect(keep({ ours: { [database]: { auto_minor_version_upgrade: false } }, changes })).toEqual({});
});

test("an authority that has expired gives way, and one that somebody chose stays", () => {
  const database = "aws_db_instance.postgres";
  const after = { ca_cert_identifier: "rds-ca-rsa2048-g1" };
  const from = (authority: string) =>
    keep({ ours: { [database]: after }, changes: [change(database, { ca_cert_identifier: authority }, after)] });
  expect(from("rds-ca-2019")).toEqual({});
  expect(from("rds-ca-ecc384-g1")).toEqual({ [`${database}.ca_cert_identifier`]: ["rds-ca-ecc384-g1", "chosen"] });
});

test("what depends on something that is replaced in this round is left to the next", () => {
  const changes = [
    change(
      "aws_lb_listener.api",
      { load_balancer_arn: "arn:1" },
      {},
      {
        after_unknown: { load_balancer_arn: true },
        replace_paths: [["load_balancer_arn"]],
      },
    ),
  ];
  const ours = { "aws_lb_listener.api": { load_balancer_arn: "${aws_lb.main.arn}" } };
  expect(keep({ ours, changes, objects: { [lb]: object(lb, { arn: "arn:1" }) } })).toEqual({});
});

test("of three values, one that is neither documented nor ours stays, and a documented one gives way", () => {
  const before = { idle_timeout: 120, drop_invalid_header_fields: false };
  const after = { idle_timeout: 60, drop_invalid_header_fields: true };
  const ours = { [lb]: { drop_invalid_header_fields: true } };
  expect(keep({ ours, changes: [change(lb, before, after)] })).toEqual({ "aws_lb.main.idle_timeout": [120, "chosen"] });

  const database = "aws_db_instance.postgres";
  const group = (name: string) =>
    keep({
      ours: { [database]: { parameter_group_name: "${aws_db_parameter_group.skymanuals.name}" } },
      changes: [
        change(database, { parameter_group_name: name }, {}, { after_unknown: { parameter_group_name: true } }),
      ],
    });
  expect(group("default.postgres15")).toEqual({});
  expect(group("tuned")).toEqual({ "aws_db_instance.postgres.parameter_group_name": ["tuned", "chosen"] });
});

test("what the provider computes anew is no value that somebody chose", () => {
  const changes = [
    change(lb, { ip_address_type: "ipv4", arn: "a" }, {}, { after_unknown: { ip_address_type: true, arn: true } }),
  ];
  expect(keep({ ours: { [lb]: {} }, changes })).toEqual({});
});

test("a block of which there is one is merged: the member that somebody chose, and ours in the others", () => {
  const before = { health_check: [{ path: "/healthz", interval: 30, matcher: "200", port: "" }] };
  const after = { health_check: [{ path: "/api/health", interval: 15, matcher: "200", port: "" }] };
  const ours = { "aws_lb_target_group.api": { health_check: { path: "/api/health", interval: 15, matcher: "200" } } };
  expect(keep({ ours, changes: [change("aws_lb_target_group.api", before, after)] })).toEqual({
    "aws_lb_target_group.api.health_check": [[{ path: "/healthz", interval: 15, matcher: "200" }], "chosen"],
  });
});

test("a list that only grows is ours, even while new elements are unknown", () => {
  const objects = {
    "aws_subnet.public[0]": object("aws_subnet.public[0]", { id: "s-0" }),
    "aws_subnet.public[1]": object("aws_subnet.public[1]", { id: "s-1" }),
  };
  const grown = (subnets: string[]) =>
    keep({
      ours: { [lb]: { subnets: "${aws_subnet.public[*].id}" } },
      changes: [change(lb, { subnets }, {}, { after_unknown: { subnets: true } })],
      objects,
    });
  expect(grown(["s-1", "s-0"])).toEqual({});
  expect(grown(["s-0", "s-9"])).toEqual({ "aws_lb.main.subnets": [["s-0", "s-9"], "chosen"] });
});

test("tags of the state stay beside ours, those of its provider's default_tags too", () => {
  const before = { tags: { Name: "prod" }, tags_all: { Name: "prod", Team: "platform", Project: "skymanuals" } };
  const after = {
    tags: { Name: "skymanuals-alb", Tier: "web" },
    tags_all: { Name: "skymanuals-alb", Tier: "web", Project: "skymanuals" },
  };
  const ours = { [lb]: { tags: { Name: "skymanuals-alb", Tier: "web" } } };
  expect(keep({ ours, changes: [change(lb, before, after)] })).toEqual({
    "aws_lb.main.tags": [{ Name: "prod", Tier: "web", Team: "platform" }, "chosen"],
  });
});

test("a secret is never kept in the source, whether the provider or a variable of the old root marks it so", () => {
  const database = "aws_db_instance.postgres";
  const changes = [
    change(database, { password: "old-secret" }, { password: null }, { before_sensitive: {} }),
    change(lb, { name: "old-secret" }, { name: "new" }, { before_sensitive: { name: true } }),
  ];
  expect(keep({ ours: { [database]: {}, [lb]: { name: "new" } }, changes })).toEqual({});
});

test("a security group with a name instead of our prefix keeps the name and drops the prefix", () => {
  const group = "aws_security_group.ecs";
  const changes = [
    change(
      group,
      { name: "prod-tasks", name_prefix: "" },
      { name_prefix: "skymanuals-ecs-" },
      {
        after_unknown: { name: true },
        replace_paths: [["name_prefix"]],
      },
    ),
  ];
  expect(keep({ ours: { [group]: { name_prefix: "skymanuals-ecs-" } }, changes })).toEqual({
    "aws_security_group.ecs.name": ["prod-tasks", "replaces"],
    "aws_security_group.ecs.name_prefix": [null, "replaces"],
  });
});

const rule = (values: object) => ({
  cidr_blocks: [],
  description: "",
  from_port: 0,
  ipv6_cidr_blocks: [],
  prefix_list_ids: [],
  protocol: "tcp",
  security_groups: [],
  self: false,
  to_port: 0,
  ...values,
});

test("security group rules that ours lack stay beside ours; those that ours cover do not", () => {
  const group = "aws_security_group.ecs";
  const ourRule = {
    from_port: 3001,
    to_port: 3001,
    protocol: "tcp",
    security_groups: ["${aws_security_group.alb.id}"],
  };
  const given: Given = {
    ours: { [group]: { ingress: [ourRule] } },
    changes: [
      change(
        group,
        {
          ingress: [
            rule({ from_port: 3001, to_port: 3001, security_groups: ["sg-lb"] }),
            rule({ from_port: 9090, to_port: 9090, cidr_blocks: ["10.0.0.0/16"] }),
          ],
        },
        {},
        { after_unknown: { ingress: true } },
      ),
    ],
    objects: { "aws_security_group.alb": object("aws_security_group.alb", { id: "sg-lb" }) },
  };
  const [value, kind] = keep(given)["aws_security_group.ecs.ingress"] as [object[], string];
  expect(kind).toBe("lost");
  expect(value).toEqual([
    ourRule,
    {
      ...rule({ from_port: 9090, to_port: 9090, cidr_blocks: ["10.0.0.0/16"] }),
      description: null,
      ipv6_cidr_blocks: null,
      prefix_list_ids: null,
      security_groups: null,
    },
  ]);
  expect(keep({ ...given, destroyable: [group] })).toEqual({});
});

test("routes of the table that a subnet leaves go with it to its own table, and to those of new subnets", () => {
  const ourRoute = { cidr_block: "0.0.0.0/0", nat_gateway_id: "${aws_nat_gateway.skymanuals[count.index].id}" };
  const vpn = { cidr_block: "172.16.0.0/16", gateway_id: "vgw-1", nat_gateway_id: null };
  const before = { id: "rt-1", route: [{ cidr_block: "0.0.0.0/0", nat_gateway_id: "nat-1" }, vpn] };
  const kept = keep({
    ours: { "aws_route_table.private": { count: 3, route: [ourRoute] } },
    changes: [
      change("aws_route_table.private[0]", before, { route: before.route.slice(0, 1) }),
      change("aws_route_table.private[1]", null, {}, { after_unknown: { route: true } }),
      change("aws_route_table.private[2]", null, {}, { after_unknown: { route: true } }),
    ],
    objects: Object.fromEntries(
      [0, 1].map((index) => {
        const address = `aws_route_table_association.private[${index}]`;
        return [address, object(address, { route_table_id: "rt-1" })];
      }),
    ),
  });
  expect(kept).toEqual({ "aws_route_table.private.route": [[ourRoute, vpn], "lost"] });
});

test("instances of one resource that keep different values get them by index", () => {
  const ours = { "aws_subnet.private": { count: 3, cidr_block: '${cidrsubnet("10.0.0.0/16", 8, (count.index + 1))}' } };
  const subnet = (index: number, block: string) =>
    change(
      `aws_subnet.private[${index}]`,
      { cidr_block: block },
      { cidr_block: `10.0.${index + 1}.0/24` },
      { replace_paths: [["cidr_block"]] },
    );
  expect(keep({ ours, changes: [subnet(0, "10.0.100.0/24"), subnet(1, "10.0.101.0/24")] })).toEqual({
    "aws_subnet.private.cidr_block": [
      '${["10.0.100.0/24", "10.0.101.0/24", cidrsubnet("10.0.0.0/16", 8, (count.index + 1))][count.index]}',
      "replaces",
    ],
  });
});

test("our listener rule steps aside for a rule that stays on the listener", () => {
  const kept = keep({
    ours: { "aws_lb_listener_rule.cloudfront": { priority: 1, listener_arn: "${aws_lb_listener.api.arn}" } },
    changes: [
      change("aws_lb_listener_rule.theirs", { listener_arn: "l-1", priority: 1 }, null),
      change("aws_lb_listener_rule.cloudfront", null, { priority: 1 }),
    ],
    objects: { "aws_lb_listener.api": object("aws_lb_listener.api", { arn: "l-1" }) },
  });
  expect(kept).toEqual({ "aws_lb_listener_rule.cloudfront.priority": [2, "needed"] });
});

test("text that looks like a template is kept as text", () => {
  const changes = [change(lb, { name: "a-${b}" }, { name: "c" }, { replace_paths: [["name"]] })];
  expect(keep({ ours: { [lb]: { name: "c" } }, changes })).toEqual({ "aws_lb.main.name": ["a-$${b}", "replaces"] });
});
