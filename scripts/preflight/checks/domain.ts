import { edgeRegion } from "../../../facts/regions";
import { type Ask, unlessMissing } from "../aws";
import type { Check } from "../check";
import { type Finding, nothingFound, type Outcome } from "../finding";

/** The public hosted zone is there and the only one, and the domain's parent points to its name servers. */
export const delegation: Check = {
  name: "delegation",
  asks: ["route53.ListHostedZonesByName", "route53.GetHostedZone"],
  run: async ({ ask, environment, emulated, nameServers }) => {
    const { domain, name } = environment;
    if (domain === null) {
      return { findings: [], skipped: "the environment has no domain" };
    }
    const { zoneName } = domain;
    const { HostedZones = [] } = await ask("route53.ListHostedZonesByName", { DNSName: zoneName });
    const zones = HostedZones.filter(({ Name, Config }) => Name === `${zoneName}.` && !Config?.PrivateZone);
    const [zone] = zones;
    if (domain.zone === "lookup" && zones.length !== 1) {
      return found({
        severity: "error",
        what: `hosted zone ${zoneName}`,
        got: zones.length === 0 ? "the account has no public one" : `the account has ${zones.length} of this name`,
        needed: 'exactly one: domain.zone is "lookup"',
        fix:
          zones.length === 0
            ? `set domain.zone of environments/${name}.ts to "create", or use the account that has the zone`
            : "delete those to which the domain is not delegated",
      });
    }
    if (zone === undefined) {
      return {
        findings: [],
        skipped: `the apply creates the zone; delegate ${zoneName} to its output name_servers then`,
      };
    }
    if (emulated) {
      return { findings: [], skipped: "nobody on the internet delegates to the emulator" };
    }
    const { DelegationSet } = await ask("route53.GetHostedZone", { Id: zone.Id });
    return compareDelegation(zoneName, DelegationSet?.NameServers ?? [], nameServers);
  },
};

/** What DNS says where a name has no such records, or does not exist. */
const none = ["ENODATA", "ENOTFOUND"];

async function compareDelegation(
  zoneName: string,
  ours: readonly string[],
  nameServers: (domain: string) => Promise<string[]>,
): Promise<Outcome> {
  let answer: readonly string[];
  try {
    answer = await nameServers(zoneName);
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (!none.includes(code)) {
      return { findings: [], skipped: `the public DNS did not answer for ${zoneName}: ${code || String(error)}` };
    }
    answer = [];
  }
  const normal = (servers: readonly string[]) =>
    servers.map((server) => server.toLowerCase().replace(/\.$/, "")).sort();
  const [known, wanted] = [normal(answer), normal(ours)];
  if (known.join() === wanted.join()) {
    return nothingFound;
  }
  return found({
    severity: "error",
    what: `delegation of ${zoneName}`,
    got: known.length === 0 ? "the public DNS knows no name servers" : known.join(", "),
    needed: `${wanted.join(", ")}: certificates are validated through this zone, and an apply waits for them for 75 minutes`,
    fix: `enter these name servers at the registrar of ${zoneName}, or as NS record in its parent zone`,
  });
}

/** Certificates that the environment names are issued, and carry the names that are served. */
export const certificates: Check = {
  name: "certificates",
  asks: ["acm.DescribeCertificate"],
  run: async ({ ask, environment: { domain, region } }) => {
    const viewer = domain?.viewerCertificateArn;
    const origin = domain?.originCertificateArn;
    if (!domain || (!viewer && !origin)) {
      return { findings: [], skipped: "the environment names none: the apply requests what it needs" };
    }
    const outcomes = await Promise.all([
      viewer ? checkCertificate(ask, "domain.viewerCertificateArn", viewer, [domain.apiName], edgeRegion) : [],
      origin
        ? checkCertificate(
            ask,
            "domain.originCertificateArn",
            origin,
            [`origin.${domain.zoneName}`, domain.apiName],
            region,
          )
        : [],
    ]);
    return { findings: outcomes.flat() };
  },
};

async function checkCertificate(
  ask: Ask,
  field: string,
  arn: string,
  names: readonly string[],
  region: string,
): Promise<Omit<Finding, "check">[]> {
  const asked = ask("acm.DescribeCertificate", { CertificateArn: arn }, region);
  const certificate = (await unlessMissing(asked, "ResourceNotFoundException"))?.Certificate;
  const carried = [certificate?.DomainName ?? "", ...(certificate?.SubjectAlternativeNames ?? [])];
  const missing = names.filter((name) => !carried.some((pattern) => covers(pattern, name)));
  const needed = `an issued certificate in ${region} for ${names.join(" and ")}`;
  const what = `certificate ${arn}`;
  if (certificate?.Status !== "ISSUED") {
    const fix = certificate
      ? `create the records that aws acm describe-certificate --certificate-arn ${arn} --region ${region} names, or set ${field} to null`
      : `correct ${field}, or set it to null: the apply requests one then`;
    return [{ severity: "error", what, got: certificate?.Status ?? `there is none in ${region}`, needed, fix }];
  }
  return missing.length === 0
    ? []
    : [
        {
          severity: "error",
          what,
          got: `it carries ${carried.filter(Boolean).join(", ")}`,
          needed,
          fix: `request one that carries ${missing.join(" and ")} too, or set ${field} to null`,
        },
      ];
}

/** Whether a certificate's name is valid for a host: a wildcard stands for one label. */
function covers(pattern: string, name: string): boolean {
  return pattern === name || (pattern.startsWith("*.") && name.slice(name.indexOf(".")) === pattern.slice(1));
}

function found(finding: Omit<Finding, "check">): Outcome {
  return { findings: [finding] };
}
