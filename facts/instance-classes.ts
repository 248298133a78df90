import {
  elasticsearchFamiliesWithoutEncryption,
  elasticsearchFamiliesWithoutGp3,
  elasticsearchGp3MaximumGiB,
  redisDataTieringFamilies,
  redisPreviousFamilies,
} from "./aws-limits";

/**
 * Classes and types of instances, by family and size. Three services sell the same families in different sizes, and each
 * refuses a size that it does not have only when the resource is made.
 */

/** What a database class has, which its limit of connections is computed from. */
export interface DatabaseClass {
  readonly vcpus: number;
  /** GiB. */
  readonly memoryGiB: number;
}

interface Family {
  readonly sizes: readonly string[];
}

interface DatabaseFamily extends Family {
  readonly gibPerVcpu: number;
}

const graviton = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];
const to24 = [...graviton, "24xlarge"];
const to32 = [...to24, "32xlarge"];
const to48 = [...to24, "48xlarge"];
const burstable = ["micro", "small", "medium", "large", "xlarge", "2xlarge"];

/** GiB of the burstable classes, which have two virtual CPUs up to `large`. */
const burstableMemoryGiB: Readonly<Record<string, number>> = { micro: 1, small: 2, medium: 4 };

/**
 * DB instance classes that RDS for PostgreSQL 15 runs on. The families with `d` in their names have local storage for
 * temporary files.
 * Sources: Amazon RDS User Guide, "Supported DB engines for DB instance classes" and "Hardware specifications for DB instance
 * classes"; sizes as in the orderable options of 15.10 to 15.17 that cfn-lint 1.51.0 collects from AWS.
 */
const databaseFamilies: Readonly<Record<string, DatabaseFamily>> = {
  t3: { sizes: burstable, gibPerVcpu: 4 },
  t4g: { sizes: burstable, gibPerVcpu: 4 },
  ...families("m5 m5d", to24, 4),
  ...families("m6g m6gd m7g", graviton, 4),
  ...families("m6i m6id m6idn m6in", to32, 4),
  ...families("m7i m8g m8gd", to48, 4),
  ...families("r5 r5b r5d", to24, 8),
  ...families("r6g r6gd r7g", graviton, 8),
  ...families("r6i r6id r6idn r6in", to32, 8),
  ...families("r7i r8g r8gd", to48, 8),
  ...families("x2g", graviton, 16),
  ...families("x2iedn", ["xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "24xlarge", "32xlarge"], 32),
};

function families(names: string, sizes: readonly string[], gibPerVcpu: number): Record<string, DatabaseFamily> {
  return Object.fromEntries(names.split(" ").map((name) => [name, { sizes, gibPerVcpu }]));
}

/** Families of RDS that run older versions of PostgreSQL only. Source: as above. */
const databaseFamiliesBeforePostgres15 = ["t1", "t2", "m1", "m2", "m3", "m4", "r3", "r4"];

/** Families of RDS for Multi-AZ DB clusters only, which are another resource. Source: as above. */
const databaseFamiliesOfClusters = ["c6gd"];

/**
 * Node types of ElastiCache for Redis that new clusters can have.
 * Source: ElastiCache User Guide, "Supported node types"; sizes as in the price list that cfn-lint 1.51.0 collects from AWS.
 */
const redisFamilies: Readonly<Record<string, Family>> = {
  t2: { sizes: ["micro", "small", "medium"] },
  t3: { sizes: ["micro", "small", "medium"] },
  t4g: { sizes: ["micro", "small", "medium"] },
  m4: { sizes: ["large", "xlarge", "2xlarge", "4xlarge", "10xlarge"] },
  m5: { sizes: ["large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"] },
  m6g: { sizes: graviton },
  m7g: { sizes: graviton },
  r4: { sizes: ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"] },
  r5: { sizes: ["large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"] },
  r6g: { sizes: graviton },
  r7g: { sizes: graviton },
  c7gn: { sizes: graviton },
};

/** Families of Elasticsearch with instance storage only, beside those of the quotas' table. Source: as for OpenSearch, below. */
const elasticsearchFamiliesOfInstanceStorage = ["d2", "i4g", "i4i", "i7i", "i8g", "im4gn", "r7gd"];

/** Families that take OpenSearch only. Source: Amazon OpenSearch Service Developer Guide, "Supported instance types". */
const elasticsearchFamiliesOfOpenSearch = ["or1", "or2", "om2", "oi2"];

/** Families of warm nodes. Source: the same guide, "UltraWarm storage". */
const elasticsearchWarmFamilies = ["ultrawarm1"];

/** Families that data nodes cannot have, with what each lacks. */
export const elasticsearchDataFamiliesRefused: Readonly<Record<string, string>> = {
  ...lacking([...elasticsearchFamiliesWithoutGp3, ...elasticsearchFamiliesOfInstanceStorage], "gp3 volumes"),
  ...lacking(elasticsearchFamiliesOfOpenSearch, "Elasticsearch, only OpenSearch"),
};

/** Families that dedicated masters cannot have, with what each lacks. */
export const elasticsearchMasterFamiliesRefused: Readonly<Record<string, string>> = {
  ...lacking(elasticsearchFamiliesWithoutEncryption, "encryption at rest"),
  ...lacking(elasticsearchFamiliesOfOpenSearch, "Elasticsearch, only OpenSearch"),
  ...lacking(elasticsearchWarmFamilies, "masters, only warm nodes"),
};

function lacking(names: readonly string[], what: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, what]));
}

/** The gp3 limits by whole type: `t3.small.elasticsearch` and its GiB. */
export const elasticsearchGp3MaximumGiBByType: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(elasticsearchGp3MaximumGiB).flatMap(([family, sizes]) =>
    Object.entries(sizes).map(([size, limit]) => [`${family}.${size}.elasticsearch`, limit]),
  ),
);

/** Sizes as AWS writes them, whatever the family: a regular expression for JavaScript and RE2. */
export const anySize = "(?:nano|micro|small|medium|large|xlarge|[1-9][0-9]?xlarge)";

/** Regular expressions, for JavaScript and for Terraform (RE2), that match the types below and no other text. */
export const databaseClassPattern = typesPattern("db[.]", databaseFamilies);
export const redisNodeTypePattern = typesPattern("cache[.]", redisFamilies);

/** Any family: AWS may have added one, and no table of ours decides about it. */
export const elasticsearchTypeForm = `^[a-z][a-z0-9]*[.]${anySize}[.]elasticsearch$`;

/** Families and their sizes in words, for messages: `t3, t4g in micro, small; ...`. */
export const databaseClassesInWords = inWords(databaseFamilies);
export const redisNodeTypesInWords = inWords(redisFamilies);

/** The first class of the same family, from its smallest on, whose memory in GiB is enough; undefined where none is. */
export function databaseClassWith(name: string, isEnough: (memoryGiB: number) => boolean): string | undefined {
  const [, family = ""] = name.split(".");
  return databaseFamilies[family]?.sizes
    .map((size) => `db.${family}.${size}`)
    .find((candidate) => isEnough(databaseClass(candidate)?.memoryGiB ?? 0));
}

/** As `databaseClassPattern`, of the classes with at least so much memory in GiB. */
export function databaseClassPatternFrom(memoryGiB: number): string {
  const large = Object.entries(databaseFamilies).map(([family, { sizes, ...rest }]) => [
    family,
    { ...rest, sizes: sizes.filter((size) => (databaseClass(`db.${family}.${size}`)?.memoryGiB ?? 0) >= memoryGiB) },
  ]);
  return typesPattern("db[.]", Object.fromEntries(large));
}

/** The class's virtual CPUs and memory; undefined where PostgreSQL 15 does not run on it, or there is none. */
export function databaseClass(name: string): DatabaseClass | undefined {
  if (!new RegExp(databaseClassPattern).test(name)) {
    return undefined;
  }
  const [, family = "", size = ""] = name.split(".");
  const vcpus = vcpusOf(size);
  const memoryGiB = burstableMemoryGiB[size] ?? vcpus * (databaseFamilies[family] as DatabaseFamily).gibPerVcpu;
  return { vcpus, memoryGiB };
}

/** Virtual CPUs of a size, alike in all families of the table: two up to `large`, four in `xlarge`, `<n>` times four in `<n>xlarge`. */
function vcpusOf(size: string): number {
  const times = /^(\d*)xlarge$/.exec(size);
  return times ? 4 * Number(times[1] || 1) : 2;
}

/**
 * What a class has is computed from, where a Terraform variable names it: a burstable class has the memory of its size, and any
 * other as much for each virtual CPU of its size as its family gives.
 */
export const databaseClassParts = {
  vcpusBySize: Object.fromEntries(
    [...new Set(Object.values(databaseFamilies).flatMap(({ sizes }) => sizes))].map((size) => [size, vcpusOf(size)]),
  ),
  gibPerVcpuByFamily: Object.fromEntries(
    Object.entries(databaseFamilies).map(([family, { gibPerVcpu }]) => [family, gibPerVcpu]),
  ),
  burstableMemoryGiB,
};

/** Every class of the table, `db.<family>.<size>`. */
export const databaseClasses: readonly string[] = Object.entries(databaseFamilies).flatMap(([family, { sizes }]) =>
  sizes.map((size) => `db.${family}.${size}`),
);

/** Every node type of the table, `cache.<family>.<size>`. */
export const redisNodeTypes: readonly string[] = Object.entries(redisFamilies).flatMap(([family, { sizes }]) =>
  sizes.map((size) => `cache.${family}.${size}`),
);

/**
 * Sizes of cache nodes with two virtual CPUs, and the types that have one although their size has two elsewhere. Larger ones have
 * four or more. Source: Amazon ElastiCache User Guide, "Supported node types", with EC2's types of the same names.
 */
export const redisCores = { two: ["micro", "small", "medium", "large"], one: ["cache.t2.micro", "cache.t2.small"] };

/** What to use instead of a database class that cannot be; undefined where it can. The form `db.<family>.<size>` is assumed. */
export function databaseClassProblem(name: string): string | undefined {
  const [, family = ""] = name.split(".");
  if (databaseFamiliesBeforePostgres15.includes(family)) {
    return `use db.t3, db.m5 or db.r5: db.${family} runs no PostgreSQL 15`;
  }
  if (databaseFamiliesOfClusters.includes(family)) {
    return `use db.m6gd or db.r6gd: db.${family} is for Multi-AZ DB clusters only`;
  }
  return typeProblem("db", name, databaseFamilies);
}

/** What to use instead of a node type that is not there; undefined where it is. The form `cache.<family>.<size>` is assumed. */
export function redisNodeTypeProblem(name: string): string | undefined {
  const [, family = ""] = name.split(".");
  if (redisPreviousFamilies.includes(family)) {
    return "use cache.t3, cache.m5 or cache.r5: the family takes no new clusters, and has neither encryption nor failover throughout";
  }
  if (redisDataTieringFamilies.includes(family)) {
    return "use cache.r6g: the family needs data tiering";
  }
  return typeProblem("cache", name, redisFamilies);
}

function typeProblem(prefix: string, name: string, table: Readonly<Record<string, Family>>): string | undefined {
  const [, family = "", size = ""] = name.split(".");
  const sizes = table[family]?.sizes;
  if (!sizes) {
    return `use one of the families ${Object.keys(table).join(", ")}`;
  }
  return sizes.includes(size) ? undefined : `use ${prefix}.${family} in ${sizes.join(", ")}`;
}

/**
 * What to use instead of an Elasticsearch type that cannot be; undefined where it can. A family that no table names is let
 * through: AWS may have added it. The form is assumed.
 */
export function elasticsearchTypeProblem(type: string, refused: Readonly<Record<string, string>>): string | undefined {
  const [family = "", size = ""] = type.split(".");
  if (refused[family]) {
    return `use t3, m5, c5, r5, m6g, c6g or r6g: ${family} has no ${refused[family]}`;
  }
  const sizes = elasticsearchGp3MaximumGiB[family];
  return sizes === undefined || size in sizes ? undefined : `use ${family} in ${Object.keys(sizes).join(", ")}`;
}

function typesPattern(prefix: string, table: Readonly<Record<string, Family>>): string {
  const alternatives = bySizes(table).map(({ names, sizes }) => `(?:${names.join("|")})[.](?:${sizes.join("|")})`);
  return `^${prefix}(?:${alternatives.join("|")})$`;
}

function inWords(table: Readonly<Record<string, Family>>): string {
  return bySizes(table)
    .map(({ names, sizes }) => `${names.join(", ")} in ${sizes.join(", ")}`)
    .join("; ");
}

/** Families with the same sizes, together. */
function bySizes(table: Readonly<Record<string, Family>>): { names: string[]; sizes: readonly string[] }[] {
  const groups = new Map<string, { names: string[]; sizes: readonly string[] }>();
  for (const [name, { sizes }] of Object.entries(table).filter(([, family]) => family.sizes.length > 0)) {
    const group = groups.get(sizes.join()) ?? { names: [], sizes };
    groups.set(sizes.join(), { ...group, names: [...group.names, name] });
  }
  return [...groups.values()];
}
