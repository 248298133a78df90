import type { ESPartitionInstanceType } from "@aws-sdk/client-elasticsearch-service";
import { elasticsearchVersion } from "../../../facts/elasticsearch";
import {
  databaseClassProblem,
  elasticsearchDataFamiliesRefused,
  elasticsearchMasterFamiliesRefused,
  elasticsearchTypeProblem,
  redisNodeTypeProblem,
} from "../../../facts/instance-classes";
import { type Ask, allPages, unlessMissing } from "../aws";
import type { Check } from "../check";
import { nothingFound, type Outcome } from "../finding";

const engine = "postgres";
/** As constructs/rds.ts has it. */
const storageType = "gp3";
/** A class that every region has had for years: it tells which versions there are. */
const ordinaryClass = "db.t3.medium";

function orderable(ask: Ask, by: { readonly DBInstanceClass?: string; readonly EngineVersion?: string }) {
  return allPages(
    ask,
    "rds.DescribeOrderableDBInstanceOptions",
    { Engine: engine, MaxRecords: 100, ...by },
    "Marker",
    ({ OrderableDBInstanceOptions }) =>
      OrderableDBInstanceOptions?.filter((option) => (option.StorageType ?? storageType) === storageType),
  );
}

/** The class can be ordered for the engine's version, in the zones, with a standby where there is one. */
export const database: Check = {
  name: "database",
  asks: ["rds.DescribeOrderableDBInstanceOptions"],
  run: async ({ ask, environment }) => {
    const { size, zones, region, name } = environment;
    const { engineVersion } = environment.database;
    const wantedClass = size.databaseInstanceClass;
    const options = await orderable(ask, { DBInstanceClass: wantedClass });
    if (options.length === 0) {
      return refusedClass(ask, wantedClass, engineVersion, region);
    }
    const ofVersion = options.filter(({ EngineVersion = "" }) => isVersion(EngineVersion, engineVersion));
    if (ofVersion.length === 0) {
      const offered = distinct(options.map(({ EngineVersion = "" }) => EngineVersion))
        .filter((version) => isVersion(version, engineVersion.split(".")[0] ?? ""))
        .sort(byVersion);
      return found({
        what: `PostgreSQL ${engineVersion} on ${wantedClass}`,
        got:
          offered.length > 0 ? `RDS offers ${offered.join(", ")}` : "RDS offers no such major version for this class",
        needed: `version ${engineVersion} in ${region}`,
        fix: `set database.engineVersion of environments/${name}.ts to "15", or to one that is offered`,
      });
    }
    const { databaseMultiAz, databaseReadReplicas } = size;
    const capable = ofVersion.filter(
      (option) =>
        option.SupportsStorageEncryption !== false &&
        (!databaseMultiAz || option.MultiAZCapable !== false) &&
        (databaseReadReplicas === 0 || option.ReadReplicaCapable !== false),
    );
    const inZones = distinct(
      capable.flatMap((option) => option.AvailabilityZones?.map((zone) => zone.Name ?? "") ?? []),
    );
    const usable = zones.filter((zone) => inZones.includes(zone));
    const least = databaseMultiAz ? 2 : 1;
    const described = `${wantedClass} with PostgreSQL ${engineVersion}${databaseMultiAz ? ", Multi-AZ" : ""}`;
    if (usable.length >= least) {
      return nothingFound;
    }
    return found({
      what: described,
      got: capable.length === 0 ? "it cannot be ordered like this" : `RDS offers it in ${inZones.sort().join(", ")}`,
      needed: `at least ${least} of the zones ${zones.join(", ")}, encrypted, on ${storageType}`,
      fix: `choose other zones, or another size.databaseInstanceClass, for environments/${name}.ts`,
    });
  },
};

async function refusedClass(ask: Ask, wanted: string, engineVersion: string, region: string): Promise<Outcome> {
  const versions = (await orderable(ask, { DBInstanceClass: ordinaryClass }))
    .map(({ EngineVersion = "" }) => EngineVersion)
    .filter((version) => isVersion(version, engineVersion.split(".")[0] ?? ""))
    .sort(byVersion);
  const version = versions.includes(engineVersion) ? engineVersion : versions.at(-1);
  const all = version === undefined ? [] : await orderable(ask, { EngineVersion: version });
  const classes = all.map(({ DBInstanceClass = "" }) => DBInstanceClass);
  const offered = alternatives(classes, wanted, 2, (name) => databaseClassProblem(name) === undefined);
  return found({
    what: `database class ${wanted}`,
    got: `RDS offers it with no version of PostgreSQL in ${region}`,
    needed: `a class that RDS offers with PostgreSQL ${engineVersion}`,
    fix: `use one of ${offered || `those that aws rds describe-orderable-db-instance-options --engine ${engine} lists`}`,
  });
}

/** The cache's node type is offered in the region. */
export const cache: Check = {
  name: "cache",
  asks: ["elasticache.DescribeReservedCacheNodesOfferings"],
  run: async ({ ask, environment: { size, region, name } }) => {
    const wanted = size.redisNodeType;
    // ElastiCache has no operation that lists node types. What can be bought on demand can be reserved (ElastiCache User Guide,
    // "Reserved nodes"), so that a type without an offering is not offered at all.
    const offerings = (type?: string) =>
      allPages(
        ask,
        "elasticache.DescribeReservedCacheNodesOfferings",
        { MaxRecords: 100, ...(type === undefined ? {} : { CacheNodeType: type }) },
        "Marker",
        ({ ReservedCacheNodesOfferings }) => ReservedCacheNodesOfferings,
      );
    const isRedis = ({ ProductDescription = "" }) => /redis|valkey/i.test(ProductDescription);
    if ((await offerings(wanted)).some(isRedis)) {
      return nothingFound;
    }
    const others = (await offerings()).filter(isRedis).map(({ CacheNodeType = "" }) => CacheNodeType);
    const offered = alternatives(others, wanted, 2, (type) => redisNodeTypeProblem(type) === undefined);
    return found({
      what: `cache node type ${wanted}`,
      got: `ElastiCache has no offering of it for Redis in ${region}`,
      needed: "a node type that is offered",
      fix: `set size.redisNodeType of environments/${name}.ts to one of ${offered || "those of the ElastiCache price list"}`,
    });
  },
};

/** The log store's data and master types are offered for Elasticsearch 7.10. */
export const logStore: Check = {
  name: "log store",
  asks: ["es.DescribeElasticsearchInstanceTypeLimits", "es.ListElasticsearchInstanceTypes"],
  run: async ({ ask, environment: { size, elasticsearch, region, name } }) => {
    const masters = {
      field: "elasticsearchMasterInstanceType",
      type: size.elasticsearchMasterInstanceType,
      families: elasticsearchMasterFamiliesRefused,
    };
    const wanted = [
      {
        field: "elasticsearchInstanceType",
        type: size.elasticsearchInstanceType,
        families: elasticsearchDataFamiliesRefused,
      },
      ...(elasticsearch.dedicatedMasterCount > 0 ? [masters] : []),
    ];
    const isOffered = await Promise.all(wanted.map(({ type }) => hasElasticsearchType(ask, type)));
    const refused = wanted.filter((_, index) => !isOffered[index]);
    if (refused.length === 0) {
      return nothingFound;
    }
    const all = await allPages(
      ask,
      "es.ListElasticsearchInstanceTypes",
      { ElasticsearchVersion: elasticsearchVersion, MaxResults: 100 },
      "NextToken",
      ({ ElasticsearchInstanceTypes }): readonly string[] | undefined => ElasticsearchInstanceTypes,
    );
    return {
      findings: refused.map(({ field, type, families }) => ({
        severity: "error",
        what: `log store type ${type}`,
        got: `the service does not offer it for Elasticsearch ${elasticsearchVersion} in ${region}`,
        needed: "a type that is offered",
        fix: `set size.${field} of environments/${name}.ts to one of ${alternatives(all, type, 1, (other) => elasticsearchTypeProblem(other, families) === undefined)}`,
      })),
    };
  },
};

/** The service knows limits of the types that it offers; its list of types, in the API's model, lacks some of them (T3). */
async function hasElasticsearchType(ask: Ask, type: string): Promise<boolean> {
  const limits = ask("es.DescribeElasticsearchInstanceTypeLimits", {
    InstanceType: type as ESPartitionInstanceType,
    ElasticsearchVersion: elasticsearchVersion,
  });
  const refusals = ["InvalidTypeException", "ValidationException", "ResourceNotFoundException"];
  return (await unlessMissing(limits, ...refusals)) !== undefined;
}

/**
 * Up to twenty types that an environment may have, of the size that was wanted where there are any. `sizeAt`: which part of the
 * name is the size, counted from 0.
 */
function alternatives(
  offered: readonly string[],
  wanted: string,
  sizeAt: number,
  isAllowed: (type: string) => boolean,
): string {
  const allowed = distinct(offered).filter(isAllowed).sort();
  const near = allowed.filter((type) => type.split(".")[sizeAt] === wanted.split(".")[sizeAt]);
  return (near.length > 0 ? near : allowed).slice(0, 20).join(", ");
}

function found(finding: { what: string; got: string; needed: string; fix: string }): Outcome {
  return { findings: [{ severity: "error", ...finding }] };
}

/** Whether `version` is `wanted`, or a minor version of it. */
function isVersion(version: string, wanted: string): boolean {
  return version === wanted || version.startsWith(`${wanted}.`);
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** 15.9 comes before 15.10. */
function byVersion(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
