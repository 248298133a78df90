import type { Environment } from "../../environments/environment";
import { environmentSchema } from "../../environments/schema";
import { problemsOf } from "../../environments/validation/rules";
import { containers } from "./counterparts";
import { departureReason } from "./departures";
import type { Objects } from "./references";
import type { Values } from "./state-file";

/** A field of the environment file that takes its value from the state. */
export interface AdoptedField {
  /** Such as `database.engineVersion`. */
  readonly field: string;
  readonly value: unknown;
  /** Where the value was found: address and attribute. */
  readonly source: string;
}

export interface AdoptedFields {
  readonly fields: readonly AdoptedField[];
  /** Values of the state that the environment schema refuses; ours stay. */
  readonly refused: readonly (AdoptedField & { readonly allowed: string; readonly fix: string })[];
}

interface FieldSource {
  readonly field: string;
  readonly address: string;
  /** Path in the state, and in departures.ts; blocks of which there is one are named without an index. */
  readonly attribute: string;
  readonly convert?: (value: unknown) => unknown;
}

const number = (value: unknown) => (value === null || value === undefined ? undefined : Number(value));

const database = "aws_db_instance.postgres";
const redis = "aws_elasticache_replication_group.redis";
const domain = "aws_elasticsearch_domain.skymanuals";
const api = "aws_ecs_task_definition.api";
const logstash = "aws_ecs_task_definition.logstash";

const sources: readonly FieldSource[] = [
  { field: "network.vpcCidrBlock", address: "aws_vpc.skymanuals", attribute: "cidr_block" },
  { field: "database.username", address: database, attribute: "username" },
  { field: "database.engineVersion", address: database, attribute: "engine_version" },
  { field: "database.backupRetentionDays", address: database, attribute: "backup_retention_period", convert: number },
  { field: "size.databaseInstanceClass", address: database, attribute: "instance_class" },
  // Absent in the documented file: the size decides unless somebody switched it on.
  { field: "size.databaseMultiAz", address: database, attribute: "multi_az", convert: (value) => value || undefined },
  { field: "size.redisNodeType", address: redis, attribute: "node_type" },
  {
    field: "redis.snapshotRetentionDays",
    address: redis,
    attribute: "snapshot_retention_limit",
    convert: (value) => number(value) || undefined,
  },
  { field: "names.chunksBucket", address: "aws_s3_bucket.chunks", attribute: "bucket" },
  { field: "api.cpu", address: api, attribute: "cpu", convert: number },
  { field: "api.memoryMiB", address: api, attribute: "memory", convert: number },
  { field: "logstash.cpu", address: logstash, attribute: "cpu", convert: number },
  { field: "logstash.memoryMiB", address: logstash, attribute: "memory", convert: number },
  { field: "size.apiDesiredCount", address: "aws_ecs_service.api", attribute: "desired_count", convert: number },
  { field: "size.elasticsearchInstanceType", address: domain, attribute: "cluster_config.instance_type" },
  {
    field: "size.elasticsearchInstanceCount",
    address: domain,
    attribute: "cluster_config.instance_count",
    convert: number,
  },
  {
    field: "size.elasticsearchMasterInstanceType",
    address: domain,
    attribute: "cluster_config.dedicated_master_type",
    convert: (value) => value || undefined,
  },
  {
    field: "elasticsearch.dedicatedMasterCount",
    address: domain,
    attribute: "cluster_config.dedicated_master_count",
    convert: number,
  },
  { field: "size.elasticsearchVolumeSizeGiB", address: domain, attribute: "ebs_options.volume_size", convert: number },
  {
    field: "network.flowLogRetentionDays",
    address: "aws_cloudwatch_log_group.flow_logs",
    attribute: "retention_in_days",
    convert: (value) => number(value) || undefined,
  },
  { field: "budget.limitUsd", address: "aws_budgets_budget.monthly", attribute: "limit_amount", convert: number },
  {
    field: "budget.email",
    address: "aws_budgets_budget.monthly",
    attribute: "notification.subscriber_email_addresses",
    convert: (value) => (value as unknown[] | undefined)?.[0],
  },
];

/** The fields whose value in the state is neither the documented one nor the environment's, as the schema allows them. */
export function adoptedFields(environment: Environment, objects: Objects): AdoptedFields {
  const found = [
    ...sources.flatMap((source) => fromAttribute(source, objects)),
    ...image(objects),
    ...zones(environment, objects),
    ...authTokenStrategy(objects),
  ].filter(({ field, value }) => JSON.stringify(value) !== JSON.stringify(valueAt(environment, field)));

  // All at once: one value may be allowed only beside another, such as Fargate's CPU and memory.
  const fields = [...found];
  const refused: AdoptedFields["refused"][number][] = [];
  for (;;) {
    const adapted = withFields(environment, fields);
    const [problem] = problemsOf(environmentSchema, adapted, `environments/${environment.name}.ts`);
    if (!problem || fields.length === 0) {
      return { fields, refused };
    }
    const named = fields.findIndex(({ field }) => problem.path === field || problem.path.startsWith(`${field}[`));
    const [candidate] = fields.splice(named === -1 ? fields.length - 1 : named, 1);
    if (candidate) {
      refused.push({ ...candidate, allowed: problem.allowed, fix: problem.fix });
    }
  }
}

/** The environment with other values in the named fields. */
export function withFields(
  environment: Environment,
  fields: readonly Pick<AdoptedField, "field" | "value">[],
): Environment {
  return fields.reduce((current, { field, value }) => withField(current, field, value), environment);
}

function withField(environment: Environment, field: string, value: unknown): Environment {
  const [section = "", name] = field.split(".");
  const current = environment[section as keyof Environment];
  return { ...environment, [section]: name === undefined ? value : { ...(current as object), [name]: value } };
}

function valueAt(environment: Environment, field: string): unknown {
  return field.split(".").reduce<unknown>((value, name) => (value as Values)[name], environment);
}

function fromAttribute(
  { field, address, attribute, convert = (value) => value }: FieldSource,
  objects: Objects,
): AdoptedField[] {
  const raw = attribute.split(".").reduce<unknown>((value, name) => {
    const block = (Array.isArray(value) ? value[0] : value) as Values | undefined;
    return block?.[name];
  }, objects.get(address)?.values);
  const value = raw === undefined || raw === null ? undefined : convert(raw);
  if (value === undefined || departureReason(address, attribute, raw) !== undefined) {
    return [];
  }
  return [{ field, value, source: `${address}: ${attribute}` }];
}

/** Repository and tag of the API's image; `latest` names no image, and is no tag of ours. */
function image(objects: Objects): AdoptedField[] {
  const reference = containers(objects.get(api)).find(({ name }) => name === "api")?.image ?? "";
  const [, repository, tag, digest] = /^(.+?)(?::([^:/@]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference) ?? [];
  const source = `${api}: container_definitions`;
  const found = tag === "latest" ? digest : (digest ?? tag);
  return [
    ...(repository ? [{ field: "api.ecrRepositoryUrl", value: repository, source }] : []),
    ...(found ? [{ field: "api.imageTag", value: found, source }] : []),
  ];
}

/** The zones of the subnets, in their order; zones without a subnet follow. */
function zones(environment: Environment, objects: Objects): AdoptedField[] {
  const existing = environment.zones.map(
    (_, index) =>
      objects.get(`aws_subnet.private[${index}]`)?.values.availability_zone ??
      objects.get(`aws_subnet.public[${index}]`)?.values.availability_zone,
  );
  const unused = environment.zones.filter((zone) => !existing.includes(zone));
  const value = existing.map((zone) => zone ?? unused.shift());
  return existing.some(Boolean) ? [{ field: "zones", value, source: "aws_subnet.private: availability_zone" }] : [];
}

/** SET would cut off clients without the token, which all of them are while the group has none. */
function authTokenStrategy(objects: Objects): AdoptedField[] {
  const group = objects.get(redis);
  return group && !group.values.auth_token
    ? [{ field: "redis.authTokenUpdateStrategy", value: "ROTATE", source: `${redis}: no auth_token` }]
    : [];
}
