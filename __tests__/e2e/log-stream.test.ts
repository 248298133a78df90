import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { development } from "../../environments/development";
import { logStreamName } from "../../facts/log-stream";
import { logstashEventsInFlight } from "../../facts/logstash";
import { logstashName } from "../../facts/names";
import { type Body, Refusal } from "../../functions/bootstrap-elasticsearch/domain";
import { TestDomain } from "../functions/support/domain";
import { type Fields, LogstashEvent, Timestamp } from "../support/logstash/event";
import { goldenEvents, pipelineText, template } from "../support/logstash/golden-events";
import { Pipeline } from "../support/logstash/pipeline";
import { LocalRun } from "./support/local-run";
import { synthesizeLogStream } from "./support/log-stream-stack";
import { LogstashInput, type ShardProcessor, type StreamRecord } from "./support/logstash-input";
import { StackFolder } from "./support/stack-folder";
import { story } from "./support/story";

const local = new LocalRun("log stream");
const outdir = join(local.folder("synth"), "cdktf.out");
const { prefix } = development.names;
const stream = logStreamName(prefix);
const table = logstashName(prefix);
const groups = [`/ecs/${prefix}-api`, `/ecs/${prefix}`] as const;

/** A large one, so that much is under way when a task dies. */
const batchSize = 500;
const eventsInFlight = logstashEventsInFlight(batchSize);

let input: LogstashInput;

const stack = new StackFolder(local, outdir, "log-stream");
const logs = <T>(operation: string, members: object) =>
  local.emulator.call<T>("logs", `Logs_20140328.${operation}`, members);
/** Again where the connection broke: Ruby stops this process for seconds, in which the other side may close it. */
const again = <T>(call: () => Promise<T>): Promise<T> =>
  call().catch((error: unknown) => {
    if (error instanceof TypeError) {
      return call();
    }
    throw error;
  });
const kinesis = <T>(operation: string, members: object) =>
  again(() => local.emulator.call<T>("kinesis", `Kinesis_20131202.${operation}`, { StreamName: stream, ...members }));
const dynamodb = <T>(operation: string, members: object) =>
  again(() => local.emulator.call<T>("dynamodb", `DynamoDB_20120810.${operation}`, { TableName: table, ...members }));

interface Document {
  readonly message: string;
  readonly "@timestamp": string;
}

/** Where a task writes, each document with the id of its event. */
interface Target {
  write(entries: readonly (readonly [string, Document])[]): Promise<void>;
}

/** The domain's _bulk: an index action with an id creates a document or takes the place of the one that has the id. */
class RecordingDomain implements Target {
  readonly documents = new Map<string, Document>();
  writes = 0;
  /** Requests that it answers with 503 from now on. */
  refusals = 0;
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (this.refusals > 0) {
        this.refusals -= 1;
        response.writeHead(503).end("{}");
        return;
      }
      const lines = Buffer.concat(chunks).toString().trimEnd().split("\n");
      for (let line = 0; line < lines.length; line += 2) {
        const { index } = JSON.parse(lines[line] as string) as { index: { _id: string } };
        this.documents.set(index._id, JSON.parse(lines[line + 1] as string) as Document);
        this.writes += 1;
      }
      response.writeHead(200, { "content-type": "application/json" }).end('{"errors":false}');
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** As the output does: until the domain takes it. */
  async write(entries: readonly (readonly [string, Document])[]): Promise<void> {
    const body = entries
      .map(([_id, document]) => `${JSON.stringify({ index: { _index: "logs", _id } })}\n${JSON.stringify(document)}\n`)
      .join("");
    const url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/_bulk`;
    for (let attempt = 0; attempt < 50; attempt += 1) {
      if ((await again(() => fetch(url, { method: "POST", body }))).ok) {
        return;
      }
    }
    throw new Error("the domain took nothing in 50 attempts");
  }
}

/** The emulator's domain behind the filters of the pipeline, under the index template. */
class FilteredDomain implements Target {
  /** Answers of _bulk for the documents, in the order in which they were written. */
  readonly results: string[] = [];

  private constructor(
    private readonly pipeline: Pipeline,
    private readonly domain: TestDomain,
  ) {}

  static async start(): Promise<FilteredDomain> {
    const started = new FilteredDomain(await Pipeline.load(pipelineText), await TestDomain.start(""));
    await started.send("PUT", "/_template/skymanuals-logs", template);
    return started;
  }

  async write(entries: readonly (readonly [string, Document])[]): Promise<void> {
    const lines = entries.flatMap(([, { "@timestamp": time, ...fields }]) => {
      const event = new LogstashEvent(fields as Fields, new Timestamp(Date.parse(time)));
      const { index, id, document } = this.pipeline.run(event);
      return [{ index: { _index: index, _id: id } }, document];
    });
    const body = {
      contentType: "application/x-ndjson",
      text: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    };
    const { items } = await this.send<{ items: { index: { result?: string; error?: unknown } }[] }>(
      "POST",
      "/_bulk",
      body,
    );
    this.results.push(...items.map(({ index: { result, error } }) => result ?? JSON.stringify(error)));
  }

  /**
   * Sends a request to the domain.
   *
   * @throws Refusal where the answer is not 200
   */
  async send<T>(method: string, path: string, body?: object | Body): Promise<T> {
    const answer = await this.domain.domain.send(method, path, body);
    if (answer.status !== 200) {
      throw new Refusal(method, path, answer);
    }
    return answer.body as T;
  }

  stop(): Promise<void> {
    return this.domain.stop();
  }
}

/**
 * A task of Logstash between its start and its end. As the Kinesis Client Library does, it goes on in each shard behind the position
 * that DynamoDB has, or from the oldest record. Its pipeline always holds as much as it can: a batch in the queue, and one that is
 * being written.
 */
class Task {
  private readonly shards = new Map<string, { processor: ShardProcessor; iterator: string }>();
  private held: (readonly [string, Document])[] = [];

  constructor(
    private readonly domain: Target,
    /** `read` is what logstash-input-kinesis keeps by itself: the last record that it has read. */
    private readonly keeps: "written" | "read" = "written",
  ) {}

  /** Reads what the stream has, `limit` records at a time, at most so often for each shard. */
  async read(limit: number, times = Number.POSITIVE_INFINITY): Promise<void> {
    const { Shards } = await kinesis<{ Shards: { ShardId: string }[] }>("ListShards", {});
    for (const { ShardId } of Shards) {
      const shard = this.shards.get(ShardId) ?? {
        processor: input.shard(eventsInFlight),
        iterator: await this.iterator(ShardId),
      };
      this.shards.set(ShardId, shard);
      for (let round = 0; round < times; round += 1) {
        const { Records, NextShardIterator } = await kinesis<{ Records: StreamRecord[]; NextShardIterator: string }>(
          "GetRecords",
          { ShardIterator: shard.iterator, Limit: limit },
        );
        shard.iterator = NextShardIterator;
        if (Records.length === 0) {
          break;
        }
        const { events, checkpoint, error } = shard.processor.process(Records);
        expect(error).toBeNull();
        this.held.push(...events.map((event) => [event.cloudwatch_logs.event_id, event] as const));
        await this.write(2 * batchSize);
        const position = this.keeps === "read" ? (Records.at(-1)?.SequenceNumber ?? null) : checkpoint;
        if (position !== null) {
          await this.keep(ShardId, position);
        }
      }
    }
  }

  /** SIGTERM: the pipeline is drained, and no position is kept (KCL's shutdown reason is ZOMBIE). */
  async stop(): Promise<void> {
    await this.write(0);
  }

  /** The task is gone, with what its pipeline holds. */
  die(): number {
    const lost = this.held.length;
    this.held = [];
    return lost;
  }

  /** Writes the oldest events first, until so many are left. */
  private async write(left: number): Promise<void> {
    while (this.held.length > left) {
      await this.domain.write(this.held.splice(0, Math.min(batchSize, this.held.length - left)));
    }
  }

  private async iterator(ShardId: string): Promise<string> {
    const { Item } = await dynamodb<{ Item?: { checkpoint: { S: string } } }>("GetItem", {
      Key: { leaseKey: { S: ShardId } },
    });
    const from = Item
      ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: Item.checkpoint.S }
      : { ShardIteratorType: "TRIM_HORIZON" };
    return (await kinesis<{ ShardIterator: string }>("GetShardIterator", { ShardId, ...from })).ShardIterator;
  }

  private async keep(shardId: string, position: string): Promise<void> {
    await dynamodb("PutItem", { Item: { leaseKey: { S: shardId }, checkpoint: { S: position } } });
  }
}

/** Messages that CloudWatch Logs accepted. Each is unlike all others. */
const accepted: string[] = [];

async function put(
  group: string,
  logStream: string,
  count: number,
  timestamp: (index: number) => number,
): Promise<void> {
  const size = 500;
  for (let first = 0; first < count; first += size) {
    const logEvents = Array.from({ length: Math.min(size, count - first) }, (_, offset) => ({
      timestamp: timestamp(first + offset),
      message: `${group} ${logStream} ${accepted.length + offset} é`,
    }));
    await logs("PutLogEvents", { logGroupName: group, logStreamName: logStream, logEvents });
    accepted.push(...logEvents.map(({ message }) => message));
  }
}

const messages = (domain: RecordingDomain) => [...domain.documents.values()].map(({ message }) => message).sort();
const forgetPositions = async () => {
  const { Items } = await dynamodb<{ Items: { leaseKey: { S: string } }[] }>("Scan", {});
  for (const { leaseKey } of Items) {
    await dynamodb("DeleteItem", { Key: { leaseKey } });
  }
};

const domain = new RecordingDomain();

story(
  "from PutLogEvents to the domain's _bulk",
  (step) => {
    const now = Date.now();
    const hour = 3_600_000;

    step("the groups, their stream and the table are applied, and planned to nothing", async () => {
      await Promise.all([local.startEmulator("development"), domain.start()]);
      input = await LogstashInput.load();
      synthesizeLogStream(outdir, 2);
      await stack.init();
      await stack.apply();
      await stack.expectEmptyPlan();
      for (const [group, ...names] of [
        [groups[0], "api/1", "api/2"],
        [groups[1], "exec/1"],
      ] as const) {
        for (const logStreamName of names) {
          await logs("CreateLogStream", { logGroupName: group, logStreamName });
        }
      }
    });

    step("CloudWatch's test records are no events", async () => {
      const task = new Task(domain);
      await task.read(10);
      await task.stop();
      expect(domain.documents.size).toBe(0);
    });

    step("two writers, equal milliseconds and late events, read while they are written", async () => {
      const task = new Task(domain);
      await Promise.all([put(groups[0], "api/1", 300, () => now), put(groups[0], "api/2", 300, () => now)]);
      await task.read(1, 1);
      // Older than what has been read, and in its millisecond.
      await put(groups[0], "api/2", 20, () => now - hour);
      await put(groups[0], "api/1", 20, () => now);
      await put(groups[1], "exec/1", 20, (index) => now - 20 + index);
      await task.read(100);
      await task.stop();
      expect(messages(domain)).toEqual([...accepted].sort());
      expect([...domain.documents.values()].find(({ message }) => message === accepted[0])).toMatchObject({
        "@timestamp": new Date(now).toISOString(),
        cloudwatch_logs: { log_group: groups[0], log_stream: expect.stringMatching(/^api\/[12]$/) },
      });
    });

    step("a document's id is that by which the documented input would index the event", async () => {
      const { events } = await logs<{ events: { eventId: string; message: string }[] }>("FilterLogEvents", {
        logGroupName: groups[1],
      });
      expect(events).toHaveLength(20);
      for (const { eventId, message } of events) {
        expect(domain.documents.get(eventId)?.message).toBe(message);
      }
    });

    step("a day of backlog, which four tasks begin and the fifth ends: nothing lost, nothing twice", async () => {
      await put(groups[0], "api/1", 20_000, (index) => now - 24 * hour + index * 4_000);
      await put(groups[0], "api/2", 20_000, (index) => now - 24 * hour + index * 4_000);
      domain.refusals = 30;
      let lost = 0;
      for (const rounds of [1, 3, 4, 2]) {
        const task = new Task(domain);
        await task.read(5, rounds);
        lost += task.die();
      }
      // What each held when it died.
      expect(lost).toBe(4 * 2 * batchSize);
      const last = new Task(domain);
      await last.read(5);
      await last.stop();
      expect(domain.documents.size).toBe(accepted.length);
      expect(messages(domain)).toEqual([...accepted].sort());
      // Read again were the events behind the positions, and not the whole stream four times.
      expect(domain.writes).toBeLessThan(accepted.length + 5 * 2 * (eventsInFlight + 500));
    });

    step("a position of what was read, which logstash-input-kinesis keeps, loses what the pipeline held", async () => {
      await forgetPositions();
      const other = new RecordingDomain();
      await other.start();
      try {
        const dying = new Task(other, "read");
        await dying.read(5, 3);
        const lost = dying.die();
        const last = new Task(other, "read");
        await last.read(20);
        await last.stop();
        expect(accepted.length - other.documents.size).toBe(lost);
        expect(lost).toBe(2 * batchSize);
      } finally {
        other.stop();
      }
    });

    step(
      "the golden events go through the filters into the domain's _bulk, read twice, and are there once",
      async () => {
        const filtered = await FilteredDomain.start();
        try {
          const lines = goldenEvents().map(({ event }) => event.message);
          const logEvents = lines.map((message) => ({ timestamp: now, message }));
          await logs("PutLogEvents", { logGroupName: groups[0], logStreamName: "api/1", logEvents });
          const entries: (readonly [string, Document])[] = [];
          const write = async (batch: typeof entries) => {
            entries.push(...batch);
            await filtered.write(batch);
          };
          const task = new Task({ write });
          await task.read(100);
          await task.stop();
          expect(entries.map(([, { message }]) => message)).toEqual(lines);
          expect(filtered.results).toEqual(lines.map(() => "created"));
          await filtered.write(entries);
          expect(filtered.results.slice(lines.length)).toEqual(lines.map(() => "updated"));
          expect(await filtered.send("GET", "/skymanuals-logs-*/_count")).toMatchObject({ count: lines.length });
        } finally {
          await filtered.stop();
        }
      },
    );

    step("a record that is none of CloudWatch's becomes a document that says so", async () => {
      const shard = input.shard(1);
      const { events, checkpoint } = shard.process([{ SequenceNumber: "1", Data: "bm9uc2Vuc2U=" }]);
      expect(events).toEqual([
        expect.objectContaining({
          message: expect.stringMatching(/^Record 1 of the log stream is no record of CloudWatch Logs: .+/),
          cloudwatch_logs: { event_id: "unreadable-1" },
          tags: ["_unreadable_record"],
        }),
      ]);
      expect(checkpoint).toBeNull();
    });

    step("after a record that was not handed over nothing is read, and no position is kept", async () => {
      const shard = input.shard(1);
      expect(shard.process([record("1", "a"), record("2", "b")]).checkpoint).toBe("1");
      expect(shard.process([record("3", "c", "d")], 1)).toMatchObject({
        checkpoint: null,
        error: "the pipeline is closed",
      });
      expect(shard.process([record("4", "e"), record("5", "f")])).toEqual({
        events: [],
        checkpoint: null,
        error: expect.stringContaining("are not read"),
      });
      expect(shard.shutdown("TERMINATE")).toMatchObject({ checkpoint: null, error: expect.anything() });
    });

    step("a shard that ends has its position at its end, a task that ends keeps none", async () => {
      const shard = input.shard(1000);
      shard.process([record("1", "a")]);
      expect(shard.shutdown("ZOMBIE").checkpoint).toBeNull();
      expect(shard.shutdown("TERMINATE").checkpoint).toBe("end");
    });

    step("another number of shards is a change in place, and destroying leaves nothing", async () => {
      synthesizeLogStream(outdir, 4);
      await stack.apply();
      await stack.expectEmptyPlan();
      await stack.destroy();
      expect(await local.emulator.inventory()).toEqual([]);
    });
  },
  async () => {
    domain.stop();
    await local.remove();
  },
);

function record(SequenceNumber: string, ...texts: string[]): StreamRecord {
  const envelope = {
    messageType: "DATA_MESSAGE",
    logGroup: "g",
    logStream: "s",
    logEvents: texts.map((message) => ({ id: message, timestamp: 0, message })),
  };
  return { SequenceNumber, Data: gzipSync(JSON.stringify(envelope)).toString("base64") };
}
