import {
  certificateNameMaximum,
  elasticsearchFamiliesWithoutEncryption,
  elasticsearchFamiliesWithoutGp3,
  elasticsearchGp3MaximumGiB,
  gatewayEndpointServices,
  interfaceEndpointServices,
  privateRanges,
  redisDataTieringFamilies,
  redisPreviousFamilies,
  reservedBucketPrefixes,
  reservedBucketSuffixes,
  reservedUsernamePrefix,
  reservedUsernames,
  vpcPrefixLengths,
  wafManagedRules,
  wafOwnRules,
} from "../facts/aws-limits";
import { accountStackBeginnings, derivedNames } from "../facts/names";
import { containsCidrBlock, enclosingCidrBlock, formatCidrBlock, parseCidrBlock } from "./subnets";
import { apiPattern, patternsMeet } from "./validation/path-patterns";
import { didYouMean } from "./validation/problems";
import { pattern, text } from "./validation/rules";

/** Single values: their form, and what AWS says of each on its own. */

/** Stacks are `skymanuals-<name>`, beside `skymanuals-account-<account>` and `skymanuals-state-<account>`. */
export const environmentName = text(
  "2 to 16 lower-case letters, digits and single hyphens, a letter first, not beginning with account- or state-",
  (name) => {
    if (accountStackBeginnings.some((beginning) => name.startsWith(beginning))) {
      return "choose another beginning: stacks named skymanuals-account-... and skymanuals-state-... belong to the accounts";
    }
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
      return "use a name such as staging or test-2";
    }
    return (name.length >= 2 && name.length <= 16) || `use 2 to 16 characters instead of ${name.length}`;
  },
);

export const accountName = pattern(
  "2 to 16 lower-case letters, digits and single hyphens, a letter first",
  /^(?=.{2,16}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  "use a name such as nonprod",
);

export const accountId = text("12 digits, as a string", (id) => {
  const digits = id.replace(/[-\s]/g, "");
  if (/^\d{12}$/.test(id)) {
    return true;
  }
  return /^\d{12}$/.test(digits)
    ? `write "${digits}"`
    : "copy the account id: aws sts get-caller-identity --query Account";
});

const direction = "(north|south|east|west|central|northeast|northwest|southeast|southwest)";
const regionForm = new RegExp(`^(eusc-[a-z]{2}|[a-z]{2}(-gov|-iso[a-z]?)?)-${direction}-[1-9]$`);
const otherPartition = /^(eusc-|cn-|us-gov-|us-iso|eu-iso)/;

/** Regions of the partition `aws`: the others have no CloudFront, or other ARNs. */
export const region = text("a region code of the partition aws, such as us-east-1", (code) => {
  if (otherPartition.test(code)) {
    return "use a commercial region: CloudFront and the ARNs of this platform are those of the partition aws";
  }
  if (regionForm.test(code)) {
    return true;
  }
  return regionForm.test(code.slice(0, -1))
    ? `write "${code.slice(0, -1)}": the letter belongs to the zones`
    : "use a code that aws ec2 describe-regions lists, such as us-east-1";
});

/** The zone's region is checked against `region`. */
export const zone = text("an availability zone name: the region and one letter", (name) => {
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

const longestPrefix = Math.min(...derivedNames.map(({ suffix, maximum }) => maximum - suffix.length));

export const namePrefix = text(
  `2 to ${longestPrefix} lower-case letters, digits and single hyphens, a letter first, not beginning with internal-`,
  (prefix) => {
    if (prefix.startsWith("internal-")) {
      return "choose another beginning: internal- is reserved in load balancer names";
    }
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(prefix)) {
      return `write it as ${suggestName(prefix)}`;
    }
    const tooLong = derivedNames.filter(({ suffix, maximum }) => prefix.length + suffix.length > maximum);
    if (tooLong.length > 0) {
      const names = tooLong.map(({ suffix, what, maximum }) => `${what} ${prefix}${suffix}: ${maximum}`);
      return `use at most ${longestPrefix} characters instead of ${prefix.length} (${names.join("; ")})`;
    }
    return prefix.length >= 2 || "use at least 2 characters";
  },
);

/** The nearest spelling with lower-case letters, digits and single hyphens. */
function suggestName(value: string): string {
  const name = value
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[-0-9]+|-+$/g, "");
  return name === "" ? "skymanuals-test" : name;
}

export const bucketName = text(
  `3 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends, no dots, not beginning with ${reservedBucketPrefixes.join(", ")}, not ending in ${reservedBucketSuffixes.join(", ")}`,
  (name) => {
    const prefix = reservedBucketPrefixes.find((reserved) => name.startsWith(reserved));
    if (prefix !== undefined) {
      return `choose another beginning: S3 reserves ${prefix}`;
    }
    const suffix = reservedBucketSuffixes.find((reserved) => name.endsWith(reserved));
    if (suffix !== undefined) {
      return `choose another ending: S3 reserves ${suffix}`;
    }
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
      return `write it as ${suggestName(name)}`;
    }
    return (name.length >= 3 && name.length <= 63) || `use 3 to 63 characters instead of ${name.length}`;
  },
);

const { minimum: shortestVpc, maximum: longestVpc } = vpcPrefixLengths;

export const vpcCidrBlock = text(
  `a private IPv4 CIDR block (${privateRanges.join(", ")}), /${shortestVpc} to /${longestVpc}, without host bits: each subnet takes 8 more bits, and AWS has none smaller than /28`,
  (value) => {
    const block = parseCidrBlock(value);
    if (!block) {
      return "write it as 10.0.0.0/16";
    }
    const prefix = Math.min(longestVpc, Math.max(shortestVpc, block.prefix));
    const right = enclosingCidrBlock(block, prefix);
    if (!privateRanges.some((range) => isWithin(right, range))) {
      return `use a private block, such as 10.0.0.0/${prefix}`;
    }
    const spelling = formatCidrBlock(right);
    if (block.prefix > longestVpc) {
      return `use ${spelling} or a larger block: /${block.prefix} is too small for its subnets`;
    }
    if (block.prefix < shortestVpc) {
      return `use ${spelling}: a VPC is at most /${shortestVpc}`;
    }
    return value === spelling || `write ${spelling}`;
  },
);

function isWithin(block: { address: number; prefix: number }, range: string): boolean {
  const outer = parseCidrBlock(range);
  return outer !== undefined && containsCidrBlock(outer, block);
}

export const allowedIp = text("an IPv4 CIDR block, /8 to /32, without host bits", (value) => {
  const block = parseCidrBlock(value);
  if (!block) {
    return parseCidrBlock(`${value}/32`) ? `write ${value}/32` : "write it as 203.0.113.0/24";
  }
  if (block.prefix < 8) {
    return "name the networks of the office or VPN, each /8 or smaller: this admits a large part of the internet";
  }
  const spelling = formatCidrBlock(enclosingCidrBlock(block, block.prefix));
  return value === spelling || `write ${spelling}`;
});

export const interfaceEndpoint = text(`one of ${interfaceEndpointServices.join(", ")}`, (service) => {
  if (interfaceEndpointServices.includes(service)) {
    return true;
  }
  if (gatewayEndpointServices.includes(service)) {
    return "remove it: this service has a gateway endpoint, which costs nothing (S3's is always there)";
  }
  const short = /^com\.amazonaws\.[a-z0-9-]+\.(.+)$/.exec(service)?.[1];
  if (short !== undefined && interfaceEndpointServices.includes(short)) {
    return `write "${short}"`;
  }
  return didYouMean(service, interfaceEndpointServices) || "remove it, or choose one of the list";
});

const instanceSize = "(nano|micro|small|medium|large|[1-9][0-9]?xlarge|xlarge)";

export const databaseInstanceClass = pattern(
  "an RDS instance class, db.<family>.<size>, such as db.t3.medium",
  new RegExp(`^db\\.[a-z][a-z0-9]*\\.${instanceSize}$`),
  (value) => {
    const rest = /^(?:cache\.)?([a-z][a-z0-9]*\.[a-z0-9]+?)(?:\.(?:elasticsearch|search))?$/.exec(value)?.[1];
    return rest !== undefined && new RegExp(`\\.${instanceSize}$`).test(rest) && !rest.startsWith("db.")
      ? `write "db.${rest}"`
      : "use a class such as db.t3.medium";
  },
);

export const redisNodeType = text(
  `an ElastiCache node type, cache.<family>.<size>, of a family other than ${[...redisPreviousFamilies, ...redisDataTieringFamilies].join(", ")}`,
  (value) => {
    const match = new RegExp(`^cache\\.([a-z][a-z0-9]*)\\.${instanceSize}$`).exec(value);
    if (!match) {
      const rest = /^(?:db\.)?([a-z][a-z0-9]*\.[a-z0-9]+)$/.exec(value)?.[1];
      return rest !== undefined && !rest.startsWith("cache.") && new RegExp(`\\.${instanceSize}$`).test(rest)
        ? `write "cache.${rest}"`
        : "use a type such as cache.t3.micro";
    }
    const family = match[1] ?? "";
    if (redisPreviousFamilies.includes(family)) {
      return "use cache.t3, cache.m5 or cache.r5: the family takes no new clusters, and has neither encryption nor failover throughout";
    }
    return !redisDataTieringFamilies.includes(family) || "use cache.r6g: the family needs data tiering";
  },
);

/** Family and size of `<family>.<size>.elasticsearch`. */
export function elasticsearchTypeParts(type: string): { family: string; size: string } | undefined {
  const match = new RegExp(`^([a-z][a-z0-9]*)\\.${instanceSize}\\.elasticsearch$`).exec(type);
  return match ? { family: match[1] ?? "", size: match[2] ?? "" } : undefined;
}

const knownElasticsearchTypes = Object.entries(elasticsearchGp3MaximumGiB).flatMap(([family, sizes]) =>
  Object.keys(sizes).map((size) => `${family}.${size}.elasticsearch`),
);

/**
 * A known family must have the size. A family that is neither in the table nor excluded passes: AWS may have added it,
 * and only the limits that hold for every type apply to it.
 */
function elasticsearchType(excluded: readonly string[], why: string) {
  return text(
    `<family>.<size>.elasticsearch, such as t3.medium.elasticsearch, of a family other than ${excluded.join(", ")}`,
    (type) => {
      const parts = elasticsearchTypeParts(type);
      if (!parts) {
        const repaired = `${type.replace(/\.(search|opensearch)$/, "").replace(/^(db|cache)\./, "")}.elasticsearch`;
        if (elasticsearchTypeParts(repaired)) {
          return `write "${repaired}"`;
        }
        return didYouMean(type, knownElasticsearchTypes) || "use a type such as t3.medium.elasticsearch";
      }
      if (excluded.includes(parts.family)) {
        return `use t3, m5, c5, r5, m6g, c6g or r6g: ${parts.family} has no ${why}`;
      }
      const sizes = elasticsearchGp3MaximumGiB[parts.family];
      return sizes === undefined || parts.size in sizes || `use ${parts.family} in ${Object.keys(sizes).join(", ")}`;
    },
  );
}

export const elasticsearchInstanceType = elasticsearchType(elasticsearchFamiliesWithoutGp3, "gp3 volumes");
export const elasticsearchMasterType = elasticsearchType(elasticsearchFamiliesWithoutEncryption, "encryption at rest");

export const ecrRepositoryUrl = text(
  "<account id>.dkr.ecr.<region>.amazonaws.com/<repository>, without tag or digest",
  (url) => {
    const form = /^\d{12}\.dkr\.ecr\.[a-z]{2,4}(-[a-z]+)+-\d\.amazonaws\.com\/[a-z0-9]+([._/-]+[a-z0-9]+)*$/;
    if (form.test(url)) {
      return true;
    }
    const bare = url.replace(/^https?:\/\//, "").replace(/(@sha256:[0-9a-f]*|:[A-Za-z0-9_.-]*)$/, "");
    return form.test(bare)
      ? `write "${bare}"${/[:@]/.test(url.replace(/^https?:/, "")) ? "; the tag goes to api.imageTag" : ""}`
      : 'write it as "111111111111.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api"';
  },
);

export const imageTag = text(
  "a tag other than latest (letters, digits, _ . -, at most 128), or sha256: and 64 hexadecimal digits",
  (tag) => {
    if (tag === "latest") {
      return "name the release, such as 1.0.0, or the digest: latest says nothing of what runs";
    }
    if (tag.startsWith("sha256:")) {
      return (
        /^sha256:[0-9a-f]{64}$/.test(tag) ||
        "copy the whole digest: aws ecr describe-images --query imageDetails[].imageDigest"
      );
    }
    return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag) || "use a tag such as 1.0.0";
  },
);

export const scalingWindowName = pattern(
  "1 to 32 lower-case letters, digits and single hyphens, a letter first",
  /^(?=.{1,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  "use a name such as maintenance",
);

const cronField = "[0-9A-Z*?/,L#W-]+";

export const scalingSchedule = text(
  "cron(<minute> <hour> <day of month> <month> <day of week> <year>) with one ? for a day, or at(<yyyy-mm-dd>T<hh:mm:ss>)",
  (schedule) => {
    if (/^at\(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\)$/.test(schedule)) {
      return true;
    }
    const fields = new RegExp(`^cron\\((${cronField}( ${cronField}){5})\\)$`).exec(schedule)?.[1]?.split(" ");
    if (fields) {
      const days = [fields[2], fields[4]].filter((day) => day === "?").length;
      return days === 1 || "write ? for one of day of month and day of week: cron(45 3 ? * SUN *)";
    }
    if (schedule.startsWith("rate(")) {
      return "use cron or at: a rate has no time of day at which a window could open";
    }
    return /^cron\(\S+( \S+){4}\)$/.test(schedule)
      ? "add the year, the sixth field: cron(45 3 ? * SUN *)"
      : "write it as cron(45 3 ? * SUN *) or at(2027-01-31T22:00:00)";
  },
);

export const timezone = text("UTC, or the IANA name of a time zone such as Europe/Stockholm", (name) => {
  const known = Intl.supportedValuesOf("timeZone");
  return name === "UTC" || known.includes(name) || didYouMean(name, ["UTC", ...known]) || "use UTC";
});

export const databaseUsername = text(
  "1 to 63 letters, digits and underscores, a letter first, not pg_..., no reserved word of RDS or PostgreSQL",
  (username) => {
    const lower = username.toLowerCase();
    if (lower.startsWith(reservedUsernamePrefix) || reservedUsernames.has(lower)) {
      return `choose another, such as skymanuals: ${username} is reserved`;
    }
    if (username.length > 63) {
      return `use at most 63 characters instead of ${username.length}`;
    }
    return /^[A-Za-z][A-Za-z0-9_]*$/.test(username) || "use a name such as skymanuals";
  },
);

export const keyPrefix = text(
  "the beginning of keys: letters, digits and ! - _ . ' ( ) / , a slash last and not first, at most 200 characters",
  (prefix) => {
    const segments = prefix.split("/").filter((segment) => segment !== "");
    const spelling = `${segments.join("/")}/`;
    if (segments.length === 0) {
      return "name a folder, such as archive/: every key begins with this";
    }
    if (!/^[A-Za-z0-9!_.'()/-]*$/.test(prefix)) {
      return "use a prefix such as archive/";
    }
    return prefix === spelling ? prefix.length <= 200 || "use at most 200 characters" : `write "${spelling}"`;
  },
);

export const engineVersion = text("15, or 15 and a minor version, such as 15.4", (version) => {
  if (/^15(\.(0|[1-9]\d?))?$/.test(version)) {
    return true;
  }
  const repaired = /^v?(15(\.\d{1,2})?)(\.\d+)*\.?$/.exec(version)?.[1];
  return `use "${repaired ?? "15"}"`;
});

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

export const apiName = host(
  `a lower-case host name of at most ${certificateNameMaximum} characters, such as api.skymanuals.com`,
  "api.skymanuals.com",
  certificateNameMaximum,
);
export const zoneName = host(
  `a lower-case domain name of at most ${certificateNameMaximum - "origin.".length} characters, without a final dot, such as skymanuals.com`,
  "skymanuals.com",
  certificateNameMaximum - "origin.".length,
);

const certificateForm = (region: string) =>
  new RegExp(`^arn:aws:acm:${region}:\\d{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`);

/** The certificate's account and, for the load balancer's, its region are checked against the environment's. */
export const originCertificateArn = pattern(
  "the ARN of a certificate in ACM, arn:aws:acm:<region>:<12 digits>:certificate/<id>",
  certificateForm("[a-z0-9-]+"),
  "copy it from `aws acm list-certificates`, or write null to have one requested",
);
export const viewerCertificateArn = text(
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

export const publicPath = text(
  `a CloudFront path pattern of at most 255 characters that begins with /, such as /static/*, and meets no path of ${apiPattern}`,
  (path) => {
    if (!/^[/][A-Za-z0-9_.*?$~@:+/-]{0,254}$/.test(path)) {
      return /^[A-Za-z0-9_.*?$~@:+/-]{1,254}$/.test(path) && !path.startsWith("*")
        ? `write "/${path}"`
        : 'write it as "/static/*": letters, digits and _ - . * ? $ ~ @ : + after the first /';
    }
    return (
      !patternsMeet(path, apiPattern) ||
      `name a folder of public files, such as /static/*: ${path} can match paths of the API, whose answers are nobody else's`
    );
  },
);

export const uploadPath = text(
  "a path of the API with at least two segments, such as /api/manuals or /api/manuals/*/revisions, * standing for one segment",
  (path) => {
    const bare = path.replace(/([/][*]*)+$/, "");
    if (path !== bare && /^([/][A-Za-z0-9_~.*-]+){2,}$/.test(bare)) {
      return `write "${bare}": everything below it is meant`;
    }
    if (!/^([/]([A-Za-z0-9_~.-]+|[*]))+$/.test(path)) {
      return 'write it as "/api/manuals": letters, digits and _ ~ . - in each segment, or * for a whole one';
    }
    return (
      /^([/][A-Za-z0-9_~.-]+){2}/.test(path) || "name the first two segments, such as /api/manuals: this is every path"
    );
  },
);

const wafRules = [...Object.entries(wafManagedRules).flatMap(([group, rules]) => [group, ...rules]), ...wafOwnRules];

export const wafRule = text(
  `a rule or rule group of the web ACL: ${[...Object.keys(wafManagedRules), ...wafOwnRules].join(", ")}, or a rule of these groups`,
  (rule) => wafRules.includes(rule) || didYouMean(rule, wafRules) || "use a name of AWS's list of managed rules",
);

export const roleArn = pattern(
  "the ARN of an IAM role, arn:aws:iam::<12 digits>:role/<name>",
  /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
  "copy it from `aws iam get-role --role-name <name>`",
);

export const mediaType = pattern(
  "a media type in lower case without parameters, such as application/pdf",
  /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/,
  (value) => `write it as ${/^[^/;\s]+\/[^/;\s]+/.exec(value.trim())?.[0].toLowerCase() ?? "application/pdf"}`,
);

export const email = pattern(
  "an e-mail address",
  /^(?=.{3,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$/,
  "write one address, such as admin@skymanuals.com",
);

const keySegment = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9!_.*'()-]+";
const keyForm = new RegExp(`^(?=.{1,1024}$)${keySegment}(/${keySegment})*$`);

export const stateKey = text(
  "an object key of 1 to 1024 letters, digits and ! _ . * ' ( ) / -, no empty, . or .. between slashes",
  (key) => {
    if (keyForm.test(key)) {
      return true;
    }
    const repaired = key
      .replace(/[^A-Za-z0-9!_.*'()/-]+/g, "-")
      .split("/")
      .filter((segment) => !/^\.{0,2}$/.test(segment))
      .join("/");
    return `write "${keyForm.test(repaired) ? repaired : "skymanuals-production/terraform.tfstate"}"`;
  },
);

const uuid = "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";
const kmsKeyForm = `(${uuid}|mrk-[a-f0-9]{32})`;
const alias = "alias/[A-Za-z0-9/_-]{1,250}";

export const kmsKeyId = text("a KMS key id, key ARN, alias/... or alias ARN", (value) => {
  const arn = `arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:(key/${kmsKeyForm}|${alias})`;
  if (new RegExp(`^(${kmsKeyForm}|${alias}|${arn})$`).test(value)) {
    return true;
  }
  return new RegExp(`^${alias}$`).test(`alias/${value}`)
    ? `write "alias/${value}", or the whole key id`
    : 'write it as "alias/skymanuals-terraform-state"';
});

export const kmsKeyAlias = text(
  "alias/ and 1 to 250 letters, digits and / _ -, not beginning with alias/aws/",
  (value) => {
    if (value.startsWith("alias/aws/")) {
      return "choose another beginning: alias/aws/ belongs to AWS's own keys";
    }
    return (
      new RegExp(`^${alias}$`).test(value) ||
      (new RegExp(`^${alias}$`).test(`alias/${value}`)
        ? `write "alias/${value}"`
        : 'write it as "alias/skymanuals-terraform-state"')
    );
  },
);

/** `allowed` of what may not be empty. */
const cloudName = "1 to 90 letters, digits, hyphens and underscores";
export const cloudWorkspaceName = pattern(
  cloudName,
  /^[A-Za-z0-9_-]{1,90}$/,
  "use a name such as skymanuals-production",
);
export const cloudOrganization = pattern(
  "3 to 40 letters, digits, hyphens and underscores, a letter or digit at both ends",
  /^[A-Za-z0-9][A-Za-z0-9_-]{1,38}[A-Za-z0-9]$/,
  "copy the organization's name from HCP Terraform, such as skymanuals",
);
export const cloudProject = pattern(
  "3 to 40 letters, digits, spaces, hyphens and underscores",
  /^[A-Za-z0-9_-][A-Za-z0-9 _-]{1,38}[A-Za-z0-9_-]$/,
  "copy the project's name from HCP Terraform, or write null",
);
export const cloudTag = pattern(
  "lower-case letters, digits, colons, hyphens and underscores, a letter or digit at both ends, at most 255",
  /^(?=.{1,255}$)[a-z0-9]([a-z0-9:_-]*[a-z0-9])?$/,
  "use a tag such as skymanuals",
);

const addressType = "[a-z][a-z0-9]*(_[a-z0-9]+)+";
const addressLabel = "[A-Za-z_][A-Za-z0-9_-]*";
const addressIndex = '\\[(0|[1-9][0-9]*|"[^"]+")\\]';
const objectForm = new RegExp(`^${addressType}\\.${addressLabel}(${addressIndex})?$`);
const stateForm = new RegExp(
  `^(module\\.${addressLabel}(${addressIndex})?\\.)*${addressType}\\.${addressLabel}(${addressIndex})?$`,
);
const wholeForm = new RegExp(`^(module\\.${addressLabel}\\.)*${addressType}\\.${addressLabel}$`);

/** The type in front of an address's label, behind any module path. */
export function addressResourceType(address: string): string | undefined {
  return new RegExp(`(?:^|\\.)(${addressType})\\.${addressLabel}(?:${addressIndex})?$`).exec(address)?.[1];
}

export function isAddress(address: string): boolean {
  return objectForm.test(address);
}

export const addressAllowed = 'a resource address, <type>.<name>, with [0] or ["key"] behind it for one of several';

export const address = pattern(addressAllowed, objectForm, "write it as aws_lb.main or aws_subnet.private[0]");

/** An address in somebody's state: resources in modules too. */
export const stateAddress = pattern(
  "a resource address of the state, as terraform state list prints it",
  stateForm,
  "copy it from terraform state list",
);

/** Terraform's `removed` blocks name whole resources. */
export const removedAddress = text("a resource address without [...]: Terraform forgets whole resources", (value) => {
  const bare = value.replace(/\[[^\]]*\]/g, "");
  return (
    wholeForm.test(value) ||
    (wholeForm.test(bare) ? `write "${bare}"` : "copy it from terraform state list, without [...]")
  );
});

/** The region of a zone name: `us-east-1a` lies in `us-east-1`. */
export function regionOfZone(name: string): string {
  return name.slice(0, -1);
}
