import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readSavedObjects, type SavedObject } from "../../functions/bootstrap-elasticsearch/saved-objects";

const file = resolve(__dirname, "../../kibana/skymanuals.ndjson");
export const exported = readFileSync(file, "utf8");
export const savedObjects = readSavedObjects(exported);

interface SearchSource {
  readonly query: { readonly query: string; readonly language: string };
  readonly filter: readonly { readonly meta: object; readonly range?: object; readonly exists?: { field: string } }[];
}

interface Aggregation {
  readonly id: string;
  readonly type: string;
  readonly schema: string;
  readonly params: { readonly field?: string; readonly size?: number; readonly interval?: string };
}

export function find(type: string, id: string): SavedObject {
  const found = savedObjects.find((object) => object.type === type && object.id === id);
  if (!found) {
    throw new Error(`${type}/${id} is not in the export`);
  }
  return found;
}

function referenced(object: SavedObject, name: string): SavedObject {
  const reference = object.references.find((each) => each.name === name);
  if (!reference) {
    throw new Error(`${object.id} has no reference ${name}`);
  }
  return find(reference.type, reference.id);
}

function sourceOf(object: SavedObject): SearchSource {
  const meta = object.attributes.kibanaSavedObjectMeta as { searchSourceJSON: string };
  return JSON.parse(meta.searchSourceJSON) as SearchSource;
}

export function aggregationsOf(visualization: SavedObject): Aggregation[] {
  return (JSON.parse(String(visualization.attributes.visState)) as { aggs: Aggregation[] }).aggs;
}

/** Of the dashboard's panels, in their order. */
export function panelsOf(dashboard: SavedObject): SavedObject[] {
  const panels = JSON.parse(String(dashboard.attributes.panelsJSON)) as { panelRefName: string }[];
  return panels.map(({ panelRefName }) => referenced(dashboard, panelRefName));
}

/** `field:value` alone, of Kibana's query language. */
function queryOf({ query, language }: SearchSource["query"]): object[] {
  const match = /^([\w.@]+):([\w.-]+)$/.exec(query);
  if (language !== "kuery" || (query !== "" && !match)) {
    throw new Error(`${language} "${query}" is more than these tests understand`);
  }
  return match ? [{ match: { [match[1] as string]: match[2] } }] : [];
}

/** The request by which Kibana fills a panel, with a moment in place of now. */
export function requestOf(panel: SavedObject, now: string): Record<string, unknown> {
  const search = panel.type === "search" ? panel : referenced(panel, String(panel.attributes.savedSearchRefName));
  const sources = panel === search ? [sourceOf(search)] : [sourceOf(panel), sourceOf(search)];
  const filter = sources.flatMap((source) => [
    ...queryOf(source.query),
    ...source.filter.map(({ range, exists }) => (range ? { range } : { exists })),
  ]);
  const request = {
    size: panel === search ? 100 : 0,
    ...(panel === search && {
      sort: (search.attributes.sort as string[][]).map(([field, order]) => ({ [field as string]: order })),
    }),
    query: { bool: { filter } },
    ...(panel !== search && { aggs: aggregation(aggregationsOf(panel)) }),
  };
  return JSON.parse(JSON.stringify(request).replaceAll(/"now(-\d+[hdm])?"/g, (_, minus = "") => `"${now}||${minus}"`));
}

function aggregation(all: readonly Aggregation[]): object {
  const buckets = all.filter(({ schema }) => schema === "segment");
  const metrics = all.filter(({ schema, type }) => schema === "metric" && type !== "count");
  const inner = Object.fromEntries(metrics.map(({ id, type, params }) => [id, { [type]: { field: params.field } }]));
  return Object.fromEntries(
    buckets.map(({ id, type, params: { field, size, interval } }) => [
      id,
      type === "terms"
        ? { terms: { field, size, order: { _count: "desc" } }, aggs: inner }
        : { date_histogram: { field, calendar_interval: `1${interval}`, min_doc_count: 1 }, aggs: inner },
    ]),
  );
}

/** Every field that an object names, with what names it. */
export function fieldsOf(object: SavedObject): string[] {
  const source = object.type === "index-pattern" ? undefined : sourceOf(object);
  return [
    ...(object.type === "index-pattern" ? [String(object.attributes.timeFieldName)] : []),
    ...(object.type === "search" ? [...(object.attributes.columns as string[])] : []),
    ...(object.type === "search" ? (object.attributes.sort as string[][]).map(([field]) => field as string) : []),
    ...(source ? [...source.query.query.matchAll(/([\w.@]+):/g)].map(([, field]) => field as string) : []),
    ...(source ?? { filter: [] }).filter.flatMap(({ range, exists }) =>
      range ? Object.keys(range) : exists ? [exists.field] : [],
    ),
    ...(object.type === "visualization" ? aggregationsOf(object) : []).flatMap(({ params }) => params.field ?? []),
  ];
}
