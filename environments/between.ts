import { regions as knownRegions } from "../facts/regions";
import { elsewhere, singletonScopes } from "../facts/singletons";
import type { Account, Environment } from "./environment";
import { cidrBlocksOverlap, parseCidrBlock } from "./subnets";
import { nearest } from "./validation/nearest";
import type { Problem } from "./validation/problems";

/**
 * Rules between environments and accounts. Any of them may be malformed, which the schemas report:
 * a rule here passes over what it cannot read.
 */
export function problemsBetween(
  environments: readonly Environment[],
  accounts: readonly Account[],
  sources: readonly string[],
): Problem[] {
  // A literal in the file of its name comes first, so that what is found twice is a copy's problem.
  const isInPlace = (index: number) => sources[index] === sourceOf(environments[index], index);
  const order = [...environments.keys()];
  const deployments = [...order.filter(isInPlace), ...order.filter((index) => !isInPlace(index))].map(
    (index) => new Entry(sources[index] as string, "", environments[index]),
  );
  const entries = accounts.map((account, index) => new Entry(accountsSource, `accounts[${index}]`, account));
  const everything = [...deployments, ...entries];
  return [
    ...distinct(
      deployments,
      "name",
      (entry) => entry.text("name"),
      "a name that no other environment has",
      "rename one",
    ),
    ...distinct(entries, "name", (entry) => entry.text("name"), "a name that no other account has", "rename one"),
    ...distinct(
      entries,
      "accountId",
      placeOf,
      "one entry for each account and region",
      "remove one, or correct accountId or region",
    ),
    ...distinct(
      deployments,
      "names.prefix",
      (entry) => join(entry.text("accountId"), entry.text("names.prefix")),
      "a prefix that no other environment of the account has: the budget's and other names hold in every region",
      "give one of them a prefix of its own, such as skymanuals-<name>",
    ),
    ...logGroups(deployments),
    ...buckets(deployments, entries),
    ...distinct(
      deployments,
      "domain.zoneName",
      (entry) => entry.text("domain.zoneName"),
      "a zone that no other environment has: both would write origin.<zoneName>",
      "give one of them a zone of its own, such as <name>.<zoneName>",
    ),
    ...distinct(
      deployments,
      "domain.apiName",
      (entry) => entry.text("domain.apiName"),
      "a name that no other environment has: CloudFront serves a name from one distribution",
      "give one of them a name of its own",
    ),
    ...distinct(
      everything,
      "backend.key",
      (entry) => join(entry.s3("bucket"), entry.s3("key")),
      "a state of its own: bucket and key differ from every other's",
      "use a key such as skymanuals-<name>/terraform.tfstate",
    ),
    ...distinct(
      everything,
      "backend.workspace.name",
      (entry) => join(entry.text("backend.organization"), entry.text("backend.workspace.name")),
      "a workspace of its own in the organization",
      "use a workspace such as skymanuals-<name>",
    ),
    ...sharedWorkspaceTags(everything),
    ...everything.flatMap((entry) => stateBucketOf(entry, entries)),
    ...everything.flatMap((entry) => stateKeyOf(entry, entries)),
    ...deployments.flatMap((entry) => accountOf(entry, entries)),
    ...recoveryPairs(deployments),
    ...singletons(entries),
    ...distinct(
      onePerPlace(entries),
      "costs.email",
      (entry) => (entry.text("costs.email") === undefined ? undefined : entry.text("accountId")),
      "costs in one entry of an account, null in those of its other regions: AWS counts them for all regions",
      "write costs: null",
    ),
  ];
}

export const accountsSource = "environments/accounts.ts";

/** The file that an environment's literal stands in. */
export function sourceOf(environment: unknown, index: number): string {
  const name = new Entry("", "", environment).text("name");
  return name === undefined || name === "" ? `environments[${index}]` : `environments/${name}.ts`;
}

/** One literal, read by path. */
class Entry {
  constructor(
    readonly source: string,
    private readonly root: string,
    private readonly whole: unknown,
  ) {}

  /** The string at a path, if there is one. */
  text(path: string): string | undefined {
    const found = this.value(path);
    return typeof found === "string" ? found : undefined;
  }

  /** The strings of the list at a path, if there is one. */
  list(path: string): string[] | undefined {
    const found = this.value(path);
    return Array.isArray(found) ? found.filter((element) => typeof element === "string") : undefined;
  }

  /** Whatever stands at a path. */
  value(path: string): unknown {
    return path
      .split(".")
      .reduce<unknown>(
        (value, key) =>
          typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined,
        this.whole,
      );
  }

  /** A field of the backend, if it is of type s3. */
  s3(field: string): string | undefined {
    return this.text("backend.type") === "s3" ? this.text(`backend.${field}`) : undefined;
  }

  at(path: string): string {
    return this.root === "" ? path : `${this.root}.${path}`;
  }

  problem(path: string, allowed: string, fix: string): Problem {
    return { source: this.source, path: this.at(path), value: this.value(path), allowed, fix };
  }
}

function join(...parts: (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join("\n");
}

/** A problem for every entry whose key an earlier one has. */
function distinct(
  entries: readonly Entry[],
  path: string,
  key: (entry: Entry) => string | undefined,
  allowed: string,
  fix: string,
): Problem[] {
  const first = new Map<string, Entry>();
  return entries.flatMap((entry) => {
    const value = key(entry);
    const other = value === undefined ? undefined : first.get(value);
    if (value === undefined || other === undefined) {
      if (value !== undefined) {
        first.set(value, entry);
      }
      return [];
    }
    return [entry.problem(path, allowed, `${fix} (${other.source}, ${other.at(path)} has the same)`)];
  });
}

/** `/ecs/<prefix>` of one environment is `/ecs/<prefix>-api` of another where their prefixes differ by that ending. */
function logGroups(deployments: readonly Entry[]): Problem[] {
  return deployments.flatMap((entry) => {
    const prefix = entry.text("names.prefix");
    const other = deployments.find(
      (candidate) =>
        candidate.text("accountId") === entry.text("accountId") &&
        ["-api", "-logstash", "-migrations"].some((ending) => `${candidate.text("names.prefix")}${ending}` === prefix),
    );
    return prefix === undefined || other === undefined
      ? []
      : [
          entry.problem(
            "names.prefix",
            `a prefix whose log group /ecs/${prefix} is no other environment's`,
            `choose another ending than -api, -logstash and -migrations (${other.source} has ${other.text("names.prefix")})`,
          ),
        ];
  });
}

/** Bucket names hold in all of AWS. */
function buckets(deployments: readonly Entry[], accounts: readonly Entry[]): Problem[] {
  const first = new Map<string, string>();
  const named = [
    ...accounts.map((entry) => ({ entry, path: "stateBucket.bucket" })),
    ...accounts.map((entry) => ({ entry, path: "governance.trail.bucket" })),
    ...accounts.map((entry) => ({ entry, path: "governance.config.bucket" })),
    ...deployments.map((entry) => ({ entry, path: "names.chunksBucket" })),
    ...deployments.map((entry) => ({ entry, path: "names.logsBucket" })),
    ...deployments.map((entry) => ({ entry, path: "audit.bucket" })),
    ...deployments.map((entry) => ({ entry, path: "archive.bucket" })),
    ...deployments.map((entry) => ({ entry, path: "elasticsearch.snapshotsBucket" })),
  ];
  return named.flatMap(({ entry, path }) => {
    const bucket = entry.text(path);
    const other = bucket === undefined ? undefined : first.get(bucket);
    if (bucket === undefined || other === undefined) {
      if (bucket !== undefined) {
        first.set(bucket, `${entry.source}, ${entry.at(path)}`);
      }
      return [];
    }
    return [
      entry.problem(
        path,
        "a bucket name that nothing else has: bucket names hold in all of AWS",
        `put the environment or account into the name (${other} has the same)`,
      ),
    ];
  });
}

/** Of two stacks, one is offered the other's workspaces where all its tags are among the other's. */
function sharedWorkspaceTags(everything: readonly Entry[]): Problem[] {
  const tagged = everything.flatMap((entry, index) => {
    const tags = entry.list("backend.workspace.tags");
    const organization = entry.text("backend.organization");
    return tags === undefined || tags.length === 0 || organization === undefined
      ? []
      : [{ entry, index, tags, organization }];
  });
  return tagged.flatMap(({ entry, index, tags, organization }) => {
    const other = tagged.find(
      (candidate) =>
        candidate.index !== index &&
        candidate.organization === organization &&
        tags.every((tag) => candidate.tags.includes(tag)) &&
        (candidate.index < index || candidate.tags.some((tag) => !tags.includes(tag))),
    );
    return other === undefined
      ? []
      : [
          entry.problem(
            "backend.workspace.tags",
            "tags by which no other stack's workspaces are found: a workspace is offered to every stack whose tags it all has",
            `add a tag that only this one has, such as ${entry.text("name")}, or name one workspace (${other.entry.source}, ${other.entry.at("backend.workspace.tags")} has ${other.tags.join(", ")})`,
          ),
        ];
  });
}

/** Account and region. */
function placeOf(entry: Entry): string | undefined {
  return join(entry.text("accountId"), entry.text("region"));
}

/** Reported by itself; nothing is to be added for it. */
function isMalformed(accountId: string | undefined): boolean {
  return !/^\d{12}$/.test(accountId ?? "");
}

/**
 * The key of an s3 backend lies where the bucket does, and its alias is the one that the account entry names.
 * Source: Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys" (the key is in the bucket's region).
 */
function stateKeyOf(entry: Entry, accounts: readonly Entry[]): Problem[] {
  const key = entry.s3("kmsKeyId");
  const region = entry.s3("region");
  if (key === undefined || region === undefined) {
    return [];
  }
  const [, keyRegion, aliasOfArn] = /^arn:[^:]*:kms:([^:]*):\d*:(?:(alias\/.*)|.*)$/.exec(key) ?? [];
  if (keyRegion !== undefined && keyRegion !== region) {
    return [entry.problem("backend.kmsKeyId", `a key in ${region}, the bucket's region`, `use the key in ${region}`)];
  }
  const alias = key.startsWith("alias/") ? key : aliasOfArn;
  const known = accounts
    .filter((account) => account.text("accountId") === entry.text("accountId"))
    .filter((account) => account.text("stateBucket.bucket") === entry.s3("bucket"))
    .flatMap((account) => account.text("stateBucket.kmsKeyAlias") ?? []);
  const [right] = known;
  return alias === undefined || right === undefined || known.includes(alias)
    ? []
    : [
        entry.problem(
          "backend.kmsKeyId",
          `the key of the state bucket, ${right} in ${accountsSource}`,
          `use "${key.replace(alias, right)}"`,
        ),
      ];
}

/** What AWS has once per account and region must have been applied where the environment lies. */
function accountOf(entry: Entry, accounts: readonly Entry[]): Problem[] {
  const accountId = entry.text("accountId");
  const region = entry.text("region");
  if (isMalformed(accountId) || region === undefined || !knownRegions.some((known) => known === region)) {
    return [];
  }
  const regions = accounts.flatMap((account) =>
    account.text("accountId") === accountId ? (account.text("region") ?? []) : [],
  );
  const saidOfItsState = regions.length === 0 && entry.s3("bucket") !== undefined;
  if (regions.includes(region) || saidOfItsState) {
    return [];
  }
  return [
    regions.length === 0
      ? entry.problem("accountId", `an account of ${accountsSource}`, `add account ${accountId} to ${accountsSource}`)
      : entry.problem(
          "region",
          `a region that ${accountsSource} has for account ${accountId}: ${regions.join(", ")}`,
          `add an entry for ${accountId} in ${region} to ${accountsSource}`,
        ),
  ];
}

/** What an environment and the one that stands in for it must agree on, and what may not be the same. */
function recoveryPairs(deployments: readonly Entry[]): Problem[] {
  return deployments.flatMap((entry) => {
    const name = entry.text("name");
    const type = entry.text("recovery.type");
    const field = type === "primary" ? "standby" : "primary";
    const other = entry.text(`recovery.${field}`);
    if (name === undefined || other === undefined) {
      return [];
    }
    const found = deployments.find((candidate) => candidate.text("name") === other);
    if (found?.text(`recovery.${type}`) !== name || found.text("recovery.type") === type) {
      return [lacksPartner(entry, field, found)];
    }
    return type === "primary" ? pairProblems(entry, found) : [];
  });
}

function lacksPartner(entry: Entry, field: "standby" | "primary", found?: Entry): Problem {
  const name = entry.text("name");
  const own = field === "standby" ? "primary" : "standby";
  return entry.problem(
    `recovery.${field}`,
    `an environment whose recovery is of type "${field}" and names ${name} as its ${own}`,
    found === undefined
      ? "name an environment that environments/index.ts lists, or set recovery: null"
      : `set recovery of ${found.source} to type "${field}" with ${own}: "${name}"`,
  );
}

function pairProblems(primary: Entry, standby: Entry): Problem[] {
  /** What one says of the other is so. */
  const says = (one: Entry, path: string, other: Entry, own: string) => {
    const [said, right] = [one.text(path), other.text(own)];
    return said === undefined || right === undefined || said === right
      ? []
      : [one.problem(path, `${own} of ${other.source}, ${right}`, `use "${right}"`)];
  };
  const alike = (path: string, why: string) => {
    const [value, copy] = [primary.value(path), standby.value(path)];
    return value === undefined || copy === undefined || copy === value
      ? []
      : [standby.problem(path, `that of ${primary.source}, ${value}: ${why}`, `use ${JSON.stringify(value)}`)];
  };
  return [
    ...says(primary, "recovery.region", standby, "region"),
    ...says(primary, "recovery.prefix", standby, "names.prefix"),
    ...says(primary, "recovery.chunksBucket", standby, "names.chunksBucket"),
    ...says(primary, "recovery.auditBucket", standby, "audit.bucket"),
    ...says(standby, "recovery.prefix", primary, "names.prefix"),
    ...alike("accountId", "the roles that copy, and the backups, are of one account"),
    ...alike("audit.lockMode", "a record's copy is locked as the record is"),
    ...alike("audit.retentionDays", "a record's copy is locked as long as the record is"),
    ...alike("database.username", "the restored database has the primary's users"),
    ...alike("database.applicationUsername", "the restored database has the primary's users"),
    ...vaultProblems(primary, standby),
    ...networksApart(primary, standby),
  ];
}

/** The vault of what stands in fails a copy of the monthly backup that its lock does not admit. */
function vaultProblems(primary: Entry, standby: Entry): Problem[] {
  const days = Number(primary.value("backup.monthlyRetentionDays"));
  return (["minimumRetentionDays", "maximumRetentionDays"] as const).flatMap((field) => {
    const path = `backup.vaultLock.${field}`;
    const bound = standby.value(path);
    const isLowest = field === "minimumRetentionDays";
    return typeof bound === "number" && (isLowest ? days < bound : days > bound)
      ? [
          standby.problem(
            path,
            `at ${isLowest ? "most" : "least"} backup.monthlyRetentionDays of ${primary.source}, ${days}: the vault would fail every copy`,
            `use ${days}`,
          ),
        ]
      : [];
  });
}

/** Networks of which one lies in the other cannot be connected, and on the day that both run, they may have to be. */
function networksApart(primary: Entry, standby: Entry): Problem[] {
  const path = "network.vpcCidrBlock";
  const [own, other] = [primary.text(path), standby.text(path)];
  const [ours, theirs] = [own, other].map((text) => (text === undefined ? undefined : parseCidrBlock(text)));
  return ours === undefined || theirs === undefined || !cidrBlocksOverlap(ours, theirs)
    ? []
    : [
        standby.problem(
          path,
          `a block that shares no address with ${own} of ${primary.source}: a peering of both, to bring data back, refuses any`,
          own?.startsWith("10.64.") ? 'use "10.128.0.0/16"' : 'use "10.64.0.0/16"',
        ),
      ];
}

/** Without the second entry of an account and region, which is a problem of its own. */
function onePerPlace(accounts: readonly Entry[]): readonly Entry[] {
  return accounts.filter((entry, index) => accounts.findIndex((other) => placeOf(other) === placeOf(entry)) === index);
}

/** What an account has in all regions is in the state of one of its entries, which could otherwise destroy each other's. */
function singletons(accounts: readonly Entry[]): Problem[] {
  const places = onePerPlace(accounts);
  const ids = [...new Set(places.flatMap((entry) => entry.text("accountId") ?? []))];
  const wide = Object.entries(singletonScopes).flatMap(([name, scope]) => (scope === "account" ? [name] : []));
  return ids.flatMap((id) =>
    wide.flatMap((name) => {
      const path = `singletons.${name}`;
      const stated = places.filter((entry) => entry.text("accountId") === id && entry.text(path) !== undefined);
      const [owner, ...others] = stated.filter((entry) => entry.text(path) !== elsewhere);
      const allowed = `"create" or "adopt" in one entry of account ${id}, "elsewhere" in those of its other regions: it has one of it`;
      if (owner === undefined) {
        return stated
          .slice(0, 1)
          .map((entry) => entry.problem(path, allowed, 'set it to "create", or to "adopt" where the account has it'));
      }
      return others.map((entry) =>
        entry.problem(path, allowed, `set it to "elsewhere" (${owner.source}, ${owner.at(path)} has it)`),
      );
    }),
  );
}

/** An s3 backend's bucket is the state bucket of an account entry with the same account id and region. */
function stateBucketOf(entry: Entry, accounts: readonly Entry[]): Problem[] {
  const bucket = entry.s3("bucket");
  const accountId = entry.text("accountId");
  if (bucket === undefined || accountId === undefined || isMalformed(accountId)) {
    return [];
  }
  const own = accounts.filter((account) => account.text("accountId") === accountId);
  const match = own.find((account) => account.text("stateBucket.bucket") === bucket);
  if (match === undefined) {
    const known = own.flatMap((account) => account.text("stateBucket.bucket") ?? []);
    const suggestion = nearest(bucket, known) ?? known[0];
    return [
      entry.problem(
        "backend.bucket",
        known.length === 0
          ? `the state bucket of account ${accountId}, which ${accountsSource} lacks`
          : `the state bucket of account ${accountId}: ${known.join(", ")}`,
        suggestion === undefined
          ? `add account ${accountId} with stateBucket.bucket "${bucket}" to ${accountsSource}`
          : `use "${suggestion}"`,
      ),
    ];
  }
  const region = match.text("region");
  return region === undefined || entry.s3("region") === undefined || entry.s3("region") === region
    ? []
    : [entry.problem("backend.region", `the bucket's region: ${region}`, `use "${region}"`)];
}
