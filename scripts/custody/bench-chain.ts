import { fork } from "node:child_process";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { recordPrefix } from "../../facts/custody-keys";
import { canonicalJson, type Facts, genesis, recordKey, sequenceOf, sha256 } from "../../functions/custody/chain";
import { readers } from "../../functions/custody/stored-chain";
import { createHandler as createReconciler } from "../../functions/reconcile-custody";
import { createHandler as createVerifier } from "../../functions/verify-custody";

/**
 * What verification and reconciliation of a long chain take: `node --require tsx/cjs scripts/custody/bench-chain.ts [records...]`,
 * by default 10,000, one million and ten million. The functions run as they are, without limits, over a generated chain, whose bucket is
 * in memory and pages its lists as S3 does: requests and processor time are measured. Processor time of the SDK is measured by
 * requests to an HTTP server of this machine. USD follow from prices, and time in AWS from the longest answers that it publishes.
 */

/** USD a thousand requests in us-east-1 (Amazon S3 pricing, S3 Standard, November 2026). */
const price = { get: 0.0004, list: 0.005, put: 0.005 };
/** USD a GB-second of arm64 (AWS Lambda pricing, us-east-1, November 2026). */
const gbSecond = 0.0000133334;
/** GB of both functions, and the processors that come with them: one for each 1769 MiB (AWS Lambda Developer Guide, "Memory"). */
const gigabytes = 2;
const processors = 2048 / 1769;
/** Seconds until S3 answers: 0.1 to 0.2 (Amazon S3 User Guide, "Performance design patterns for Amazon S3"). */
const latency = 0.2;
/** Records that come in a day. */
const newRecords = 20_000;
const page = 1000;
const serverArgument = "serve";

class GeneratedBucket {
  readonly requests = { get: 0, list: 0, put: 0 };
  /** Of each record, 32 bytes. */
  private readonly digests: Buffer;
  private readonly small = new Map<string, Buffer>();
  /** Records that are there. */
  length: number;

  constructor(capacity: number) {
    this.length = capacity;
    this.digests = Buffer.alloc(32 * (capacity + 1));
    for (let sequence = 1; sequence <= capacity; sequence++) {
      this.digests.write(sha256(canonicalJson(this.body(sequence))), 32 * sequence, "hex");
    }
  }

  get client(): S3Client {
    return this as unknown as S3Client;
  }

  text(sequence: number): string {
    return canonicalJson({ ...this.body(sequence), digest: this.digest(sequence) });
  }

  async send(command: object): Promise<unknown> {
    if (command instanceof GetObjectCommand) {
      this.requests.get++;
      const { Key = "" } = command.input;
      const content = this.small.get(Key) ?? Buffer.from(this.text(sequenceOf(Key) ?? 0));
      const transformToString = async () => content.toString();
      return {
        Body: Object.assign(Readable.from([]), { transformToString, transformToByteArray: async () => content }),
      };
    }
    if (command instanceof PutObjectCommand) {
      this.requests.put++;
      this.small.set(command.input.Key ?? "", Buffer.from(command.input.Body as string | Uint8Array));
      return {};
    }
    this.requests.list++;
    if (command instanceof ListObjectsV2Command) {
      const { Prefix = "", StartAfter = "" } = command.input;
      const keys = [...this.small.keys()].filter((key) => key.startsWith(Prefix) && key > StartAfter).sort();
      return { Contents: keys.slice(0, page).map((Key) => ({ Key })) };
    }
    const { Bucket, Prefix, KeyMarker } = (command as ListObjectVersionsCommand).input;
    if (Bucket === "chunks" || Prefix === recordPrefix) {
      return this.pageOf(Bucket === "chunks" ? chunkKey : recordKey, KeyMarker);
    }
    const keys = [...this.small.keys()].filter((key) => key.startsWith(Prefix ?? "") && key > (KeyMarker ?? "")).sort();
    return { Versions: keys.map((Key) => ({ Key, VersionId: "v" })) };
  }

  private pageOf(keyOf: (number: number) => string, KeyMarker = "0") {
    const from = Number(/\d+/.exec(KeyMarker)?.[0]);
    const count = Math.max(0, Math.min(page, this.length - from));
    const LastModified = new Date(0);
    const Versions = Array.from({ length: count }, (_, index) => ({
      Key: keyOf(from + 1 + index),
      VersionId: "v",
      LastModified,
    }));
    return { Versions, NextKeyMarker: from + count < this.length ? Versions.at(-1)?.Key : undefined };
  }

  private digest(sequence: number): string {
    return sequence === 0 ? genesis : this.digests.toString("hex", 32 * sequence, 32 * (sequence + 1));
  }

  private body(sequence: number) {
    const facts: Facts = {
      object: { bucket: "chunks", key: chunkKey(sequence), versionId: "v" },
      verdict: "accepted",
      problems: [],
      size: 48_213,
      contentType: "application/json",
      sha256: genesis,
      uploader: "AWS:AROAEXAMPLEID:session-of-the-api-task",
      eventTime: "2026-01-01T00:00:00.000Z",
      recordedAt: "2026-01-01T00:00:01.000Z",
    };
    return { ...facts, sequence, previous: this.digest(sequence - 1) };
  }
}

function chunkKey(number: number): string {
  return `manuals/${String(number).padStart(12, "0")}.json`;
}

/** Processor seconds that the SDK takes for a small object, connections and their encryption left out. */
async function secondsOfARequest(): Promise<number> {
  // A process of its own, whose time is not counted.
  const server = fork(__filename, [serverArgument]);
  const port = await new Promise<number>((resolve) => server.once("message", resolve));
  const s3 = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    requestHandler: { httpAgent: { maxSockets: readers } },
  });
  const get = async () =>
    (
      await s3.send(new GetObjectCommand({ Bucket: "audit", Key: recordKey(1), VersionId: "v" }))
    ).Body?.transformToString();
  const read = (count: number) =>
    Promise.all(
      Array.from({ length: readers }, async () => {
        for (let request = 0; request < count / readers; request++) {
          await get();
        }
      }),
    );
  await read(2560);
  const count = 10_240;
  const before = process.cpuUsage();
  await read(count);
  const { user, system } = process.cpuUsage(before);
  server.kill();
  return (user + system) / 1e6 / count;
}

function serve(): void {
  const body = Buffer.alloc(700, "x");
  const server = createServer((_, response) => response.end(body));
  // The default, 5 seconds, ends connections of a client that has to wait for a processor.
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as { port: number }).port));
}

interface Measured {
  readonly title: string;
  readonly records: number;
  readonly cpuSeconds: number;
  readonly requests: GeneratedBucket["requests"];
}

async function measure(
  title: string,
  bucket: GeneratedBucket,
  records: number,
  work: () => Promise<unknown>,
): Promise<Measured> {
  Object.assign(bucket.requests, { get: 0, list: 0, put: 0 });
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { title, records, cpuSeconds: (user + system) / 1e6, requests: { ...bucket.requests } };
}

function row(
  { title, records, cpuSeconds, requests: { get, list, put } }: Measured,
  generating: number,
  sdk: number,
): string {
  const own = cpuSeconds - get * generating;
  const processor = (own + (get + list + put) * sdk) / processors;
  // Reads go out many at once, lists one after another.
  const waiting = (get / readers + list + put) * latency;
  const seconds = Math.max(processor, waiting);
  const usd = (get * price.get + list * price.list + put * price.put) / 1000 + seconds * gigabytes * gbSecond;
  const whole = new Intl.NumberFormat("en").format;
  return `| ${title} | ${whole(records)} | ${whole(Math.round(records / own))} | ${whole(get)} GET, ${whole(list)} LIST, ${whole(put)} PUT | ${seconds.toFixed(0)} | ${usd.toFixed(2)} |`;
}

async function run(records: number, sdk: number): Promise<void> {
  const total = records + newRecords;
  const bucket = new GeneratedBucket(total);
  bucket.length = records;
  const sample = Math.min(records, 100_000);
  const before = process.cpuUsage();
  for (let sequence = 1; sequence <= sample; sequence++) {
    bucket.text(sequence);
  }
  const { user } = process.cpuUsage(before);
  const generating = user / 1e6 / sample;

  let now = Date.parse("2026-03-01T01:30:00Z");
  const tell = async () => {
    throw new Error("there is nothing to tell");
  };
  const verifier = createVerifier(bucket.client, "audit", { tell, now: () => now });
  const sqs = { send: async () => ({ Attributes: {} }) } as unknown as SQSClient;
  const reconciler = createReconciler(
    { s3: bucket.client, sqs, tell, now: () => now },
    { chunksBucket: "chunks", auditBucket: "audit", queueUrl: "queue", graceSeconds: 3600 },
  );
  const rows = [await measure("the whole chain", bucket, records, () => verifier())];
  bucket.length = total;
  // Of the older records the share of one day is due.
  now += 1000;
  let read = 0;
  const daily = await measure("one day", bucket, total, async () => {
    const { added, reread } = await verifier();
    read = [added, reread].reduce((sum, range) => sum + (range ? (range.last ?? 0) - range.first + 1 : 0), 0);
  });
  rows.push({ ...daily, records: read });
  rows.push(
    await measure("reconciliation", bucket, total, async () => {
      const report = await reconciler();
      if (report?.listed !== total || report.missing !== 0) {
        throw new Error(`${report?.missing} of ${report?.listed} versions are in no record`);
      }
    }),
  );
  for (const measured of rows) {
    console.log(`| ${new Intl.NumberFormat("en").format(records)} ${row(measured, generating, sdk)}`);
  }
}

async function main(): Promise<void> {
  console.info = () => {};
  const sdk = await secondsOfARequest();
  console.log(`${(sdk * 1e6).toFixed(0)} microseconds of a processor for each request in the SDK\n`);
  console.log("| records | what | records read | records a second | requests | seconds | USD |");
  console.log("|---|---|---|---|---|---|---|");
  const sizes = process.argv.slice(2).map(Number);
  for (const records of sizes.length > 0 ? sizes : [10_000, 1_000_000, 10_000_000]) {
    await run(records, sdk);
  }
}

if (process.argv[2] === serverArgument) {
  serve();
} else {
  void main();
}
