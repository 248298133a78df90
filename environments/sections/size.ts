import type * as v from "valibot";
import {
  databaseReadReplicas,
  elasticsearchGp3MaximumGiB,
  elasticsearchNodes,
  elasticsearchVolumeGiB,
  redisDataTieringFamilies,
  redisPreviousFamilies,
  tasksPerService,
} from "../../facts/aws-limits";
import {
  anySize,
  databaseClassProblem,
  elasticsearchDataFamiliesRefused,
  elasticsearchGp3MaximumGiBByType,
  elasticsearchMasterFamiliesRefused,
  elasticsearchTypeForm,
  elasticsearchTypeProblem,
  redisNodeTypeProblem,
} from "../../facts/instance-classes";
import { didYouMean } from "../validation/problems";
import { flag, integer, oneOf, record, ruled, text } from "../validation/rules";
import { amountUsd } from "./budget";

const databaseInstanceClass = text("an RDS instance class, db.<family>.<size>, such as db.t3.medium", (value) => {
  if (new RegExp(`^db[.][a-z][a-z0-9]*[.]${anySize}$`).test(value)) {
    return databaseClassProblem(value) ?? true;
  }
  const rest = /^(?:cache\.)?([a-z][a-z0-9]*\.[a-z0-9]+?)(?:\.(?:elasticsearch|search))?$/.exec(value)?.[1];
  return rest !== undefined && new RegExp(`[.]${anySize}$`).test(rest) && !rest.startsWith("db.")
    ? `write "db.${rest}"`
    : "use a class such as db.t3.medium";
});

const redisNodeType = text(
  `an ElastiCache node type, cache.<family>.<size>, of a family other than ${[...redisPreviousFamilies, ...redisDataTieringFamilies].join(", ")}`,
  (value) => {
    if (new RegExp(`^cache[.][a-z][a-z0-9]*[.]${anySize}$`).test(value)) {
      return redisNodeTypeProblem(value) ?? true;
    }
    const rest = /^(?:db\.)?([a-z][a-z0-9]*\.[a-z0-9]+)$/.exec(value)?.[1];
    return rest !== undefined && !rest.startsWith("cache.") && new RegExp(`[.]${anySize}$`).test(rest)
      ? `write "cache.${rest}"`
      : "use a type such as cache.t3.micro";
  },
);

const elasticsearchForm = new RegExp(elasticsearchTypeForm);

function elasticsearchType(refused: Readonly<Record<string, string>>) {
  return text(
    `<family>.<size>.elasticsearch, such as t3.medium.elasticsearch, of a family other than ${Object.keys(refused).join(", ")}`,
    (type) => {
      if (elasticsearchForm.test(type)) {
        return elasticsearchTypeProblem(type, refused) ?? true;
      }
      const repaired = `${type.replace(/\.(search|opensearch)$/, "").replace(/^(db|cache)\./, "")}.elasticsearch`;
      if (elasticsearchForm.test(repaired)) {
        return `write "${repaired}"`;
      }
      const known = Object.keys(elasticsearchGp3MaximumGiBByType);
      return didYouMean(type, known) || "use a type such as t3.medium.elasticsearch";
    },
  );
}

const elasticsearchInstanceType = elasticsearchType(elasticsearchDataFamiliesRefused);
const elasticsearchMasterType = elasticsearchType(elasticsearchMasterFamiliesRefused);

/** Instance classes and counts of one size; the guide's cost tables name them. See `sizes.ts`. */
export type Size = v.InferOutput<typeof size>;

const sizeNames = ["small", "medium", "large", "enterprise"] as const;

/** The sizes of `sizes.ts`, by name. */
export type SizeName = (typeof sizeNames)[number];

export const size = ruled(
  record(
    {
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
      /** Limit of the monthly budget in USD where `budget.limitUsd` is null. */
      monthlyBudgetUsd: amountUsd(),
    },
    {},
    `use ${sizeNames
      .slice(0, -1)
      .map((name) => `sizes.${name}`)
      .join(", ")} or sizes.${sizeNames.at(-1)} of environments/sizes.ts, without quotation marks`,
  ),
  {
    // Types that the table lacks have no limit of their own.
    reads: ["elasticsearchInstanceType", "elasticsearchVolumeSizeGiB"],
    find: ({ elasticsearchInstanceType: type, elasticsearchVolumeSizeGiB: volume }) => {
      const maximum = elasticsearchGp3MaximumGiBByType[type];
      if (maximum === undefined || volume <= maximum) {
        return undefined;
      }
      const [family = ""] = type.split(".");
      const larger = Object.entries(elasticsearchGp3MaximumGiB[family] ?? {}).find(([, limit]) => limit >= volume)?.[0];
      return {
        path: ["elasticsearchVolumeSizeGiB"],
        value: volume,
        allowed: `${elasticsearchVolumeGiB.minimum} to ${maximum} GiB of gp3 for ${type}`,
        fix: `use ${maximum} or less${larger === undefined ? ", more data nodes, or a larger type" : `, or ${family}.${larger}.elasticsearch`}`,
      };
    },
  },
  {
    reads: ["apiDesiredCount", "apiMaximumCount"],
    find: ({ apiDesiredCount, apiMaximumCount }) =>
      apiMaximumCount < apiDesiredCount && {
        path: ["apiMaximumCount"],
        allowed: `at least apiDesiredCount, ${apiDesiredCount}`,
        fix: `use ${apiDesiredCount} or more, or lower apiDesiredCount to ${apiMaximumCount}`,
      },
  },
);
