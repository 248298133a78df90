import { development } from "../../environments/development";
import { sizes } from "../../environments/sizes";
import { at } from "../support/blocks";
import { changed, synthesizeProduction } from "../support/environments";
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

test.each([
  ["small", "PriceClass_100"],
  ["medium", "PriceClass_200"],
  ["large", "PriceClass_All"],
  ["enterprise", "PriceClass_All"],
] as const)("size %s: %s", (size, priceClass) => {
  const sized = synthesizeProduction({ size: sizes[size] });
  expect(sized.resource("aws_cloudfront_distribution.skymanuals").price_class).toBe(priceClass);
});

describe("public paths", () => {
  const declared = synthesizeProduction({ edge: { publicPaths: ["/static/*", "/favicon.ico"] } });
  const all = declared.resource("aws_cloudfront_distribution.skymanuals");
  const [api, ...others] = all.ordered_cache_behavior as Block[];

  test("nothing is public unless it is declared", () => {
    expect(distribution.ordered_cache_behavior).toHaveLength(1);
  });

  test("they are cached, and neither cookies, Authorization nor the query reach the API", () => {
    expect(others.map(({ path_pattern }) => path_pattern)).toEqual(["/static/*", "/favicon.ico"]);
    for (const behavior of others) {
      expect(behavior).toMatchObject({
        allowed_methods: ["GET", "HEAD", "OPTIONS"],
        cached_methods: ["GET", "HEAD"],
        target_origin_id: "skymanuals-api",
        // Managed-CachingOptimized
        cache_policy_id: "658327ea-f89d-4fab-a63d-7e88639e58f6",
        viewer_protocol_policy: "redirect-to-https",
        compress: true,
      });
      expect(behavior).not.toHaveProperty("origin_request_policy_id");
    }
  });

  test("/api/* stays the first behaviour, and it and the default one stay uncached", () => {
    expect(api?.path_pattern).toBe("/api/*");
    for (const behavior of [api, all.default_cache_behavior]) {
      expect(behavior).toHaveProperty("cache_policy_id", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    }
  });
});

test("every answer has HSTS, nosniff, frame options and a referrer policy: Managed-SecurityHeadersPolicy", () => {
  const declared = synthesizeProduction({ edge: { publicPaths: ["/static/*"] } });
  const { default_cache_behavior, ordered_cache_behavior } = declared.resource(
    "aws_cloudfront_distribution.skymanuals",
  );
  for (const behavior of [default_cache_behavior, ...(ordered_cache_behavior as Block[])]) {
    expect(behavior).toHaveProperty("response_headers_policy_id", "67f7725c-6f97-4210-82d7-5512b31e9d03");
  }
});

describe("access log", () => {
  const delivery = stack.resource("aws_cloudwatch_log_delivery.cloudfront");

  test("is delivered from us-east-1 to the bucket of access logs, once its policy admits it", () => {
    expect(stack.resource("aws_cloudwatch_log_delivery_source.cloudfront")).toMatchObject({
      provider: "aws.us_east_1",
      log_type: "ACCESS_LOGS",
      resource_arn: "${aws_cloudfront_distribution.skymanuals.arn}",
    });
    expect(stack.resource("aws_cloudwatch_log_delivery_destination.cloudfront")).toMatchObject({
      provider: "aws.us_east_1",
      output_format: "json",
      delivery_destination_configuration: [{ destination_resource_arn: "${aws_s3_bucket.access_logs.arn}/cloudfront" }],
    });
    expect(delivery).toMatchObject({
      provider: "aws.us_east_1",
      delivery_source_name: "${aws_cloudwatch_log_delivery_source.cloudfront.name}",
      delivery_destination_arn: "${aws_cloudwatch_log_delivery_destination.cloudfront.arn}",
      depends_on: ["aws_s3_bucket_policy.access_logs"],
    });
  });

  test("says who asked for what when, and what came of it", () => {
    expect(delivery.record_fields).toEqual(
      expect.arrayContaining(["date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status", "x-edge-request-id"]),
    );
  });

  test.each(["cs(Cookie)", "cs-headers", "cs-uri-query", "cs(Referer)"])("holds no credentials: not %s", (field) => {
    expect(delivery.record_fields).not.toContain(field);
  });

  test("the older delivery, which wants an ACL on the bucket, is not used", () => {
    expect(distribution).not.toHaveProperty("logging_config");
  });
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

test("no error is kept: CloudFront would keep it for ten seconds, and answer everybody with it", () => {
  expect(distribution.custom_error_response).toEqual(
    [400, 403, 404, 405, 414, 500, 501, 502, 503, 504].map((error_code) => ({ error_code, error_caching_min_ttl: 0 })),
  );
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

const smallPublic = synthesizePlatform(changed(development, { edge: { origin: "public" } }));

test("an environment without a domain has CloudFront's own name and certificate, and no DNS", () => {
  const other = small.resource("aws_cloudfront_distribution.skymanuals");
  expect(at(smallPublic.resource("aws_cloudfront_distribution.skymanuals"), "origin.0")).toMatchObject({
    domain_name: "${aws_lb.main.dns_name}",
    custom_origin_config: { origin_protocol_policy: "http-only" },
  });
  expect(other.viewer_certificate).toEqual({ cloudfront_default_certificate: true });
  expect(other).not.toHaveProperty("aliases");
  expect(small.resources("aws_route53_record")).toEqual([]);
  expect(small.resources("aws_acm_certificate")).toEqual([]);
});

test("and its output edge_notice says what that lacks; with a domain there is none", () => {
  expect(small.output("edge_notice").value).toBe("no domain: CloudFront's own name, whose certificate takes TLS 1.0");
  expect(smallPublic.output("edge_notice").value).toBe(
    "no domain: plain HTTP from CloudFront to the load balancer; CloudFront's own name, whose certificate takes TLS 1.0",
  );
  expect(() => stack.output("edge_notice")).toThrow();
});
