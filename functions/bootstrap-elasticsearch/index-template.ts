import { primaryShards, type Storage } from "../../facts/elasticsearch";
import { isObject } from "./stored";

/** An index template as `PUT _template` takes it, whose settings are nested as Elasticsearch keeps them. */
export interface IndexTemplate {
  readonly index_patterns: readonly string[];
  readonly settings?: object;
  readonly mappings: object;
}

/** Queries and events that take longer than this are in the domain's slow logs, which are empty without thresholds. */
const slow = { warn: "5s", info: "2s" };

/**
 * Logstash's template, and how its indices are stored: as many shards as the domain's volumes ask for, compressed by
 * DEFLATE, which is a static setting that no policy can change later.
 * Sources: Elasticsearch Reference 7.10, "Index modules" (index.codec) and "Slow Log"; Amazon OpenSearch Service Developer Guide,
 * "Monitoring OpenSearch logs" (thresholds of the slow logs).
 */
export function storedTemplate(template: IndexTemplate, storage: Storage): IndexTemplate {
  const settings = {
    index: {
      number_of_shards: primaryShards(storage),
      number_of_replicas: 1,
      codec: "best_compression",
      search: { slowlog: { threshold: { query: slow } } },
      indexing: { slowlog: { threshold: { index: slow } } },
    },
  };
  return { ...template, settings: merged(settings, nested(template.settings ?? {})) };
}

/** The second wins. */
function merged(first: Record<string, unknown>, second: Record<string, unknown>): Record<string, unknown> {
  const all = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const before = all[name];
    all[name] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return all;
}

/** `{"index.codec": x}`, `{"codec": x}` and `{"index": {"codec": x}}` are one setting. */
function nested(settings: object): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  const put = (path: readonly string[], value: unknown): void => {
    if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        put([...path, ...name.split(".")], inner);
      }
      return;
    }
    const full = path[0] === "index" ? path : ["index", ...path];
    let place = all;
    for (const name of full.slice(0, -1)) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
    place[full.at(-1) as string] = value;
  };
  put([], settings);
  return all;
}
