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
    validation_record_fqdns: ["${aws_route53_record.viewer_validation_0.fqdn}"],
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
      "${aws_route53_record.origin_validation_0.fqdn}",
      "${aws_route53_record.origin_validation_1.fqdn}",
    ],
  });
});

test.each([
  ["viewer", 0],
  ["origin", 0],
  ["origin", 1],
])("certificate %s is validated by a record for its name %i", (certificate, index) => {
  const option = `tolist(aws_acm_certificate.${certificate}.domain_validation_options).${index}`;
  expect(lookup.resource(`aws_route53_record.${certificate}_validation_${index}`)).toEqual({
    zone_id: "${data.aws_route53_zone.skymanuals.zone_id}",
    name: `\${${option}.resource_record_name}`,
    type: `\${${option}.resource_record_type}`,
    records: [`\${${option}.resource_record_value}`],
    ttl: 60,
    allow_overwrite: true,
  });
});
