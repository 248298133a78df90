import { development } from "../../environments/development";
import { staging } from "../../environments/staging";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { type Synthesized, synthesizePlatform } from "../support/synth";

const plain = synthesizePlatform(development);
const tls = synthesizePlatform(staging);
const originOf = (stack: Synthesized) => at(stack.resource("aws_cloudfront_distribution.skymanuals"), "origin");

describe("an origin that is not public", () => {
  test("the load balancer is internal, in the private subnets, and there is no other", () => {
    expect(plain.resource("aws_lb.internal")).toMatchObject({
      name: "skymanuals-development-internal",
      internal: true,
      load_balancer_type: "application",
      security_groups: ["${aws_security_group.alb.id}"],
      subnets: "${aws_subnet.private[*].id}",
      drop_invalid_header_fields: true,
      enable_deletion_protection: false,
      access_logs: { bucket: "${aws_s3_bucket.access_logs.bucket}", prefix: "alb", enabled: true },
    });
    for (const stack of [plain, tls]) {
      expect(stack.resources("aws_lb").map(({ address }) => address)).toEqual(["aws_lb.internal"]);
    }
  });

  test("its listener forwards everything to the API's tasks", () => {
    expect(plain.resource("aws_lb_listener.internal")).toMatchObject({
      load_balancer_arn: "${aws_lb.internal.arn}",
      port: 80,
      protocol: "HTTP",
      default_action: [{ type: "forward", target_group_arn: "${aws_lb_target_group.internal.arn}" }],
    });
    expect(plain.resource("aws_lb_target_group.internal")).toMatchObject({
      name: "skymanuals-development-internal",
      port: 3001,
      target_type: "ip",
      health_check: { path: "/api/health", matcher: "200" },
    });
    expect(at(plain.resource("aws_ecs_service.api"), "load_balancer")).toEqual([
      { target_group_arn: "${aws_lb_target_group.internal.arn}", container_name: "api", container_port: 3001 },
    ]);
  });

  test("CloudFront reaches it through the VPC origin, over HTTP inside the VPC where there is no domain", () => {
    expect(plain.resource("aws_cloudfront_vpc_origin.http")).toMatchObject({
      vpc_origin_endpoint_config: [
        {
          name: "skymanuals-development-http",
          arn: "${aws_lb.internal.arn}",
          http_port: 80,
          https_port: 443,
          origin_protocol_policy: "http-only",
          origin_ssl_protocols: [{ items: ["TLSv1.2"], quantity: 1 }],
        },
      ],
      depends_on: ["aws_lb_listener.internal"],
    });
    expect(originOf(plain)).toEqual([
      {
        origin_id: "skymanuals-api",
        domain_name: "${aws_lb.internal.dns_name}",
        vpc_origin_config: { vpc_origin_id: "${aws_cloudfront_vpc_origin.http.id}" },
      },
    ]);
  });

  test("with a domain over TLS, with the certificate of origin.<domain>", () => {
    expect(tls.resource("aws_lb_listener.internal")).toMatchObject({
      port: 443,
      protocol: "HTTPS",
      certificate_arn: "${aws_acm_certificate_validation.origin.certificate_arn}",
      ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
    });
    expect(
      at(tls.resource("aws_cloudfront_vpc_origin.https"), "vpc_origin_endpoint_config.0.origin_protocol_policy"),
    ).toBe("https-only");
    expect(originOf(tls)).toEqual([
      {
        origin_id: "skymanuals-api",
        domain_name: `origin.${staging.domain?.zoneName}`,
        vpc_origin_config: { vpc_origin_id: "${aws_cloudfront_vpc_origin.https.id}" },
      },
    ]);
    expect(tls.resource("aws_route53_record.origin")).toMatchObject({
      alias: { name: "${aws_lb.internal.dns_name}", zone_id: "${aws_lb.internal.zone_id}" },
    });
  });

  test("another protocol is another origin, made before the old one goes: AWS changes none that is in use", () => {
    expect(plain.resources("aws_cloudfront_vpc_origin").map(({ address }) => address)).toEqual([
      "aws_cloudfront_vpc_origin.http",
    ]);
    expect(tls.resources("aws_cloudfront_vpc_origin").map(({ address }) => address)).toEqual([
      "aws_cloudfront_vpc_origin.https",
    ]);
    expect(at(plain.resource("aws_cloudfront_vpc_origin.http"), "lifecycle.create_before_destroy")).toBe(true);
  });

  test("no secret header: nothing of it is in Secrets Manager, the listener or the state", () => {
    expect(JSON.stringify({ ...plain.json, variable: {} })).not.toMatch(/origin.header|X-SkyManuals-Origin/i);
    expect(plain.resources("aws_lb_listener_rule")).toEqual([]);
  });

  test("zones that VPC origins cannot be in are refused before anything is created, by id", () => {
    const condition = String(
      at(plain.resource("aws_cloudfront_vpc_origin.http"), "lifecycle.precondition.0.condition"),
    );
    expect(condition).toContain('["use1-az3","usw1-az2","apne1-az3","apne2-az1","cac1-az3"]');
    expect(condition).toContain('["us-east-1a","us-east-1b","us-east-1c"]');
    expect(at(plain.resource("aws_cloudfront_vpc_origin.http"), "lifecycle.precondition.0.error_message")).toBe(
      "One of the zones us-east-1a, us-east-1b, us-east-1c is, in this account, one that CloudFront VPC origins cannot be in (use1-az3, usw1-az2, apne1-az3, apne2-az1, cac1-az3): name other zones, or set edge.origin to public. See aws ec2 describe-availability-zones.",
    );
  });
});

describe("production's way from public to vpc", () => {
  const before = synthesizeProduction();
  const beside = synthesizeProduction({ edge: { standby: true } });
  const changedOver = synthesizeProduction({ edge: { origin: "vpc", standby: true } });
  const after = synthesizeProduction({ edge: { origin: "vpc" } });
  const targetGroups = (stack: Synthesized) =>
    (at(stack.resource("aws_ecs_service.api"), "load_balancer") as { target_group_arn: string }[]).map(
      ({ target_group_arn }) => target_group_arn,
    );
  const addresses = (stack: Synthesized) => stack.resources().map(({ address }) => address);
  const main = "${aws_lb_target_group.api.arn}";
  const internal = "${aws_lb_target_group.internal.arn}";
  const recordOf = (stack: Synthesized) => at(stack.resource("aws_route53_record.origin"), "alias.name");

  test("first the second load balancer beside it, with tasks behind both, while CloudFront stays", () => {
    expect(addresses(beside).filter((address) => !addresses(before).includes(address))).toEqual([
      "aws_cloudfront_vpc_origin.https",
      "aws_lb.internal",
      "aws_lb_listener.internal",
      "aws_lb_target_group.internal",
    ]);
    expect(addresses(before).filter((address) => !addresses(beside).includes(address))).toEqual([]);
    expect(targetGroups(beside)).toEqual([main, internal]);
    expect(originOf(beside)).toEqual(originOf(before));
    expect(beside.resource("aws_lb.main").enable_deletion_protection).toBe(true);
    expect(beside.resource("aws_lb.internal").enable_deletion_protection).toBe(false);
  });

  test("then CloudFront changes over, and nothing is created or destroyed", () => {
    expect(addresses(changedOver).sort()).toEqual(addresses(beside).sort());
    expect(targetGroups(changedOver)).toEqual([internal, main]);
    expect(at(changedOver.resource("aws_cloudfront_distribution.skymanuals"), "origin.0.vpc_origin_config")).toEqual({
      vpc_origin_id: "${aws_cloudfront_vpc_origin.https.id}",
    });
    expect(changedOver.resource("aws_lb.main").enable_deletion_protection).toBe(false);
    expect(changedOver.resource("aws_lb.internal").enable_deletion_protection).toBe(true);
  });

  test("origin.<domain> leads to the public one as long as an edge may look it up", () => {
    expect([before, beside, changedOver].map(recordOf)).toEqual(Array(3).fill("${aws_lb.main.dns_name}"));
    expect(recordOf(after)).toBe("${aws_lb.internal.dns_name}");
  });

  test("the secret header's values leave no name behind that would be in the way back", () => {
    for (const parity of ["odd", "even"]) {
      expect(before.resource(`aws_secretsmanager_secret.origin_header_${parity}`)).toMatchObject({
        name: `skymanuals/origin-header-${parity}`,
        recovery_window_in_days: 0,
      });
    }
    expect(before.resource("aws_secretsmanager_secret.jwt_secret").recovery_window_in_days).toBe(30);
  });

  test("last the public one goes, after the service let go of it", () => {
    expect(targetGroups(after)).toEqual([internal]);
    const gone = addresses(changedOver).filter((address) => !addresses(after).includes(address));
    expect(gone).toEqual(expect.arrayContaining(["aws_lb.main", "aws_lb_listener.api", "aws_lb_target_group.api"]));
    for (const address of ["aws_lb.main", "aws_lb_target_group.api", "aws_lb_listener.api"]) {
      expect(at(changedOver.resource(address), "lifecycle.create_before_destroy")).toBe(true);
      expect(before.resource(address)).not.toHaveProperty("lifecycle.create_before_destroy");
    }
  });
});
