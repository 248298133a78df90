import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { synthesizeServing } from "../support/environments";

const folder = resolve(__dirname, "../../logstash");
const pipeline = readFileSync(join(folder, "pipeline/logstash.conf"), "utf8").replace(/^\s*#.*$/gm, "");
const dockerfile = readFileSync(join(folder, "Dockerfile"), "utf8");

/** The text between the braces of every plugin of that name. Braces in strings come in pairs here. */
function blocks(plugin: string): string[] {
  return [...pipeline.matchAll(new RegExp(`\\b${plugin} \\{`, "g"))].map((match) => {
    const start = match.index + match[0].length;
    let depth = 1;
    let end = start;
    for (; depth > 0; end += 1) {
      depth += { "{": 1, "}": -1 }[pipeline[end] ?? "}"] ?? 0;
    }
    return pipeline.slice(start, end - 1);
  });
}

/** The patterns of the conditions that look at a message, in order: Ruby's anchors of the whole string are JavaScript's. */
const messagePatterns = [...pipeline.matchAll(/if \[message\] =~ \/(.*)\/ \{/g)].map(
  ([, pattern = ""]) => new RegExp(pattern.replace("\\A", "^").replace("\\z", "$")),
);

test("a field that grok reads from an audit line replaces the one that the line has already", () => {
  const groks = blocks("grok");
  expect(groks).toHaveLength(1);
  for (const grok of groks) {
    const captured = [...grok.matchAll(/%\{\w+:(\w+)\}/g)].map(([, field]) => field);
    const overwritten = /overwrite => \[(.*)\]/.exec(grok)?.[1]?.match(/\w+/g);
    expect(captured).toEqual(["timestamp", "level", "message"]);
    expect(overwritten).toEqual(captured);
  }
});

describe("one line is one event, because its id is the line's", () => {
  test("the input takes a line as it is: no codec makes several events of an array", () => {
    expect(blocks("kinesis_cloudwatch_logs")).toEqual([expect.not.stringContaining("codec")]);
    expect(blocks("opensearch")[0]).toContain('document_id => "%{[cloudwatch_logs][event_id]}"');
  });

  test.each([
    ['{"level":"info"}', true],
    ['  {"level":"info"}\n', true],
    ['[{"level":"info"},{"level":"warn"}]', false],
    [' [{"level":"info"}]', false],
    ["[1,2]", false],
    ["2026-11-25T10:00:00Z [info] ready {}", false],
  ])("%j is read as JSON: %s", (line, read) => {
    expect(messagePatterns[0]?.test(line)).toBe(read);
  });

  test("a line that looks like an object and is none keeps its message", () => {
    expect(pipeline).toMatch(
      /if "_jsonparsefailure" in \[tags\] \{\s*mutate \{\s*rename => \{ "\[@metadata\]\[line\]" => "message" \}/,
    );
  });
});

describe("the image", () => {
  const settings = readFileSync(join(folder, "config/logstash.yml"), "utf8");

  test("writes a refused document into its log: a dead letter queue would keep it on the task's disk, and uncounted", () => {
    expect(settings).toMatch(/^dead_letter_queue\.enable: false$/m);
    expect(settings).toMatch(/^queue\.type: memory$/m);
  });

  test("has one worker, whatever the machine has: two batches are in memory at a time", () => {
    expect(settings).toMatch(/^pipeline\.workers: 1$/m);
  });

  test("has the output whose words the metric filter of refused documents counts", () => {
    expect(dockerfile).toContain("logstash-plugin install --version 1.3.0 logstash-output-opensearch");
  });

  test("answers on the port that the health check asks, to the task itself only", () => {
    expect(settings).toMatch(/^http\.host: "127\.0\.0\.1"$/m);
    expect(settings).not.toMatch(/http\.port/);
  });
});

describe("the input's position is behind what the index has", () => {
  test("so far behind as the pipeline can hold: a batch in its queue, and one that is being written", () => {
    expect(blocks("kinesis_cloudwatch_logs")[0]).toContain('events_in_flight => "${EVENTS_IN_FLIGHT}"');
    for (const stack of synthesizeServing()) {
      const { environment } = stack.container("aws_ecs_task_definition.logstash");
      const value = (name: string) =>
        Number((environment as { name: string; value: string }[]).find((each) => each.name === name)?.value);
      expect(value("PIPELINE_BATCH_SIZE")).toBeGreaterThan(0);
      expect(value("EVENTS_IN_FLIGHT")).toBeGreaterThanOrEqual(2 * value("PIPELINE_BATCH_SIZE"));
    }
  });

  test("a stream without a position is read from its oldest record", () => {
    expect(blocks("kinesis_cloudwatch_logs")[0]).toContain('initial_position_in_stream => "TRIM_HORIZON"');
  });
});

test("the image has the input that it builds upon, and this project's own", () => {
  expect(dockerfile).toContain("logstash-plugin install --version 2.2.2 logstash-input-kinesis ");
  expect(dockerfile).toContain("COPY --chown=logstash:root plugins/ /usr/share/logstash/plugins/");
  expect(readFileSync(join(folder, "config/logstash.yml"), "utf8")).toContain(
    'path.plugins: ["/usr/share/logstash/plugins"]',
  );
});

test("the image is built for the platform that the task asks for", () => {
  expect(dockerfile.match(/^FROM .*$/gm)).toEqual([expect.stringMatching(/^FROM --platform=linux\/amd64 \S+:\d/)]);
  for (const stack of synthesizeServing()) {
    expect(stack.resource("aws_ecs_task_definition.logstash").runtime_platform).toEqual({
      cpu_architecture: "X86_64",
      operating_system_family: "LINUX",
    });
  }
});
