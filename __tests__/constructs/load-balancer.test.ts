import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { changed, synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(changed(development, { edge: { origin: "public" } }));
const header = (parity: "odd" | "even") =>
  `\${data.aws_secretsmanager_secret_version.origin_header_${parity}.secret_string}`;

test("the load balancer lies in the public subnets", () => {
  expect(stack.resource("aws_lb.main")).toMatchObject({
    name: "skymanuals-alb",
    internal: false,
    load_balancer_type: "application",
    security_groups: ["${aws_security_group.alb.id}"],
    subnets: "${aws_subnet.public[*].id}",
    drop_invalid_header_fields: true,
    enable_deletion_protection: true,
  });
  expect(small.resource("aws_lb.main")).toHaveProperty("enable_deletion_protection", false);
});

test("its access logs go to the environment's bucket, whose policy admits them first", () => {
  expect(stack.resource("aws_lb.main")).toMatchObject({
    access_logs: { bucket: "${aws_s3_bucket.access_logs.bucket}", prefix: "alb", enabled: true },
    depends_on: expect.arrayContaining(["aws_s3_bucket_policy.access_logs"]),
  });
});

test("the target group takes Fargate's addresses on the API's port", () => {
  expect(stack.resource("aws_lb_target_group.api")).toMatchObject({
    name: "skymanuals-api",
    port: 3001,
    protocol: "HTTP",
    target_type: "ip",
    vpc_id: "${aws_vpc.skymanuals.id}",
    health_check: { path: "/api/health", matcher: "200" },
  });
});

describe("C17: nobody passes CloudFront by", () => {
  test.each([
    { one: stack, port: 443 },
    { one: small, port: 80 },
  ])("A12: the group of $one.name admits CloudFront's prefix list, on port $port only", ({ one, port }) => {
    expect(one.resource("data.aws_ec2_managed_prefix_list.cloudfront")).toEqual({
      name: "com.amazonaws.global.cloudfront.origin-facing",
    });
    expect(one.resource("aws_security_group.alb").ingress).toEqual([
      expect.objectContaining({
        from_port: port,
        to_port: port,
        protocol: "tcp",
        prefix_list_ids: ["${data.aws_ec2_managed_prefix_list.cloudfront.id}"],
        cidr_blocks: null,
        ipv6_cidr_blocks: null,
        security_groups: null,
      }),
    ]);
    expect(one.resource("aws_lb_listener.api")).toHaveProperty("port", port);
  });

  test("the group lets out to the API's port in the VPC only", () => {
    expect(stack.resource("aws_security_group.alb").egress).toMatchObject([
      { from_port: 3001, to_port: 3001, protocol: "tcp", cidr_blocks: ["${aws_vpc.skymanuals.cidr_block}"] },
    ]);
  });

  test("the listener refuses what lacks the secret header, and forwards the rest", () => {
    expect(stack.resource("aws_lb_listener.api").default_action).toEqual([
      {
        type: "fixed-response",
        fixed_response: { content_type: "text/plain", message_body: "Forbidden", status_code: "403" },
      },
    ]);
    expect(stack.resource("aws_lb_listener_rule.cloudfront")).toMatchObject({
      listener_arn: "${aws_lb_listener.api.arn}",
      priority: 1,
      condition: [
        { http_header: { http_header_name: "X-SkyManuals-Origin", values: [header("odd"), header("even")] } },
      ],
      action: [{ type: "forward", target_group_arn: "${aws_lb_target_group.api.arn}" }],
    });
  });

  test("CloudFront sends one of the two values, once the listener accepts it", () => {
    expect(at(stack.resource("aws_cloudfront_distribution.skymanuals"), "origin.0.custom_header")).toEqual([
      { name: "X-SkyManuals-Origin", value: header("odd") },
    ]);
    expect(stack.resource("aws_cloudfront_distribution.skymanuals").depends_on).toEqual([
      "aws_lb_listener_rule.cloudfront",
      "aws_route53_record.origin",
    ]);
  });

  test.each([
    { version: 1, sent: "odd", odd: 1, even: 1 },
    { version: 2, sent: "even", odd: 1, even: 2 },
    { version: 3, sent: "odd", odd: 3, even: 2 },
  ] as const)("a rotation to version $version renews the value that was not sent, and sends it: $sent", (expected) => {
    const raised = synthesizeProduction({ api: { originSecretVersion: expected.version } });
    expect(at(raised.resource("aws_cloudfront_distribution.skymanuals"), "origin.0.custom_header.0.value")).toBe(
      header(expected.sent),
    );
    const accepted = at(raised.resource("aws_lb_listener_rule.cloudfront"), "condition.0.http_header.values");
    expect([...(accepted as string[])].sort()).toEqual([header("even"), header("odd")]);
    for (const parity of ["odd", "even"] as const) {
      const generated = `ephemeral.aws_secretsmanager_random_password.origin_header_${parity}.random_password`;
      expect(raised.resource(`aws_secretsmanager_secret_version.origin_header_${parity}`)).toMatchObject({
        // What is given is what this version sends; the value that is still accepted stays what it was.
        secret_string_wo:
          parity === expected.sent ? `\${coalesce(var.origin_header_secret, ${generated})}` : `\${${generated}}`,
        secret_string_wo_version: expected[parity],
      });
    }
  });

  test("the API takes connections from the load balancer only", () => {
    expect(stack.resource("aws_security_group.ecs").ingress).toEqual([
      expect.objectContaining({
        from_port: 3001,
        to_port: 3001,
        security_groups: ["${aws_security_group.alb.id}"],
        cidr_blocks: null,
      }),
    ]);
  });
});

test("B14: with a domain the listener speaks TLS with the certificate of origin.<domain>", () => {
  expect(stack.resource("aws_lb_listener.api")).toMatchObject({
    load_balancer_arn: "${aws_lb.main.arn}",
    protocol: "HTTPS",
    certificate_arn: "${aws_acm_certificate_validation.origin.certificate_arn}",
    ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
  });
});

test("without a domain it speaks plain HTTP, and has no certificate", () => {
  const listener = small.resource("aws_lb_listener.api");
  expect(listener).toHaveProperty("protocol", "HTTP");
  expect(listener).not.toHaveProperty("certificate_arn");
  expect(listener).not.toHaveProperty("ssl_policy");
});
