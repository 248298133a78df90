import { certificateNameMaximum } from "../../facts/aws-limits";
import { oneOf, orNull, pattern, record, ruled, text } from "../validation/rules";

const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const hostForm = new RegExp(`^(?=.{1,253}$)(${label}\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`);

function host(allowed: string, example: string, maximum: number) {
  return text(allowed, (name) => {
    if (hostForm.test(name)) {
      return name.length <= maximum || `use at most ${maximum} characters instead of ${name.length}`;
    }
    const repaired = name
      .toLowerCase()
      .replace(/^https?:\/\//, "")
      .replace(/[./]+$/, "");
    return `write "${hostForm.test(repaired) ? repaired : example}"`;
  });
}

const apiName = host(
  `a lower-case host name of at most ${certificateNameMaximum} characters, such as api.skymanuals.com`,
  "api.skymanuals.com",
  certificateNameMaximum,
);
const zoneName = host(
  `a lower-case domain name of at most ${certificateNameMaximum - "origin.".length} characters, without a final dot, such as skymanuals.com`,
  "skymanuals.com",
  certificateNameMaximum - "origin.".length,
);

const certificateForm = (region: string) =>
  new RegExp(`^arn:aws:acm:${region}:\\d{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`);

/** The certificate's account and, for the load balancer's, its region are checked against the environment's. */
const originCertificateArn = pattern(
  "the ARN of a certificate in ACM, arn:aws:acm:<region>:<12 digits>:certificate/<id>",
  certificateForm("[a-z0-9-]+"),
  "copy it from `aws acm list-certificates`, or write null to have one requested",
);
const viewerCertificateArn = text(
  "the ARN of a certificate in us-east-1, the one region that CloudFront takes certificates of: arn:aws:acm:us-east-1:<12 digits>:certificate/<id>",
  (arn) => {
    if (certificateForm("us-east-1").test(arn)) {
      return true;
    }
    return certificateForm("[a-z0-9-]+").test(arn)
      ? "import or request the certificate in us-east-1 as well, or write null to have one requested there"
      : "copy it from `aws acm list-certificates --region us-east-1`, or write null to have one requested";
  },
);

export const domain = orNull(
  ruled(
    record({
      /** Viewers' name of the API, such as `api.skymanuals.com`; `origin.<zoneName>` is the load balancer's. */
      apiName,
      /** Route 53 public hosted zone that holds both names. */
      zoneName,
      /** `lookup`: the zone exists. `create`: this stack creates it, and the registrar must delegate to it. */
      zone: oneOf(["lookup", "create"]),
      /** ARN of a certificate in us-east-1 that carries `apiName`, or null: one is requested and validated. */
      viewerCertificateArn: orNull(viewerCertificateArn, "the ARN of a certificate in us-east-1, or null"),
      /** ARN of a certificate in the environment's region that carries `origin.<zoneName>` and `apiName`, or null: one is requested and validated. */
      originCertificateArn: orNull(originCertificateArn, "the ARN of a certificate in the region, or null"),
    }),
    {
      find: ({ apiName: name, zoneName: parent }) => [
        name === `origin.${parent}` && {
          path: ["apiName"],
          allowed: `a name other than origin.${parent}, which is the load balancer's`,
          fix: `use api.${parent}`,
        },
        name !== parent &&
          !name.endsWith(`.${parent}`) && {
            path: ["apiName"],
            allowed: `a name in the zone ${parent}`,
            fix: `use api.${parent}, or the zone ${name.split(".").slice(1).join(".")}`,
          },
      ],
    },
  ),
  "an object with apiName, zoneName, zone and the two certificates, or null for CloudFront's own domain name",
);
