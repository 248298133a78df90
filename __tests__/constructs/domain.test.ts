import { staging } from "../../environments/staging";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const lookup = synthesizeProduction();
const create = synthesizePlatform(staging);

test("a zone that exists is looked up", () => {
  expect(lookup.resource("data.aws_route53_zone.skymanuals")).toEqual({ name: "skymanuals.com", private_zone: false });
  expect(lookup.resources("aws_route53_zone")).toEqual([]);
});

test("a zone that does not is created, and holds the records", () => {
  expect(create.resource("aws_route53_zone.skymanuals")).toMatchObject({ name: "staging.skymanuals.com" });
  for (const { config } of create.resources("aws_route53_record")) {
    expect(config.zone_id).toBe("${aws_route53_zone.skymanuals.zone_id}");
  }
});

test("B15: the viewers' certificate is in us-east-1, whatever the region", () => {
  expect(lookup.resource("aws_acm_certificate.viewer")).toMatchObject({
    provider: "aws.us_east_1",
    domain_name: "api.skymanuals.com",
    validation_method: "DNS",
    lifecycle: { create_before_destroy: true },
  });
  expect(lookup.resource("aws_acm_certificate_validation.viewer")).toEqual({
    provider: "aws.us_east_1",
    certificate_arn: "${aws_acm_certificate.viewer.arn}",
    validation_record_fqdns: ["${aws_route53_record.api_validation.fqdn}"],
  });
});

test("B14: the load balancer's is in its own region, and carries origin.<domain> and the Host that CloudFront forwards", () => {
  const certificate = lookup.resource("aws_acm_certificate.origin");
  expect(certificate).toMatchObject({
    domain_name: "origin.skymanuals.com",
    subject_alternative_names: ["api.skymanuals.com"],
    lifecycle: { create_before_destroy: true },
  });
  expect(certificate).not.toHaveProperty("provider");
  expect(lookup.resource("aws_acm_certificate_validation.origin")).toEqual({
    certificate_arn: "${aws_acm_certificate.origin.arn}",
    validation_record_fqdns: [
      "${aws_route53_record.origin_validation.fqdn}",
      "${aws_route53_record.api_validation.fqdn}",
    ],
  });
});

test.each([
  ["api", "api.skymanuals.com"],
  ["origin", "origin.skymanuals.com"],
])("one record %s_validation proves %s, for both certificates and whatever the order of ACM's set", (label, name) => {
  const option = (attribute: string) =>
    `\${one([for option in aws_acm_certificate.origin.domain_validation_options : option.${attribute} if option.domain_name == "${name}"])}`;
  expect(lookup.resource(`aws_route53_record.${label}_validation`)).toEqual({
    zone_id: "${data.aws_route53_zone.skymanuals.zone_id}",
    name: option("resource_record_name"),
    type: option("resource_record_type"),
    records: [option("resource_record_value")],
    ttl: 60,
    allow_overwrite: true,
  });
});

test("a created zone's name servers are put out, for the parent zone to delegate to", () => {
  expect(create.output("name_servers").value).toBe('${join(", ", aws_route53_zone.skymanuals.name_servers)}');
});

describe("given certificates are used as they are", () => {
  const certificate = (id: number) =>
    `arn:aws:acm:us-east-1:222222222222:certificate/00000000-0000-0000-0000-00000000000${id}`;
  const addresses = (stack: typeof lookup) =>
    stack
      .resources()
      .map(({ address }) => address)
      .filter((address) => /^aws_acm|_validation$/.test(address));

  test("both: none is requested, and nothing proved", () => {
    const given = synthesizeProduction({
      domain: { viewerCertificateArn: certificate(1), originCertificateArn: certificate(2) },
    });
    expect(addresses(given)).toEqual([]);
    expect(given.resource("aws_cloudfront_distribution.skymanuals").viewer_certificate).toMatchObject({
      acm_certificate_arn: certificate(1),
      minimum_protocol_version: "TLSv1.2_2021",
    });
    expect(given.resource("aws_lb_listener.api")).toMatchObject({
      protocol: "HTTPS",
      certificate_arn: certificate(2),
    });
  });

  test("the viewers': the load balancer's is requested as without", () => {
    const given = synthesizeProduction({ domain: { viewerCertificateArn: certificate(1) } });
    expect(addresses(given).sort()).toEqual([
      "aws_acm_certificate.origin",
      "aws_acm_certificate_validation.origin",
      "aws_route53_record.api_validation",
      "aws_route53_record.origin_validation",
    ]);
    expect(given.resource("aws_acm_certificate_validation.origin")).toEqual(
      lookup.resource("aws_acm_certificate_validation.origin"),
    );
  });

  test("the load balancer's: the viewers' is proved by its own record", () => {
    const given = synthesizeProduction({ domain: { originCertificateArn: certificate(2) } });
    expect(addresses(given).sort()).toEqual([
      "aws_acm_certificate.viewer",
      "aws_acm_certificate_validation.viewer",
      "aws_route53_record.api_validation",
    ]);
    expect(String(given.resource("aws_route53_record.api_validation").name)).toContain(
      "aws_acm_certificate.viewer.domain_validation_options",
    );
  });
});
