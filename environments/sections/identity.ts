import { accountStackBeginnings } from "../../facts/names";
import { regions } from "../../facts/regions";
import { hasLength, hyphenated, hyphenatedName } from "../validation/forms";
import { distinct, listOf, ruled, text } from "../validation/rules";

const nameLength = { minimum: 2, maximum: 16 };

/** Stacks are `skymanuals-<name>`, beside `skymanuals-account-<account>` and `skymanuals-state-<account>`. */
const environmentName = text(
  `${nameLength.minimum} to ${nameLength.maximum} lower-case letters, digits and single hyphens, a letter first, not beginning with account- or state-`,
  (name) => {
    if (accountStackBeginnings.some((beginning) => name.startsWith(beginning))) {
      return "choose another beginning: stacks named skymanuals-account-... and skymanuals-state-... belong to the accounts";
    }
    if (!hyphenated.test(name)) {
      return "use a name such as staging or test-2";
    }
    return hasLength(name, nameLength);
  },
);

export const accountName = hyphenatedName(nameLength, "use a name such as nonprod");

export const accountId = text("12 digits, as a string", (id) => {
  const digits = id.replace(/[-\s]/g, "");
  if (/^\d{12}$/.test(id)) {
    return true;
  }
  return /^\d{12}$/.test(digits)
    ? `write "${digits}"`
    : "copy the account id: aws sts get-caller-identity --query Account";
});

const otherPartition = /^(eusc-|cn-|us-gov-|us-iso|eu-iso)/;

function isRegion(code: string): boolean {
  return regions.some((known) => known === code);
}

/** Regions of the partition `aws`: the others have no CloudFront, or other ARNs. */
export const region = text("a region code of the partition aws, such as us-east-1", (code) => {
  if (otherPartition.test(code)) {
    return "use a commercial region: CloudFront and the ARNs of this platform are those of the partition aws";
  }
  if (isRegion(code)) {
    return true;
  }
  return isRegion(code.slice(0, -1))
    ? `write "${code.slice(0, -1)}": the letter belongs to the zones`
    : "use a code that aws ec2 describe-regions lists, such as us-east-1";
});

/** The zone's region is checked against `region`. */
const zone = text("an availability zone name: the region and one letter", (name) => {
  if (/^[a-z]{2,4}(-[a-z]+)+-[1-9][a-z]$/.test(name)) {
    return true;
  }
  if (/^[a-z]{3,4}\d-az\d+$/.test(name)) {
    return "write the zone's name, such as us-east-1a: this is a zone id";
  }
  return /^[a-z]{2}(-[a-z]+)+-\d-.+-\d+[a-z]?$/.test(name)
    ? "use a zone of the region itself: RDS, ElastiCache and NAT gateways are not offered alike in local and Wavelength zones"
    : "use a name such as us-east-1a";
});

/** The region of a zone name: `us-east-1a` lies in `us-east-1`. */
export function regionOfZone(name: string): string {
  return name.slice(0, -1);
}

const zoneNumber = { minimum: 2, maximum: 3 };

/** The fields that say which environment this is and where it lies. */
export const identity = {
  /** The environment's name. The stack is `skymanuals-<name>`. */
  name: environmentName,
  /** The one AWS account that this environment may be applied to. */
  accountId,
  /** AWS region. */
  region,
  /** Availability zone names of the region, 2 or 3, in order: subnet `[n]` lies in zone `n`. Reordering replaces subnets. */
  zones: ruled(
    listOf(zone, `${zoneNumber.minimum} or ${zoneNumber.maximum} availability zones of the region`),
    {
      find: (zones) =>
        (zones.length < zoneNumber.minimum || zones.length > zoneNumber.maximum) && {
          path: [],
          allowed: `${zoneNumber.minimum} or ${zoneNumber.maximum} zones: the load balancer, database and cache need two, and Elasticsearch spans at most three`,
          fix:
            zones.length < zoneNumber.minimum
              ? "add a zone of the region"
              : `remove ${zones.slice(zoneNumber.maximum).join(", ")}`,
        },
    },
    distinct("distinct zones", "zones", "name another zone"),
  ),
};
