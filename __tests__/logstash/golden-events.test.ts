import { eachLacking } from "../support/logstash/clauses";
import { parseConfiguration } from "../support/logstash/configuration";
import { runInContainer } from "../support/logstash/container";
import {
  asInput,
  type GoldenEvent,
  goldenEvents,
  pipelineText,
  received,
  template,
  withoutInput,
} from "../support/logstash/golden-events";
import { mappingProblems } from "../support/logstash/mapping";
import { type Indexed, Pipeline } from "../support/logstash/pipeline";

const later = Date.UTC(2031, 0, 1);
const events = goldenEvents();
/** An image of logstash/, which then takes the interpreter's place for the golden events (docs/logs.md). */
const image = process.env.LOGSTASH_IMAGE;
let pipeline: Pipeline;
let run = (golden: GoldenEvent): Indexed | undefined => pipeline.run(asInput(golden.event));
beforeAll(async () => {
  pipeline = await Pipeline.load(pipelineText, () => later);
  if (image !== undefined) {
    const documents = runInContainer(
      image,
      pipelineText,
      events.map(({ event }) => event),
    );
    run = ({ event }) => documents.get(event.id);
  }
}, 330_000);

describe.each(events.map((golden) => [golden.name, golden] as const))("%s", (_, golden) => {
  let indexed: Indexed;
  beforeAll(() => {
    indexed = run(golden) as Indexed;
    expect(indexed).toBeDefined();
  });

  test("becomes its document", () => {
    expect(withoutInput(indexed.document)).toEqual(golden.document);
  });

  test("keeps its id and where it came from, whatever the line says", () => {
    expect(indexed).toMatchObject({
      index: golden.index,
      id: golden.event.id,
      document: {
        cloudwatch_logs: {
          event_id: golden.event.id,
          ingestion_time: "2026-11-25T10:30:01.750Z",
          log_group: "/ecs/skymanuals-api",
          log_stream: "ecs/api/0123456789abcdef",
        },
      },
    });
  });

  test("is taken by the index as the template maps it", () => {
    expect(mappingProblems(indexed.document, template.mappings)).toEqual([]);
  });
});

describe("a restart", () => {
  test("B10: an event that is read again, years later too, is the same document of the same index", async () => {
    const again = await Pipeline.load(pipelineText, () => later + 3 * 365 * 86_400_000);
    for (const { event } of events) {
      expect(again.run(asInput(event))).toEqual(pipeline.run(asInput(event)));
    }
  });

  test("two events of one millisecond and one text are two documents", () => {
    const ids = ["1", "2"].map((id) => pipeline.run(asInput(received("same", id))).id);
    expect(ids).toEqual(["1", "2"]);
  });
});

describe("a long line", () => {
  const bytes = 256 * 1024;

  test("of 256 KiB is indexed whole, as text and within JSON", () => {
    const text = "chapter 1, ".repeat(bytes).slice(0, bytes);
    expect(pipeline.run(asInput(received(text))).document.message).toBe(text);
    const line = JSON.stringify({ level: "info", userId: text, message: text });
    const { document } = pipeline.run(asInput(received(line)));
    expect(document).toMatchObject({ level: "info", message: text });
    // Longer than a term may be: ignore_above leaves it out of the index, and in the document.
    expect(mappingProblems(document, template.mappings)).toEqual([]);
  });

  // A quarter of the longest line: where the time grew with the square of the length, this would take minutes.
  test.each(['"token":[', "eyJ-", "a@", '\\"', "?token=", "://a:", "cookie "])(
    "of nothing but %s is read in seconds",
    (piece) => {
      const started = performance.now();
      pipeline.run(asInput(received(piece.repeat(bytes / 4 / piece.length))));
      expect(performance.now() - started).toBeLessThan(10_000);
    },
  );
});

describe("what the index would refuse is a failure here", () => {
  test.each([
    [{ status: { code: 200 } }, 'status is a keyword, and got {"code":200}'],
    [{ "level.name": "info" }, "level is a keyword, and level.name would be within it"],
    [{ compliance: ["EASA"] }, 'compliance is an object, and got "EASA"'],
    [{ compliance: { requiresReporting: "perhaps" } }, 'compliance.requiresReporting is a boolean, and got "perhaps"'],
    [{ "@timestamp": "yesterday" }, '@timestamp is a date, and got "yesterday"'],
    [{ responseTime: { ms: 4 } }, 'responseTime is a long, and got {"ms":4}'],
  ])("%j", (document, problem) => {
    expect(mappingProblems(document, template.mappings)).toEqual([problem]);
  });

  test("so is a field that the index would add, where the mapping lets it", () => {
    const growing = { ...template.mappings, dynamic: undefined };
    expect(mappingProblems({ request: { path: "/" } }, growing)).toEqual(["request would become a new field"]);
    expect(mappingProblems({ compliance: { note: "n" } }, growing)).toEqual([
      "compliance.note would become a new field",
    ]);
  });
});

test("the golden events notice every filter, setting and substitution of the pipeline", async () => {
  const unnoticed: string[] = [];
  for (const { what, sections } of eachLacking(parseConfiguration(pipelineText))) {
    const lacking = await Pipeline.of(sections, () => later);
    const same = events.every((golden) => {
      try {
        const { index, id, document } = lacking.run(asInput(golden.event));
        return (
          index === golden.index &&
          id === golden.event.id &&
          JSON.stringify(sorted(document)) === JSON.stringify(sorted(pipeline.run(asInput(golden.event)).document))
        );
      } catch {
        return false;
      }
    });
    if (same) {
      unnoticed.push(what);
    }
  }
  expect(unnoticed).toEqual([]);
});

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
