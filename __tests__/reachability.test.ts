import type { environments } from "../environments";
import { development } from "../environments/development";
import { production } from "../environments/production";
import { at, strings } from "./support/blocks";
import { changed, servingEnvironments } from "./support/environments";
import { connections, reachableFrom } from "./support/reachability";
import { Synthesized, synthesizePlatform } from "./support/synth";

/** Who uses which group. */
const groups: Readonly<Record<string, readonly string[]>> = {
  // And aws_lb.internal, of a VPC origin: see balancers().
  "aws_security_group.alb": [],
  "aws_security_group.ecs": ["aws_ecs_service.api"],
  "aws_security_group.logstash": ["aws_ecs_service.logstash"],
  "aws_security_group.custody": [
    "aws_lambda_function.custody",
    "aws_lambda_function.reconcile_custody",
    "aws_lambda_function.verify_custody",
  ],
  "aws_security_group.bootstrap": ["aws_lambda_function.bootstrap_database"],
  "aws_security_group.bootstrap_elasticsearch": ["aws_lambda_function.bootstrap_elasticsearch"],
  "aws_security_group.check_redis": ["aws_lambda_function.check_redis"],
  // Of tasks that are run by hand: the output migrate_command names it.
  "aws_security_group.migrations": [],
  "aws_security_group.rds": ["aws_db_instance.postgres"],
  "aws_security_group.redis": ["aws_elasticache_replication_group.redis"],
  "aws_security_group.elasticsearch": ["aws_elasticsearch_domain.skymanuals"],
};

/** Where the environment has interface endpoints. */
const endpointGroup = "aws_security_group.endpoints";

/** Every connection that is meant to be, by group. */
const table: readonly (readonly [from: string, to: string, port: string])[] = [
  ["cloudfront", "alb", "443"],
  ["alb", "ecs", "3001"],
  ["ecs", "rds", "5432"],
  ["ecs", "redis", "6379"],
  ["logstash", "elasticsearch", "443"],
  ["bootstrap_elasticsearch", "elasticsearch", "443"],
  ["bootstrap", "rds", "5432"],
  ["migrations", "rds", "5432"],
  ["check_redis", "redis", "6379"],
  ["allowed_ips", "elasticsearch", "443"],
  // AWS's services without an endpoint, S3 through its gateway, and the outside, from tasks and functions.
  ["ecs", "internet", "443"],
  ["logstash", "internet", "443"],
  ["custody", "internet", "443"],
  ["bootstrap", "internet", "443"],
  ["migrations", "internet", "443"],
  ["bootstrap_elasticsearch", "internet", "443"],
  ["check_redis", "internet", "443"],
  ["ecs", "endpoints", "443"],
  ["logstash", "endpoints", "443"],
  ["custody", "endpoints", "443"],
  ["bootstrap", "endpoints", "443"],
  ["migrations", "endpoints", "443"],
  ["bootstrap_elasticsearch", "endpoints", "443"],
  ["check_redis", "endpoints", "443"],
];

/** Who uses the load balancer's group. */
const balancers = ({ edge: { origin, standby } }: (typeof environments)[number]) => [
  ...(origin === "vpc" || standby ? ["aws_lb.internal"] : []),
  ...(origin === "public" || standby ? ["aws_lb.main"] : []),
];

const dataGroups = ["rds", "redis", "elasticsearch"];

const nameOf = (end: string) => end.replace(/^aws_security_group\./, "");
const lines = (stack: Synthesized) =>
  connections(stack)
    .map(({ from, to, port }) => `${nameOf(from)} -> ${nameOf(to)}:${port}`)
    .sort();

const variants = [
  ...servingEnvironments.map((environment) => ({ variant: environment.name, environment })),
  { variant: "without interface endpoints", environment: changed(production, { network: { interfaceEndpoints: [] } }) },
  { variant: "without a domain", environment: changed(production, { domain: null }) },
  {
    variant: "with a second load balancer",
    environment: changed(production, { edge: { standby: true } }),
  },
  { variant: "with a VPN", environment: changed(production, { network: { allowedIps: ["203.0.113.0/24"] } }) },
].map((one) => ({ ...one, stack: synthesizePlatform(one.environment) }));

describe.each(variants)("$variant", ({ environment, stack }) => {
  test("allows these connections and no other", () => {
    const hasEndpoints = environment.network.interfaceEndpoints.length > 0;
    const expected = table
      .filter(([, to]) => to !== "endpoints" || hasEndpoints)
      .map(([from, to, port]) => `${from} -> ${to}:${to === "alb" && !environment.domain ? "80" : port}`);
    expect(lines(stack)).toEqual(expected.sort());
  });

  test("what stores data calls nobody", () => {
    const callers = connections(stack).map(({ from }) => nameOf(from));
    expect([...dataGroups, "endpoints"].filter((group) => callers.includes(group))).toEqual([]);
  });

  test("no way leads from the internet to a data port: viewers reach CloudFront, and through it only the API calls data", () => {
    const all = connections(stack);
    expect(reachableFrom("internet", all)).toEqual([]);
    // But for the load balancer, the API stands on every way from CloudFront.
    const withoutApi = all.filter(({ from }) => nameOf(from) !== "ecs");
    expect(reachableFrom("cloudfront", withoutApi).map(nameOf)).toEqual(["alb", "ecs"]);
    expect(reachableFrom("allowed_ips", all).map(nameOf)).toEqual(["elasticsearch"]);
  });

  test("each group is its members' own, and everything in the VPC has one", () => {
    const expected = {
      ...groups,
      "aws_security_group.alb": balancers(environment),
      [endpointGroup]: [] as string[],
    };
    const members = new Map<string, string[]>();
    for (const { address, type, config } of stack.resources()) {
      if (type === "aws_security_group") {
        members.set(address, members.get(address) ?? []);
        continue;
      }
      if (type === "aws_vpc_endpoint") {
        continue;
      }
      for (const { text } of strings(config)) {
        for (const [, group] of text.matchAll(/\$\{(aws_security_group\.\w+)\.id\}/g)) {
          members.set(group as string, [...(members.get(group as string) ?? []), address]);
        }
      }
    }
    if (environment.network.interfaceEndpoints.length === 0) {
      delete (expected as Record<string, unknown>)[endpointGroup];
    }
    expect(Object.fromEntries(members)).toEqual(expected);
    for (const { address, config } of stack.resources("aws_vpc_endpoint")) {
      const expectedGroups = config.vpc_endpoint_type === "Interface" ? [`\${${endpointGroup}.id}`] : undefined;
      expect([address, config.security_group_ids]).toEqual([address, expectedGroups]);
    }
  });
});

test("S3 has a gateway endpoint in every private route table: its addresses are outside, and the way is not", () => {
  for (const { stack } of variants) {
    expect(stack.resource("aws_vpc_endpoint.s3")).toMatchObject({
      vpc_endpoint_type: "Gateway",
      route_table_ids: "${aws_route_table.private[*].id}",
    });
  }
});

describe("the calculation sees", () => {
  const stack = synthesizePlatform(development);

  /** The development stack with another rule in a group. */
  function withRule(group: string, side: "ingress" | "egress", rule: object): Synthesized {
    const json = structuredClone(stack.json) as { resource: Record<string, Record<string, Record<string, unknown>>> };
    const config = json.resource.aws_security_group?.[group] as Record<string, unknown>;
    config[side] = [...((config[side] ?? []) as object[]), { from_port: 1, to_port: 1, protocol: "tcp", ...rule }];
    return new Synthesized(stack.name, json);
  }
  const added = (other: Synthesized) => lines(other).filter((line) => !lines(stack).includes(line));
  const vpc = "${aws_vpc.skymanuals.cidr_block}";

  test("a database that is open to the world", () => {
    const open = withRule("rds", "ingress", { from_port: 5432, to_port: 5432, cidr_blocks: ["0.0.0.0/0"] });
    expect(added(open)).toEqual(["internet -> rds:5432"]);
  });

  test("a database that is open to the VPC: only who may call that port gets in", () => {
    const open = withRule("rds", "ingress", { from_port: 0, to_port: 65535, cidr_blocks: [vpc] });
    expect(added(open)).toEqual([
      "alb -> rds:3001",
      "bootstrap -> rds:443",
      "bootstrap_elasticsearch -> rds:443",
      "check_redis -> rds:443",
      "check_redis -> rds:6379",
      "custody -> rds:443",
      "ecs -> rds:443",
      "ecs -> rds:6379",
      "logstash -> rds:443",
      "migrations -> rds:443",
    ]);
  });

  test("a call to everywhere, which reaches the groups of the VPC that take it", () => {
    const loud = withRule("alb", "egress", { from_port: 0, to_port: 0, protocol: "-1", cidr_blocks: ["0.0.0.0/0"] });
    expect(added(loud)).toEqual(["alb -> internet:all"]);
    const admitted = withRule("redis", "ingress", { security_groups: ["${aws_security_group.logstash.id}"] });
    expect(added(admitted)).toEqual([]);
  });

  test("ranges, where they overlap", () => {
    const range = withRule("ecs", "egress", { from_port: 5000, to_port: 6000, cidr_blocks: [vpc] });
    expect(added(range)).toEqual([]);
    const both = withRule("logstash", "ingress", {
      from_port: 5400,
      to_port: 5500,
      security_groups: ["${aws_security_group.ecs.id}"],
    });
    expect(added(both)).toEqual(["ecs -> logstash:5432"]);
  });

  test("rules that it does not understand", () => {
    expect(() => lines(withRule("rds", "ingress", { cidr_blocks: ["10.9.0.0/16"] }))).toThrow("10.9.0.0/16");
    expect(() => lines(withRule("rds", "ingress", { protocol: "udp" }))).toThrow("protocol udp");
    expect(at(stack.json, "resource.aws_security_group_rule")).toBeUndefined();
  });
});
