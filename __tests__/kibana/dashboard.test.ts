import { bootstrap } from "../../functions/bootstrap-elasticsearch/bootstrap";
import { TestDomain } from "../functions/support/domain";
import { at } from "../support/blocks";
import { goldenEvents, template } from "../support/logstash/golden-events";
import { aggregationsOf, exported, fieldsOf, find, panelsOf, requestOf, savedObjects } from "../support/panels";

const dashboard = find("dashboard", "skymanuals-aviation-platform");
const panels = panelsOf(dashboard);
const titleOf = ({ attributes }: { attributes: object }) => String((attributes as { title: string }).title);

/** Type of a field in the template: `object` where it has fields of its own. */
function typeOf(field: string): string | undefined {
  const found = at(template.mappings, `properties.${field.replaceAll(".", ".properties.")}`) as
    | { type?: string; properties?: object }
    | undefined;
  return found?.type ?? (found?.properties ? "object" : undefined);
}

describe("the export", () => {
  test("has the guide's dashboard with its four panels, an index pattern and a search for each panel", () => {
    expect(titleOf(dashboard)).toBe("SkyManuals Aviation Platform Dashboard");
    expect(panels.map((panel) => [titleOf(panel), panel.type])).toEqual([
      ["API Response Times", "visualization"],
      ["EFB Sync Status", "visualization"],
      ["Aviation Compliance Events", "search"],
      ["Security Events", "visualization"],
    ]);
    expect(panels.map(({ attributes }) => JSON.parse(String(attributes.visState ?? "{}")).type)).toEqual([
      "line",
      "pie",
      undefined,
      "histogram",
    ]);
    const count = (type: string) => savedObjects.filter((object) => object.type === type).length;
    expect(["index-pattern", "search", "visualization", "dashboard"].map(count)).toEqual([1, 4, 3, 1]);
    expect(JSON.parse(exported.trim().split("\n").at(-1) as string)).toEqual({
      exportedCount: savedObjects.length,
      missingRefCount: 0,
      missingReferences: [],
    });
  });

  test("every reference leads to an object of it, and every name of a reference that an object uses is one", () => {
    for (const object of savedObjects) {
      for (const { type, id } of object.references) {
        expect(find(type, id)).toBeDefined();
      }
      const used = [...JSON.stringify(object.attributes).matchAll(/RefName\\*":\\*"([^"\\]+)\\*"/g)].map(
        ([, name]) => name,
      );
      expect(new Set(used)).toEqual(new Set(object.references.map(({ name }) => name)));
    }
  });

  test("the index pattern is that of the template", () => {
    expect([find("index-pattern", "skymanuals-logs").attributes.title]).toEqual(template.index_patterns);
  });

  test.each(savedObjects.flatMap((object) => fieldsOf(object).map((field) => [field, `${object.type}/${object.id}`])))(
    "%s, which %s names, is in the template",
    (field) => {
      expect(typeOf(field)).toBeDefined();
    },
  );

  test("averages are of numbers, histograms of times, and terms of keywords", () => {
    const types: Record<string, string> = { avg: "long", date_histogram: "date", terms: "keyword" };
    for (const visualization of savedObjects.filter(({ type }) => type === "visualization")) {
      for (const { type, params } of aggregationsOf(visualization)) {
        expect(params.field && typeOf(params.field)).toBe(types[type]);
      }
    }
  });
});

describe("over the golden events", () => {
  const events = goldenEvents();
  const now = "2026-11-25T11:00:00.000Z";
  let server: TestDomain;

  /** What a panel shows: the values of its buckets, or the ids of its documents. */
  async function shown(title: string): Promise<unknown> {
    const panel = panels.find((each) => titleOf(each) === title);
    const { status, body } = await server.domain.send(
      "POST",
      "/skymanuals-logs-*/_search",
      requestOf(panel as never, now),
    );
    expect({ status, body }).toMatchObject({ status: 200 });
    const { aggregations, hits } = body as {
      aggregations?: Record<string, { buckets: object[] }>;
      hits: { hits: { _id: string }[] };
    };
    return aggregations
      ? Object.values(aggregations)[0]?.buckets.map((bucket) => {
          const { key, key_as_string, doc_count, 1: metric } = bucket as Record<string, unknown>;
          return [key_as_string ?? key, (metric as { value: number } | undefined)?.value ?? doc_count];
        })
      : hits.hits.map(({ _id }) => _id).sort();
  }

  /** The golden documents that a panel is about, by the guide's own words. */
  const chosen = (hours: number, isAbout: (document: Record<string, unknown>) => boolean) =>
    events.filter(({ document }) => {
      const age = Date.parse(now) - Date.parse(String(document["@timestamp"]));
      return age > 0 && age <= hours * 3_600_000 && isAbout(document);
    });
  const counted = (values: readonly unknown[]) => {
    const counts = new Map<unknown, number>();
    for (const value of values.flat()) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return Object.fromEntries(counts);
  };

  beforeAll(async () => {
    server = await TestDomain.start("");
    const request = {
      dataNodes: 3,
      volumeGiB: 50,
      retentionDays: 7,
      snapshots: { bucket: "b", region: "us-east-1", roleArn: "r" },
    };
    const content = { name: "skymanuals-logs", template, savedObjects: exported };
    const { savedObjects: imported } = await bootstrap(request, content, server.domain, {
      seconds: 30,
      intervalSeconds: 1,
    });
    expect(imported).toHaveLength(savedObjects.length);
    const lines = events.flatMap(({ index, name, document }) => [
      { index: { _index: index, _type: "_doc", _id: name } },
      document,
    ]);
    // Twice, as after a restart.
    for (const _ of [1, 2]) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      const body = { contentType: "application/x-ndjson", text };
      const answer = await server.domain.send("POST", "/_bulk?refresh=true", body);
      const items = (answer.body as { items: { index: { error?: object } }[] }).items;
      expect(items.filter(({ index }) => index.error)).toEqual([]);
    }
  }, 180_000);

  afterAll(() => server.stop());

  test("each is in the index once, though it came twice", async () => {
    const { body } = await server.domain.send("GET", "/skymanuals-logs-*/_count");
    expect(body).toMatchObject({ count: events.length });
  });

  test("API Response Times: the average of each minute", async () => {
    const minutes = new Map<string, number[]>();
    for (const { document } of chosen(1, ({ logType }) => logType === "api")) {
      const minute = `${String(document["@timestamp"]).slice(0, 16)}:00.000Z`;
      const time = Number(document.responseTime ?? Number.NaN);
      minutes.set(minute, [...(minutes.get(minute) ?? []), ...(Number.isNaN(time) ? [] : [Math.trunc(time)])]);
    }
    expect(minutes.size).toBeGreaterThan(0);
    const average = (all: number[]) => all.reduce((sum, each) => sum + each, 0) / all.length;
    const expected = [...minutes]
      .sort()
      .map(([minute, all]) => [minute, all.length ? average(all) : expect.anything()]);
    expect(await shown("API Response Times")).toEqual(expected);
  });

  test("EFB Sync Status: synchronizations by status", async () => {
    const about = chosen(24, ({ eventType }) => eventType === "SYNC_EVENT");
    const expected = counted(about.map(({ document }) => document.status ?? []));
    expect(Object.keys(expected).length).toBeGreaterThan(0);
    expect(Object.fromEntries((await shown("EFB Sync Status")) as [string, number][])).toEqual(expected);
  });

  test("Aviation Compliance Events: audit records with compliance", async () => {
    const about = chosen(7 * 24, ({ logType, compliance }) => logType === "audit" && compliance !== undefined);
    expect(about.length).toBeGreaterThan(2);
    const expected = about.map(({ name }) => name).sort();
    expect(await shown("Aviation Compliance Events")).toEqual(expected);
  });

  test("Security Events: by level", async () => {
    const about = chosen(24, ({ eventType }) => eventType === "SECURITY_EVENT");
    const expected = counted(about.map(({ document }) => document.security_level ?? []));
    expect(Object.keys(expected).length).toBeGreaterThan(0);
    expect(Object.fromEntries((await shown("Security Events")) as [string, number][])).toEqual(expected);
  });
});
