import type * as v from "valibot";
import {
  databaseReadReplicas,
  elasticsearchFamiliesWithoutEncryption,
  elasticsearchFamiliesWithoutGp3,
  elasticsearchGp3MaximumGiB,
  elasticsearchNodes,
  elasticsearchVolumeGiB,
  redisDataTieringFamilies,
  redisPreviousFamilies,
  tasksPerService,
} from "../../facts/aws-limits";
import { didYouMean } from "../validation/problems";
import { flag, integer, oneOf, pattern, record, ruled, text } from "../validation/rules";

const instanceSize = "(nano|micro|small|medium|large|[1-9][0-9]?xlarge|xlarge)";

const databaseInstanceClass = pattern(
  "an RDS instance class, db.<family>.<size>, such as db.t3.medium",
  new RegExp(`^db\\.[a-z][a-z0-9]*\\.${instanceSize}$`),
  (value) => {
    const rest = /^(?:cache\.)?([a-z][a-z0-9]*\.[a-z0-9]+?)(?:\.(?:elasticsearch|search))?$/.exec(value)?.[1];
    return rest !== undefined && new RegExp(`\\.${instanceSize}$`).test(rest) && !rest.startsWith("db.")
      ? `write "db.${rest}"`
      : "use a class such as db.t3.medium";
  },
);

const redisNodeType = text(
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
function elasticsearchTypeParts(type: string): { family: string; size: string } | undefined {
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

const elasticsearchInstanceType = elasticsearchType(elasticsearchFamiliesWithoutGp3, "gp3 volumes");
const elasticsearchMasterType = elasticsearchType(elasticsearchFamiliesWithoutEncryption, "encryption at rest");

/** Instance classes and counts of one size; the guide's cost tables name them. See `sizes.ts`. */
export type Size = v.InferOutput<typeof size>;

export const size = ruled(
  record({
    /** Default of the variable `api_desired_count`: API tasks that always run. */
    apiDesiredCount: integer(1, tasksPerService),
    /** Upper bound of API autoscaling, at least `apiDesiredCount`. */
    apiMaximumCount: integer(1, tasksPerService, (_, to) => `a whole number from apiDesiredCount to ${to}`),
    /** Default of the variable `database_instance_class`, such as `db.t3.medium`. */
    databaseInstanceClass,
    /** Whether the database has a standby in another zone, which takes over when it fails. */
    databaseMultiAz: flag,
    /** Instances of the database's class that follow it, for reading; DATABASE_READER_URL names them. */
    databaseReadReplicas: integer(0, databaseReadReplicas),
    /** Default of the variable `redis_node_type`, such as `cache.t3.micro`. */
    redisNodeType,
    /** Default of the variable `elasticsearch_instance_type`, with AWS's suffix: `t3.medium.elasticsearch`. */
    elasticsearchInstanceType,
    /** Default of the variable `elasticsearch_instance_count`: a multiple of the zones when there are 2, at least 3 when there are 3. */
    elasticsearchInstanceCount: integer(
      1,
      elasticsearchNodes.maximum,
      (from, to) => `a whole number from ${from} to ${to}, even over 2 zones, at least 3 over 3`,
    ),
    /** Default of the variable `elasticsearch_master_instance_type`. */
    elasticsearchMasterInstanceType: elasticsearchMasterType,
    /** Default of the variable `elasticsearch_volume_size`, in GiB per data node. */
    elasticsearchVolumeSizeGiB: integer(
      elasticsearchVolumeGiB.minimum,
      elasticsearchVolumeGiB.maximum,
      (from, to) => `a whole number of GiB from ${from} to what the instance type allows, at most ${to}`,
    ),
    /** Which edge locations answer: 100 is North America, Europe and Israel; 200 all but South America, Australia and New Zealand; All is all. */
    priceClass: oneOf(["PriceClass_100", "PriceClass_200", "PriceClass_All"]),
  }),
  {
    // Types that the table lacks have no limit of their own.
    reads: ["elasticsearchInstanceType", "elasticsearchVolumeSizeGiB"],
    find: ({ elasticsearchInstanceType: type, elasticsearchVolumeSizeGiB: volume }) => {
      const parts = elasticsearchTypeParts(type);
      const family = parts && elasticsearchGp3MaximumGiB[parts.family];
      const maximum = parts && family?.[parts.size];
      if (parts === undefined || family === undefined || maximum === undefined || volume <= maximum) {
        return undefined;
      }
      const larger = Object.entries(family).find(([, limit]) => limit >= volume)?.[0];
      return {
        path: ["elasticsearchVolumeSizeGiB"],
        value: volume,
        allowed: `${elasticsearchVolumeGiB.minimum} to ${maximum} GiB of gp3 for ${type}`,
        fix: `use ${maximum} or less${larger === undefined ? ", more data nodes, or a larger type" : `, or ${parts.family}.${larger}.elasticsearch`}`,
      };
    },
  },
  {
    reads: ["apiDesiredCount", "apiMaximumCount"],
    find: ({ apiDesiredCount, apiMaximumCount }) =>
      apiMaximumCount >= apiDesiredCount
        ? undefined
        : {
            path: ["apiMaximumCount"],
            value: apiMaximumCount,
            allowed: `at least apiDesiredCount, ${apiDesiredCount}`,
            fix: `use ${apiDesiredCount} or more, or lower apiDesiredCount to ${apiMaximumCount}`,
          },
  },
);
