import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Fields, LogstashEvent, Timestamp, type Value } from "./event";
import type { Mapping } from "./mapping";

const root = resolve(__dirname, "../../..");
const folder = join(root, "__tests__/fixtures/golden-events");

export const pipelineText = readFileSync(join(root, "logstash/pipeline/logstash.conf"), "utf8");
export const template = JSON.parse(readFileSync(join(root, "logstash/templates/skymanuals-template.json"), "utf8")) as {
  readonly index_patterns: readonly string[];
  readonly mappings: Mapping;
};

/** A line of the API's log and the document that comes of it. */
export interface GoldenEvent {
  readonly name: string;
  readonly event: CloudWatchEvent;
  /** Name of the index. */
  readonly index: string;
  /** Without what the input says of every event: `@version` and `cloudwatch_logs`. */
  readonly document: Fields;
}

/** A log event as CloudWatch has it. */
export interface CloudWatchEvent {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
  readonly logGroup: string;
  readonly logStream: string;
}

/**
 * `__tests__/fixtures/golden-events/<name>.json`: `line` as the API logs it (an object stands for its JSON), `document`, and `index`
 * where the line's own time puts it into another day's than that on which CloudWatch received it.
 */
export function goldenEvents(): GoldenEvent[] {
  return readdirSync(folder)
    .sort()
    .map((file, number) => {
      const { line, document, index } = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
        readonly line: Value;
        readonly document: Fields;
        readonly index?: string;
      };
      return {
        name: basename(file, ".json"),
        event: received(typeof line === "string" ? line : JSON.stringify(line), idOf(number)),
        index: index ?? "skymanuals-logs-2026.11.25",
        document,
      };
    });
}

/** An id as CloudWatch makes them: 56 digits. */
function idOf(number: number): string {
  return `386207${String(number).padStart(50, "0")}`;
}

/** A line that CloudWatch received at half past ten on 25 November 2026. */
export function received(message: string, id = idOf(99)): CloudWatchEvent {
  return {
    id,
    timestamp: Date.UTC(2026, 10, 25, 10, 30, 0, 250),
    message,
    logGroup: "/ecs/skymanuals-api",
    logStream: "ecs/api/0123456789abcdef",
  };
}

/** What the pipeline's input makes of a CloudWatch event: logstash-input-cloudwatch_logs 1.0.3, process_log. */
export function asInput({ id, timestamp, message, logGroup, logStream }: CloudWatchEvent): LogstashEvent {
  const source = {
    ingestion_time: new Timestamp(timestamp + 1500),
    log_group: logGroup,
    log_stream: logStream,
    event_id: id,
  };
  return new LogstashEvent({ message, cloudwatch_logs: source }, new Timestamp(timestamp));
}

/** The fields that the input gives every event. */
export function withoutInput({ "@version": _, cloudwatch_logs: __, ...document }: Fields): Fields {
  return document;
}
