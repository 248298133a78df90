import { type Fields, LogstashEvent, NotKnown, PipelineCrash, parseTime, Timestamp } from "../support/logstash/event";
import { Pipeline } from "../support/logstash/pipeline";

const now = Date.UTC(2026, 10, 25, 12);

/** What these filters make of an event at noon of 25 November 2026, without its time and version. */
async function after(filters: string, fields: Fields): Promise<Fields> {
  const pipeline = await Pipeline.load(
    `filter { ${filters} }\noutput { opensearch { index => "%{+YYYY.MM.dd}" document_id => "1" } }`,
    () => now + 1000,
  );
  const { document } = pipeline.run(new LogstashEvent(fields, new Timestamp(now)));
  const { "@version": _, "@timestamp": time, ...rest } = document;
  return time === new Timestamp(now).toString() ? rest : { ...rest, "@timestamp": time ?? null };
}

describe("mutate", () => {
  test("has its operations' order, not the configuration's", async () => {
    const filter = `mutate {
      copy => { "b" => "c" }
      gsub => ["b", "x", "y"]
      convert => { "d" => "boolean" }
      replace => { "d" => "%{b}" }
      rename => { "a" => "b" }
      add_field => { "e" => "%{c}" }
      remove_field => ["d"]
    }`;
    expect(await after(filter, { a: "x", d: "no" })).toEqual({ b: "y", c: "y", e: "y" });
  });

  test("converts what it takes for true and false, and leaves the rest", async () => {
    const filter = 'mutate { convert => { "a" => "boolean" } }';
    expect(await after(filter, { a: ["Yes", 1, "0", "", "perhaps", null] })).toEqual({
      a: [true, true, false, false, "perhaps", null],
    });
    expect(await after(filter, { a: { b: "yes" } })).toEqual({ a: { b: "yes" } });
  });

  test("makes a list where a field is added that is there", async () => {
    expect(await after('mutate { add_field => { "a" => "2" } }', { a: "1" })).toEqual({ a: ["1", "2"] });
  });

  test("tags what it cannot set, and lets the event pass", async () => {
    expect(await after('mutate { replace => { "[a][b]" => "c" } }', { a: "text" })).toEqual({
      a: "text",
      tags: ["_mutate_error"],
    });
  });
});

describe("json", () => {
  test.each([
    ["[1]", { tags: ["_jsonparsefailure"] }],
    ["{", { tags: ["_jsonparsefailure"] }],
    ['{"a":{"b":1},"[c][d]":2}', { a: { b: 1 }, c: { d: 2 } }],
    ['{"x[":1}', { tags: ["_jsonparsefailure"] }],
    ['{"@metadata":"none"}', { tags: ["_jsonparsefailure"] }],
    ['{"@timestamp":"2026-11-25T13:00:00+01:00"}', {}],
    [
      '{"@timestamp":5}',
      { "@timestamp": "2026-11-25T12:00:01.000Z", "_@timestamp": "5", tags: ["_timestampparsefailure"] },
    ],
  ])("%s", async (text, expected) => {
    expect(await after('json { source => "m" remove_field => ["m"] }', { m: text })).toEqual(
      "tags" in expected && !("@timestamp" in expected) ? { m: text, ...expected } : expected,
    );
  });

  test("into a target takes any value, and an absent source is none", async () => {
    expect(await after('json { source => "m" target => "t" }', { m: "[1]" })).toEqual({ m: "[1]", t: [1] });
    expect(await after('json { source => "m" target => "t" }', {})).toEqual({});
  });

  test("what is not known is an error, no guess", async () => {
    await expect(after('json { source => "m" }', { m: '{"a":1} {"b":2}' })).rejects.toThrow(NotKnown);
    await expect(after('json { source => "m" }', { m: '{"a":90071992547409930}' })).rejects.toThrow(NotKnown);
  });
});

describe("grok and date", () => {
  const grok = 'grok { match => { "m" => "%{TIMESTAMP_ISO8601:t} %{GREEDYDATA:m}" } }';

  test("B13: without overwrite a field that is there becomes a list", async () => {
    expect(await after(grok, { m: "2026-11-25T10:00:00Z a\nb" })).toEqual({
      m: ["2026-11-25T10:00:00Z a\nb", "a\nb"],
      t: "2026-11-25T10:00:00Z",
    });
  });

  test("a text that does not match is tagged", async () => {
    expect(await after(grok, { m: "none" })).toEqual({ m: "none", tags: ["_grokparsefailure"] });
  });

  test("word characters are ASCII's, as in Ruby", async () => {
    expect(await after('grok { match => { "m" => "^%{WORD:w}$" } }', { m: "é" })).toEqual({
      m: "é",
      tags: ["_grokparsefailure"],
    });
  });

  test.each([
    ["2026-11-25T10:00:00.1234Z", "2026-11-25T10:00:00.123Z"],
    ["2026-11-25T10:00:00,5+0530", "2026-11-25T04:30:00.500Z"],
    ["2026-11-25T10:00", "2026-11-25T10:00:00.000Z"],
    ["2026-11-25", "2026-11-25T00:00:00.000Z"],
    ["2026-02-30T10:00:00Z", null],
    ["2026-11-25 10:00:00", null],
    ["25.11.2026", null],
  ])("the time %s is %s", (text, expected) => {
    expect(parseTime(text)?.toString() ?? null).toBe(expected);
  });

  test("a blank for the T needs a fraction of the second", async () => {
    const date = 'date { match => ["t", "ISO8601"] }';
    expect(await after(date, { t: "2026-11-25 10:00:00.250" })).toMatchObject({
      "@timestamp": "2026-11-25T10:00:00.250Z",
    });
    expect(await after(date, { t: "2026-11-25 10:00:00" })).toMatchObject({ tags: ["_dateparsefailure"] });
    expect(await after(date, { t: 1764064800 })).toMatchObject({ tags: ["_dateparsefailure"] });
  });
});

describe("conditions", () => {
  const tagged = (condition: string) => `if ${condition} { mutate { add_tag => ["yes"] } }`;
  test.each([
    ["[a]", { a: "" }, false],
    ["[a]", { a: "false" }, false],
    ["[a]", { a: false }, false],
    ["[a]", { a: 0 }, true],
    ["[a]", { a: {} }, true],
    ["![a][0]", { a: ["b"] }, false],
    ["[a] !~ /\\A/", { a: 5 }, true],
    ["[a] =~ /^b$/", { a: "a\nb\nc" }, true],
    ["[a] =~ /\\Ab/", { a: "a\nb" }, false],
    ['"b" in [a]', { a: ["b"] }, true],
    ['"b" in [a]', { a: "abc" }, true],
    ['"b" in [a]', { a: { b: 1 } }, false],
    ['[a] == "1"', { a: 1 }, false],
  ])("%s of %j: %s", async (condition, fields, holds) => {
    expect("tags" in (await after(tagged(condition), fields))).toBe(holds);
  });
});

test("tags that are no list stop Logstash when a filter tags the event", async () => {
  await expect(after('json { source => "m" }', { m: "{", tags: { a: 1 } })).rejects.toThrow(PipelineCrash);
});

test("a text is filled from fields, lists, objects and the time; what is not there stays", async () => {
  const filter = 'mutate { add_field => { "r" => "%{a} %{[b][0]} %{b} %{c} %{+yyyy.MM.dd HH:mm} %{none}" } }';
  expect(await after(filter, { a: 1, b: ["x", "y"], c: { d: 2 } })).toHaveProperty(
    "r",
    '1 x x,y {"d":2} 2026.11.25 12:00 %{none}',
  );
});
