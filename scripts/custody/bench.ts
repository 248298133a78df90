import { setTimeout as sleep } from "node:timers/promises";
import { recordPrefix } from "../../facts/custody-keys";
import { Chain, type ChainStore } from "../../functions/custody/append";
import { canonicalJson, claimKey, type Facts, sequenceOf } from "../../functions/custody/chain";

/**
 * How fast functions append to one chain, and what their requests cost: `node --require tsx/cjs scripts/custody/bench.ts`.
 * The store is in memory and answers as late as S3 does; the chunks themselves are not read.
 */

/** Milliseconds until S3 answers, of which each request takes between half and one and a half. */
const latency = { get: 20, list: 40, put: 40 };
/** USD a thousand requests in us-east-1 (Amazon S3 pricing, S3 Standard, November 2026). */
const price = { get: 0.0004, list: 0.005, put: 0.005 };

class SlowStore implements ChainStore {
  private readonly objects = new Map<string, string>();
  readonly requests = { get: 0, list: 0, put: 0 };
  refused = 0;

  async read(key: string): Promise<string | undefined> {
    await this.answer("get");
    return this.objects.get(key);
  }

  async create(key: string, content: string): Promise<boolean> {
    await this.answer("put");
    const free = !this.objects.has(key);
    if (free) {
      this.objects.set(key, content);
    } else {
      this.refused++;
    }
    return free;
  }

  async keys(prefix: string): Promise<string[]> {
    await this.answer("list");
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix));
  }

  async sequencesAfter(sequence: number, limit: number): Promise<number[]> {
    await this.answer("list");
    const all = [...this.objects.keys()]
      .filter((key) => key.startsWith(recordPrefix))
      .map((key) => sequenceOf(key) ?? 0);
    return all
      .filter((number) => number > sequence)
      .sort((a, b) => a - b)
      .slice(0, limit);
  }

  private async answer(kind: keyof typeof latency): Promise<void> {
    this.requests[kind]++;
    await sleep(latency[kind] * (0.5 + Math.random()));
  }
}

function facts(key: string): Facts {
  return {
    object: { bucket: "chunks", key, versionId: "v" },
    verdict: "accepted",
    problems: [],
    size: 0,
    contentType: "text/plain",
    sha256: null,
    uploader: "AWS:BENCH",
    eventTime: new Date().toISOString(),
    recordedAt: new Date().toISOString(),
  };
}

async function run(appenders: number, batches: number, batchSize: number): Promise<string> {
  const store = new SlowStore();
  const started = Date.now();
  await Promise.all(
    Array.from({ length: appenders }, async (_, appender) => {
      const chain = new Chain(store);
      for (let batch = 0; batch < batches; batch++) {
        const list = Array.from({ length: batchSize }, (_, index) => facts(canonicalJson([appender, batch, index])));
        const { records } = await chain.append(list);
        if (list.some(({ object }) => !records.has(claimKey(object)))) {
          throw new Error("a version has no record");
        }
      }
    }),
  );
  const records = appenders * batches * batchSize;
  const seconds = (Date.now() - started) / 1000;
  const { get, list, put } = store.requests;
  const usd = ((get * price.get + list * price.list + put * price.put) / records) * 1000;
  return [
    `${appenders} at once, ${batchSize} a batch:`.padEnd(24),
    `${(records / seconds).toFixed(1).padStart(6)} records/s`,
    `${((get + list + put) / records).toFixed(1).padStart(6)} requests a record`,
    `${usd.toFixed(1).padStart(6)} USD a million`,
    `${store.refused} refused`,
  ].join("  ");
}

async function main(): Promise<void> {
  for (const appenders of [1, 2, 10]) {
    for (const size of [1, 10]) {
      console.log(await run(appenders, 60 / size, size));
    }
  }
}

void main();
