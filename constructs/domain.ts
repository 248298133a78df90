import { AcmCertificate } from "@cdktf/provider-aws/lib/acm-certificate";
import { AcmCertificateValidation } from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { DataAwsRoute53Zone } from "@cdktf/provider-aws/lib/data-aws-route53-zone";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Route53Zone } from "@cdktf/provider-aws/lib/route53-zone";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { Alarm, type Alerting, metricsOf } from "./parts/alarm";
import { Output } from "./parts/output";

export interface DomainProps {
  /** Such as `api.skymanuals.com`. */
  readonly apiName: string;
  /** Such as `skymanuals.com`. */
  readonly zoneName: string;
  readonly zone: "lookup" | "create";
  /** ARN of a certificate in us-east-1 that carries `apiName`, or null: one is requested and validated. */
  readonly viewerCertificateArn: string | null;
  /** ARN of a certificate in the environment's region that carries `origin.<zoneName>` and `apiName`, or null: one is requested and validated. */
  readonly originCertificateArn: string | null;
  /** CloudFront takes certificates of us-east-1 only. */
  readonly usEast1: AwsProvider;
  readonly alerting: Alerting;
  /** In us-east-1, where the viewers' certificate is. */
  readonly edgeAlerting: Alerting;
}

/**
 * The names of the platform: the hosted zone, and one certificate for viewers and one for the load balancer, each
 * validated through DNS unless it is given. A created zone costs 0.50 USD a month; the certificates are free (AWS list prices).
 */
export class Domain extends Construct {
  readonly apiName: string;
  /** The load balancer's name, which its certificate carries; CloudFront would refuse the load balancer's own. */
  readonly originName: string;
  readonly zoneId: string;
  /** ARN of the viewers' certificate, validated, in us-east-1. */
  readonly viewerCertificateArn: string;
  /** ARN of the load balancer's certificate, validated, in the environment's region. */
  readonly originCertificateArn: string;

  constructor(scope: Construct, id: string, props: DomainProps) {
    super(scope, id);
    this.apiName = props.apiName;
    this.originName = `origin.${props.zoneName}`;
    const zone =
      props.zone === "create"
        ? new Route53Zone(this, "aws_route53_zone.skymanuals", { name: props.zoneName, tags: { Name: props.zoneName } })
        : new DataAwsRoute53Zone(this, "data.aws_route53_zone.skymanuals", {
            name: props.zoneName,
            privateZone: false,
          });
    this.zoneId = zone.zoneId;
    const viewer = props.viewerCertificateArn ?? this.addCertificate("viewer", [this.apiName], props.usEast1);
    const origin = props.originCertificateArn ?? this.addCertificate("origin", [this.originName, this.apiName]);
    // ACM asks one record of a name, whatever the certificate and the region.
    const requested = [origin, viewer].find((certificate) => typeof certificate !== "string");
    const apiRecord = requested && this.addValidationRecord("api_validation", requested, this.apiName);
    this.viewerCertificateArn =
      typeof viewer === "string" ? viewer : this.validate("viewer", viewer, [apiRecord], props.usEast1);
    this.originCertificateArn =
      typeof origin === "string"
        ? origin
        : this.validate("origin", origin, [
            this.addValidationRecord("origin_validation", origin, this.originName),
            apiRecord,
          ]);

    this.watchExpiry("viewer", this.viewerCertificateArn, props.edgeAlerting);
    this.watchExpiry("origin", this.originCertificateArn, props.alerting);

    new Output(
      this,
      "name_servers",
      Fn.join(", ", zone.nameServers),
      "Where the parent zone delegates the hosted zone to",
    );
  }

  /** An IPv4 alias record, or with `ipv6` one of each family. */
  addAlias(
    label: string,
    name: string,
    target: { name: string; zoneId: string },
    families: readonly ("A" | "AAAA")[],
  ): Route53Record[] {
    return families.map(
      (type) =>
        new Route53Record(this, type === "A" ? label : `${label}_ipv6`, {
          zoneId: this.zoneId,
          name,
          type,
          alias: { name: target.name, zoneId: target.zoneId, evaluateTargetHealth: false },
        }),
    );
  }

  /**
   * ACM renews 60 days before a certificate ends, and what was imported it does not renew (AWS Certificate Manager User Guide, "Managed
   * certificate renewal"): at 44 days it has not. Threshold: Amazon CloudWatch User Guide, "Best practice alarm recommendations".
   */
  private watchExpiry(label: string, certificateArn: string, alerting: Alerting): void {
    new Alarm(this, `${label}_certificate`, {
      ...alerting,
      runbook: "certificate",
      severity: "ticket",
      description: `The ${label === "viewer" ? "certificate that users see" : "load balancer's certificate"} ends within 44 days, and was not renewed.`,
      watch: metricsOf("AWS/CertificateManager", { CertificateArn: certificateArn }, 86_400)("DaysToExpiry", "Minimum"),
      comparison: "atMost",
      threshold: 44,
      missingData: "breaching",
    });
  }

  private addCertificate(label: string, names: readonly [string, ...string[]], provider?: AwsProvider): AcmCertificate {
    const [domainName, ...subjectAlternativeNames] = names;
    return new AcmCertificate(this, `aws_acm_certificate.${label}`, {
      domainName,
      subjectAlternativeNames,
      validationMethod: "DNS",
      provider,
      tags: { Name: domainName },
      lifecycle: { createBeforeDestroy: true },
    });
  }

  private addValidationRecord(label: string, certificate: AcmCertificate, name: string): Route53Record {
    // By name: the options are a set, whose order changes with its members.
    const option = (attribute: string) =>
      `\${one([for option in aws_acm_certificate.${certificate.friendlyUniqueId}.domain_validation_options : option.${attribute} if option.domain_name == "${name}"])}`;
    return new Route53Record(this, label, {
      zoneId: this.zoneId,
      name: option("resource_record_name"),
      type: option("resource_record_type"),
      records: [option("resource_record_value")],
      ttl: 60,
      allowOverwrite: true,
    });
  }

  private validate(
    label: string,
    certificate: AcmCertificate,
    records: readonly (Route53Record | undefined)[],
    provider?: AwsProvider,
  ): string {
    return new AcmCertificateValidation(this, `aws_acm_certificate_validation.${label}`, {
      certificateArn: certificate.arn,
      validationRecordFqdns: records.flatMap((record) => record?.fqdn ?? []),
      provider,
    }).certificateArn;
  }
}
