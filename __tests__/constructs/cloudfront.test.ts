import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { type Block, synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const distribution = stack.resource("aws_cloudfront_distribution.skymanuals");
const behaviors = [distribution.default_cache_behavior, ...(distribution.ordered_cache_behavior as Block[])] as Block[];

test("the documented distribution", () => {
  expect(distribution).toMatchObject({
    enabled: true,
    is_ipv6_enabled: true,
    comment: "SkyManuals Aviation Platform CDN",
    restrictions: { geo_restriction: { restriction_type: "none" } },
    tags: { Name: "skymanuals-cdn", Environment: "${var.environment}" },
  });
  expect(distribution.origin).toMatchObject([
    {
      origin_id: "skymanuals-api",
      custom_origin_config: { http_port: 80, https_port: 443, origin_ssl_protocols: ["TLSv1.2"] },
    },
  ]);
});

test("the documented behaviours: everything, and /api/*", () => {
  expect(behaviors).toHaveLength(2);
  expect(behaviors[1]?.path_pattern).toBe("/api/*");
  for (const behavior of behaviors) {
    expect(behavior).toMatchObject({
      allowed_methods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
      cached_methods: ["GET", "HEAD"],
      target_origin_id: "skymanuals-api",
      viewer_protocol_policy: "redirect-to-https",
    });
  }
});

test("A11, B16: nothing is cached, everything reaches the API, and no legacy setting contradicts the policies", () => {
  for (const behavior of behaviors) {
    expect(behavior).toMatchObject({
      // Managed-CachingDisabled and Managed-AllViewer
      cache_policy_id: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      origin_request_policy_id: "216adef6-5c7f-47e4-b989-5492eafa07d3",
    });
    for (const legacy of ["forwarded_values", "min_ttl", "default_ttl", "max_ttl"]) {
      expect(behavior).not.toHaveProperty(legacy);
    }
  }
});

test("B16: an API has no index.html", () => {
  expect(distribution).not.toHaveProperty("default_root_object");
});

test("B14: the origin is origin.<domain> over HTTPS, which an alias points to the load balancer", () => {
  expect(at(distribution, "origin.0")).toMatchObject({
    domain_name: "origin.skymanuals.com",
    custom_origin_config: { origin_protocol_policy: "https-only" },
  });
  expect(stack.resource("aws_route53_record.origin")).toMatchObject({
    name: "origin.skymanuals.com",
    type: "A",
    alias: { name: "${aws_lb.main.dns_name}", zone_id: "${aws_lb.main.zone_id}" },
  });
});

test("B15: alias, certificate, TLS 1.2, SNI", () => {
  expect(distribution.aliases).toEqual(["api.skymanuals.com"]);
  expect(distribution.viewer_certificate).toEqual({
    acm_certificate_arn: "${aws_acm_certificate_validation.viewer.certificate_arn}",
    minimum_protocol_version: "TLSv1.2_2021",
    ssl_support_method: "sni-only",
  });
});

test.each([
  ["api", "A"],
  ["api_ipv6", "AAAA"],
])("viewers find the distribution: record %s, type %s", (label, type) => {
  expect(stack.resource(`aws_route53_record.${label}`)).toMatchObject({
    name: "api.skymanuals.com",
    type,
    alias: {
      name: "${aws_cloudfront_distribution.skymanuals.domain_name}",
      zone_id: "${aws_cloudfront_distribution.skymanuals.hosted_zone_id}",
    },
  });
});

test("A10: the web ACL is CloudFront's, in us-east-1, named on the distribution", () => {
  expect(distribution.web_acl_id).toBe("${aws_wafv2_web_acl.skymanuals.arn}");
  expect(stack.resource("aws_wafv2_web_acl.skymanuals")).toMatchObject({
    provider: "aws.us_east_1",
    scope: "CLOUDFRONT",
  });
  expect(stack.resources("aws_wafv2_web_acl_association")).toEqual([]);
});

test("an environment without a domain has CloudFront's own name and certificate, and no DNS", () => {
  const other = small.resource("aws_cloudfront_distribution.skymanuals");
  expect(at(other, "origin.0")).toMatchObject({
    domain_name: "${aws_lb.main.dns_name}",
    custom_origin_config: { origin_protocol_policy: "http-only" },
  });
  expect(other.viewer_certificate).toEqual({ cloudfront_default_certificate: true });
  expect(other).not.toHaveProperty("aliases");
  expect(small.resources("aws_route53_record")).toEqual([]);
  expect(small.resources("aws_acm_certificate")).toEqual([]);
});
