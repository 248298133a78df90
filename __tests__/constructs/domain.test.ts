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
