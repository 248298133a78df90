import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import documented from "./fixtures/documented-addresses.json";
import { at } from "./support/blocks";
import { servingEnvironments, synthesizeServing } from "./support/environments";
import { type DocumentedPlatform, readGuide } from "./support/guide";

const { resources, undeclared } = documented as unknown as DocumentedPlatform;
const stacks = synthesizeServing().map((stack, index) => ({ stack, environment: servingEnvironments[index] }));
const production = stacks.find(({ environment }) => environment?.name === "production")?.stack;

/** The provider has no resource of the documented type. */
const renamedTypes: Readonly<Record<string, string>> = {
  "aws_s3_bucket_encryption.chunks": "aws_s3_bucket_server_side_encryption_configuration.chunks",
};
/** Where an environment's load balancer is internal, it has addresses of its own: the public one can stand beside it. */
const internal: Readonly<Record<string, string>> = {
  "aws_lb.main": "aws_lb.internal",
  "aws_lb_listener.api": "aws_lb_listener.internal",
  "aws_lb_target_group.api": "aws_lb_target_group.internal",
};
const ours = (address: string) => renamedTypes[address] ?? address;

test("the list names 24 documented resources, and 7 resources, 2 data sources and 13 variables that the guide does not declare; where the guide lies beside the checkout, it says the same", () => {
  expect(resources).toHaveLength(24);
  expect(undeclared.filter((address) => address.startsWith("aws_"))).toHaveLength(7);
  expect(undeclared.filter((address) => address.startsWith("data."))).toHaveLength(2);
  expect(undeclared.filter((address) => address.startsWith("var."))).toHaveLength(13);

  const guide = join(__dirname, "../../shared/aws-setup-guide.md");
  if (existsSync(guide)) {
    expect(readGuide(readFileSync(guide, "utf8"))).toEqual(documented);
  }
});

describe.each(stacks)("$stack.name", ({ stack, environment }) => {
  test.each(resources.map(({ address }) => ours(address)))("has %s", (address) => {
    expect(stack.resource(address)).toBeDefined();
  });

  test.each(undeclared)("has %s, which the guide references only", (address) => {
    if (address.startsWith("var.")) {
      expect(stack.variable(address.slice("var.".length))).toBeDefined();
    } else {
      const vpc = environment?.edge.origin === "vpc";
      expect(stack.resource((vpc && internal[address]) || address)).toBeDefined();
    }
  });

  test("A2: subnets keep `count`, one for each zone", () => {
    for (const { address } of resources.filter(({ count }) => count !== undefined)) {
      expect(stack.resource(address).count).toBe(environment?.zones.length);
    }
  });

  test("resources that the guide does not count have no count: their addresses would change", () => {
    const counted = resources.filter(({ count }) => count === undefined).map(({ address }) => ours(address));
    expect(
      counted.filter((address) => "count" in stack.resource(address) || "for_each" in stack.resource(address)),
    ).toEqual([]);
  });

  test("nothing but subnets has an index that the guide's addresses lack", () => {
    expect(stack.resources().filter(({ config }) => "for_each" in config)).toEqual([]);
  });
});

describe("production has the documented names", () => {
  const names = resources.flatMap(({ address, names }) =>
    Object.entries(names).map(([argument, value]) => [ours(address), argument, value] as const),
  );

  test.each(names)("%s %s = %s", (address, argument, value) => {
    const text = String(at(production?.resource(address), argument));
    expect(text.replace(/\$\{\((count\.index \+ \d+)\)\}/g, "${$1}")).toBe(value);
  });

  test("documented resources that the guide leaves untagged or unnamed have no other name", () => {
    expect(production?.resource("aws_elasticache_subnet_group.skymanuals")).not.toHaveProperty("tags");
    expect(production?.resource("aws_security_group.rds")).not.toHaveProperty("name");
    expect(production?.resource("aws_security_group.redis")).not.toHaveProperty("name");
  });

  test("no documented security group, role or subnet group has a description that would replace it", () => {
    for (const address of ["aws_security_group.rds", "aws_security_group.redis", "aws_security_group.elasticsearch"]) {
      expect(production?.resource(address)).not.toHaveProperty("description");
    }
  });
});
