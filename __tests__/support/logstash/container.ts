import { spawnSync } from "node:child_process";
import type { Fields } from "./event";
import type { CloudWatchEvent } from "./golden-events";
import type { Indexed } from "./pipeline";

/**
 * The pipeline's filters between an input that reads events from standard input and an output that writes documents to standard
 * output, with what the real output would send them to in `probe`.
 */
export function probeConfiguration(pipeline: string): string {
  const filters = /^filter \{\n[\s\S]*?^\}\n/m.exec(pipeline)?.[0];
  const [, index] = /^ *index => "(.*)"$/m.exec(pipeline) ?? [];
  const [, id] = /^ *document_id => "(.*)"$/m.exec(pipeline) ?? [];
  if (filters === undefined || index === undefined || id === undefined) {
    throw new Error("the pipeline has no filter section, or its output no index and document_id");
  }
  return `input { stdin { codec => json_lines } }
${filters}
filter { mutate { add_field => { "[probe][index]" => "${index}" "[probe][id]" => "${id}" } } }
output { stdout { codec => json_lines } }
`;
}

/** What the input makes of a CloudWatch event, as a line of JSON. */
export function probeLine({ id, timestamp, message, logGroup, logStream }: CloudWatchEvent): string {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  return JSON.stringify({
    "@timestamp": time(timestamp),
    message,
    cloudwatch_logs: {
      event_id: id,
      ingestion_time: time(timestamp + 1500),
      log_group: logGroup,
      log_stream: logStream,
    },
  });
}

/** Documents by their ids, of what the probe wrote. Lines that are none are Logstash's own log. */
export function readProbe(output: string): ReadonlyMap<string, Indexed> {
  const documents = output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => {
      // The input for standard input adds the host.
      const { probe, host: _, ...document } = JSON.parse(line) as Fields;
      const { index, id } = probe as { readonly index: string; readonly id: string };
      return [id, { index, id, document }] as const;
    });
  return new Map(documents);
}

/**
 * Runs events, each of another id, through the filters in a container of this image.
 *
 * @throws Error where Docker or Logstash fails; with what it wrote
 */
export function runInContainer(
  image: string,
  pipeline: string,
  events: readonly CloudWatchEvent[],
): ReadonlyMap<string, Indexed> {
  const { status, stdout, stderr, error } = spawnSync(
    "docker",
    ["run", "--rm", "--interactive", image, "--pipeline.workers", "1", "--config.string", probeConfiguration(pipeline)],
    {
      input: events.map((event) => `${probeLine(event)}\n`).join(""),
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      timeout: 300_000,
    },
  );
  if (status !== 0) {
    throw new Error(`Logstash ended with ${status ?? error?.message}:\n${stdout}\n${stderr}`);
  }
  return readProbe(stdout);
}
