import { development } from "../../../environments/development";
import { production } from "../../../environments/production";
import { withVariables } from "../../../scripts/preflight/overrides";
import { fargateNeed, natGateways, readPlatform } from "../../../scripts/preflight/platform";
import { synthesizePlatform } from "../../../scripts/preflight/synthesis";
import { changed } from "../../support/environments";

describe("what the stack says", () => {
  const platform = synthesizePlatform(production);

  test("names of its secrets, all below the prefix", () => {
    expect(platform.secrets).toEqual(
      expect.arrayContaining(["skymanuals/database-url", "skymanuals/redis-auth-token"]),
    );
    expect(platform.secrets.filter((name) => !name.startsWith("skymanuals/"))).toEqual([]);
  });

  test("the load balancer's group has the most rules: CloudFront's prefix list", () => {
    expect(platform.largestGroup).toEqual({ name: "alb", rules: 55 });
  });

  test("each address that may reach the log store counts as a rule, beside the groups of Logstash and of the function that prepares it", () => {
    const allowedIps = Array.from({ length: 70 }, (_, index) => `203.0.113.${index}/32`);
    const { largestGroup } = synthesizePlatform(changed(production, { network: { allowedIps } }));
    expect(largestGroup).toEqual({ name: "elasticsearch", rules: 72 });
  });

  test("a stack without groups and secrets has none", () => {
    expect(readPlatform({}, production)).toEqual({ secrets: [], largestGroup: { name: "none", rules: 0 } });
  });
});

describe("what Fargate must have", () => {
  test("production: its window's 16 tasks twice, and Logstash", () => {
    expect(fargateNeed(production)).toEqual({
      onDemand: 33,
      spot: 0,
      because: "16 API tasks of 1 vCPU, twice while a release replaces them, and Logstash's 1",
    });
  });

  test("development: Logstash on Spot has a quota of its own", () => {
    expect(fargateNeed(development)).toMatchObject({ onDemand: 8, spot: 1 });
  });

  test("autoscaling's bound counts where it is above every window's, in parts of a CPU too", () => {
    const small = changed(production, { size: { apiMaximumCount: 20 }, api: { cpu: 256 }, logstash: { cpu: 512 } });
    expect(fargateNeed(small).onDemand).toBe(10.5);
  });
});

test("NAT gateways: one, or one in each zone", () => {
  expect([natGateways(development), natGateways(production)]).toEqual([1, 3]);
});

test("variables override what a check reads, and nothing else", () => {
  const { size, api, network, ...rest } = withVariables(production, {
    database_instance_class: "db.m3.large",
    redis_node_type: "cache.m3.large",
    allowed_ips: '["203.0.113.0/24",]',
    database_username: "somebody",
  });
  expect(size).toEqual({ ...production.size, databaseInstanceClass: "db.m3.large", redisNodeType: "cache.m3.large" });
  expect(network.allowedIps).toEqual(["203.0.113.0/24"]);
  expect({ ...rest, api }).toMatchObject({ name: "production", api: production.api, database: production.database });
});
