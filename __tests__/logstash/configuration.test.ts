import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { filtersOf } from "../support/logstash/clauses";
import {
  ConfigurationError,
  type PluginNode,
  parseConfiguration,
  type ValueNode,
} from "../support/logstash/configuration";
import { probeConfiguration, probeLine, readProbe } from "../support/logstash/container";
import { asInput, pipelineText, received } from "../support/logstash/golden-events";
import { Pipeline } from "../support/logstash/pipeline";

const guide = readFileSync(resolve(__dirname, "../fixtures/documented-logstash.conf"), "utf8");

describe("the guide's pipeline", () => {
  test("B5: does not parse, where Logstash stops reading it: true is no literal, and a method would go on with (", () => {
    expect(() => parseConfiguration(guide)).toThrow(
      new ConfigurationError('line 70, column 46: Expected "#", "(", or [ \\t\\r\\n] but "{" found.'),
    );
  });

  /** By filter and setting, with the reason. */
  const departures: Readonly<Record<string, string>> = {
    "mutate add_field sync_scenario":
      "add_field makes the text %{[metadata][scenario]} where there is none; copy makes nothing",
    "mutate add_field sync_priority": "as sync_scenario",
    "mutate add_field security_level": "as sync_scenario",
  };

  test("has every clause of its filters in ours", () => {
    const documented = settingsOf(filtersOf(parseConfiguration(guide.replace(" == true", ""))));
    const ours = settingsOf(filtersOf(parseConfiguration(pipelineText)));
    expect(documented).toHaveLength(8);
    expect(documented.filter((setting) => !ours.includes(setting))).toEqual(
      Object.keys(departures).map((name) => expect.stringMatching(new RegExp(`^${name} `))),
    );
    for (const copied of [
      "[metadata][scenario] sync_scenario",
      "[metadata][priority] sync_priority",
      "[metadata][severity] security_level",
    ]) {
      expect(ours).toContain(`mutate copy ${copied}`);
    }
  });
});

/** `filter setting value`, one for each entry of a hash. */
function settingsOf(filters: readonly PluginNode[]): string[] {
  return filters.flatMap(({ name, attributes }) =>
    attributes.flatMap((attribute) => written(attribute.value).map((value) => `${name} ${attribute.name} ${value}`)),
  );
}

function written(value: ValueNode): string[] {
  switch (value.kind) {
    case "hash":
      return value.value.map((entry) => `${entry.name} ${written(entry.value)}`);
    case "array":
      return [value.value.map(written).join(", ")];
    case "plugin":
      return [value.name];
    default:
      return [String(value.value)];
  }
}

describe("the language", () => {
  test.each([
    ["a comment ends with its line", "# one\nfilter { # two\n}\n"],
    ["strings of both kinds, with what they escape", `filter { mutate { add_tag => ["a\\"b", 'c\\'d', "#"] } }`],
    ["numbers, barewords, a codec", "input { stdin { codec => json { charset => utf8 } add_field => { 1 => -2.5 } } }"],
    ["else if, else", 'filter { if [a] { } else if "b" in [c] { } else { mutate { } } }'],
    [
      "all operators",
      'filter { if ([a][b] != 1 and !([c] <= 2.5)) or "x" not in [d] xor [e] =~ "f" nand [g] !~ /h\\/i/ { } }',
    ],
    ["a method is syntax", "filter { if defined([a]) { } }"],
    ["an empty list and hash", "filter { mutate { a => [] b => {} } }"],
  ])("%s", (_, text) => {
    expect(() => parseConfiguration(text)).not.toThrow();
  });

  test.each([
    ["a comma at the end of a list", 'filter { mutate { a => ["b",] } }', "line 1, column 29"],
    ["settings without a blank between them", 'filter { mutate { a => "b"c => "d" } }', "line 1, column 27"],
    ["a comment in the last line without its end", "filter { }\n# end", "line 2, column 6"],
    ["a condition without an operator", "filter { if [a] [b] [c] 1 { } }", "line 1, column 17"],
    ["a boolean", "filter { if [a] == true { } }", "line 1, column 25"],
    ["a bareword of one letter", "filter { mutate { a => b } }", "line 1, column 26"],
    ["a section of another name", "filters { }", "line 1, column 7"],
    ["a string that does not end", 'filter { mutate { a => "b } }', "line 1, column 30"],
  ])("refuses %s at its place", (_, text, place) => {
    expect(() => parseConfiguration(text)).toThrow(place);
  });
});

describe("the interpreter does not start with what it does not know", () => {
  const output = 'output { opensearch { index => "i" document_id => "1" } }';
  test.each([
    ["filter { ruby { code => 'x' } }", "the filter ruby is not known"],
    ['filter { mutate { uppercase => ["a"] } }', "the setting uppercase of mutate is not known"],
    ['filter { grok { match => { "m" => "%{IP:a}" } } }', "the grok pattern %{IP:a} is not known"],
    ['filter { date { match => ["a", "dd/MMM/yyyy"] } }', "other formats are not known"],
    ['filter { mutate { convert => { "a" => "integer" } } }', "converting a to integer is not known"],
    ["filter { if [a] > 3 { } }", "selector > number"],
    ["filter { if [a] or [b] and [c] { } }", "without parentheses"],
    ["filter { mutate { copy => 5 } }", "copy of mutate must be a hash"],
    ['filter { mutate { rename => { "a" => "b" "a" => "c" } } }', "has a key of rename twice"],
  ])("%s", async (filter, message) => {
    await expect(Pipeline.load(`${filter}\n${output}`)).rejects.toThrow(message);
  });

  test("another output", async () => {
    await expect(Pipeline.load("output { stdout { } }")).rejects.toThrow("one opensearch output");
  });
});

describe("what a container of the image is asked", () => {
  const probe = probeConfiguration(pipelineText);

  test("is the pipeline's filters, one by one, and the output's index and id", () => {
    const ours = settingsOf(filtersOf(parseConfiguration(pipelineText)));
    const asked = settingsOf(filtersOf(parseConfiguration(probe)));
    expect(asked.slice(0, ours.length)).toEqual(ours);
    expect(asked.slice(ours.length)).toEqual([
      "mutate add_field [probe][index] skymanuals-logs-%{+YYYY.MM.dd}",
      "mutate add_field [probe][id] %{[cloudwatch_logs][event_id]}",
    ]);
  });

  test("is asked with what the input makes of an event", () => {
    const event = received("text");
    expect(JSON.parse(probeLine(event))).toEqual({
      message: "text",
      ...pick(asInput(event).toDocument(), ["@timestamp", "cloudwatch_logs"]),
    });
  });

  test("and what it answers is read by id, without the host and Logstash's log", () => {
    const answer =
      '[2026-11-25T10:30:00,000][INFO ] ready\n{"message":"m","host":"h","probe":{"index":"i","id":"1"}}\n';
    expect([...readProbe(answer)]).toEqual([["1", { index: "i", id: "1", document: { message: "m" } }]]);
  });
});

function pick(fields: Readonly<Record<string, unknown>>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
