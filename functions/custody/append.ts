import { setTimeout as sleep } from "node:timers/promises";
import {
  type CustodyRecord,
  canonicalJson,
  claimBookmarkKey,
  claimBookmarks,
  claimKey,
  type Facts,
  nextRecord,
  type ObjectVersion,
  parseRecord,
  recordKey,
} from "./chain";

/** The audit bucket, as far as the chain needs it. Whoever reads after a write sees it: S3 is strongly consistent. */
export interface ChainStore {
  /** The content under a key; undefined where there is none. */
  read(key: string): Promise<string | undefined>;
  /** Writes under a key that is free; false where it is not, or where another writer is at it. */
  create(key: string, content: string): Promise<boolean>;
  /** Keys that begin with this, at most 1000. */
  keys(prefix: string): Promise<string[]>;
  /** The numbers of records greater than `sequence`, ascending, at most `limit` of the 1000 that S3 lists at once. */
  sequencesAfter(sequence: number, limit: number): Promise<number[]>;
}

/** The chain's end before any record of a version was written. */
interface Claim {
  readonly object: ObjectVersion;
  readonly after: number;
}

const page = 1000;
/** Records that are read at once. */
const readers = 16;
/** Records that one call looks through for one version: 10 to 20 seconds of the function's 60, at 30 ms a read. */
const lookThrough = 8000;
/** Records after which a bookmark is kept. */
const bookmarkEvery = 2000;
/** Milliseconds. */
const firstPause = 25;
const longestPause = 1000;

/** What became of versions, by the keys of their claims. */
export interface Outcome {
  readonly records: ReadonlyMap<string, CustodyRecord>;
  readonly errors: ReadonlyMap<string, unknown>;
}

/** Appends to the chain. It keeps the head that it last saw, which is only a hint. */
export class Chain {
  private head: CustodyRecord | undefined;

  constructor(private readonly store: ChainStore) {}

  /**
   * Records versions, each once: a second call with the same version, at the same time or years later, gives the record of
   * the first. However many append at once, there is one record for each number. What fails for one version fails for it alone,
   * unless the bucket fails.
   *
   * The record's key is its number, and S3 creates it only where it is free: of two that append after the same head one
   * is refused, waits a moment, reads the other's records and tries the next number. The claim, likewise created once, names the
   * chain's end before any record of the version was written. Whoever holds it reads all records behind that end, and appends
   * only after the last of them; so whoever comes second has read the first one's record. A call that died between the two writes
   * leaves a claim, from which the next one goes on.
   *
   * The end is listed once for all of them: who has written a number knows that the next one is the first that may be free.
   */
  async append(batch: readonly Facts[]): Promise<Outcome> {
    const records = new Map<string, CustodyRecord>();
    const errors = new Map<string, unknown>();
    const pending = new Map(batch.map((facts) => [claimKey(facts.object), facts]));
    const fail = (id: string, error: unknown) => {
      errors.set(id, error);
      pending.delete(id);
    };
    try {
      const end = await this.findEnd(this.head?.sequence ?? 0);
      const search = async (id: string, { object }: Facts) => {
        const record = await this.find(object, await this.claim(object, end), end);
        if (record) {
          records.set(id, record);
        }
        if (record) {
          pending.delete(id);
        }
      };
      await Promise.all([...pending].map(([id, facts]) => search(id, facts).catch((error) => fail(id, error))));
      for await (const record of this.write(pending, end)) {
        records.set(claimKey(record.object), record);
      }
    } catch (error) {
      for (const id of [...pending.keys()]) {
        fail(id, error);
      }
    }
    return { records, errors };
  }

  /** Records what is pending, and takes it out; up to `end` none of it is recorded. */
  private async *write(pending: Map<string, Facts>, end: number): AsyncGenerator<CustodyRecord> {
    if (pending.size === 0) {
      return;
    }
    let last = end === 0 ? undefined : await this.record(end);
    let refusals = 0;
    for (let next = first(pending); next !== undefined; next = first(pending)) {
      const record = nextRecord(last, next);
      if (await this.store.create(recordKey(record.sequence), canonicalJson(record))) {
        this.remember(record);
        pending.delete(claimKey(next.object));
        last = record;
        refusals = 0;
        yield record;
        continue;
      }
      // Anywhere in a time that doubles, so that those who were refused together do not come again together.
      await sleep(Math.random() * Math.min(longestPause, firstPause * 2 ** refusals++));
      const from = last?.sequence ?? 0;
      for await (const other of this.records(from + 1, await this.findEnd(from))) {
        last = other;
        if (pending.delete(claimKey(other.object))) {
          yield other;
        }
      }
    }
  }

  /** The chain's end before any record of the version was written: `end`, unless somebody has claimed it before. */
  private async claim(object: ObjectVersion, end: number): Promise<number> {
    const key = claimKey(object);
    for (;;) {
      const claim: Claim = { object, after: end };
      if (await this.store.create(key, canonicalJson(claim))) {
        return end;
      }
      const existing = await this.store.read(key);
      if (existing !== undefined) {
        return (JSON.parse(existing) as Claim).after;
      }
    }
  }

  /**
   * The version's record, if it is behind its claim and not behind `end`. As a claim may be old, and its record missing, whoever
   * looks keeps bookmarks of how far there is none; the next call goes on from the last. Records do not change, so that it
   * stays true.
   * @throws Error where more records are to be looked through than one call may
   */
  private async find(object: ObjectVersion, after: number, end: number): Promise<CustodyRecord | undefined> {
    if (after >= end) {
      return undefined;
    }
    const id = claimKey(object);
    const keys = end - after > bookmarkEvery ? await this.store.keys(claimBookmarks(object)) : [];
    const start = Math.max(
      after,
      ...keys.map((key) => Number(key.slice(claimBookmarks(object).length, -".json".length))),
    );
    const stop = Math.min(end, start + lookThrough);
    for await (const record of this.records(start + 1, stop)) {
      if (claimKey(record.object) === id) {
        return record;
      }
      const { sequence } = record;
      if ((sequence - start) % bookmarkEvery === 0) {
        await this.store.create(claimBookmarkKey(object, sequence), canonicalJson({ object, after: sequence }));
      }
    }
    if (stop < end) {
      throw new Error(`${id} is no record up to ${stop} of ${end}: the next attempt goes on from there`);
    }
    return undefined;
  }

  /**
   * The greatest number, not below `from`. Asked of the list, whether anything follows a number: the answer is
   * monotonic even if a record in between were missing, which a search for single keys would fill. One request as long as fewer
   * than a page follow `from`, else two for each doubling.
   */
  private async findEnd(from: number): Promise<number> {
    const following = await this.store.sequencesAfter(from, page);
    if (following.length < page) {
      return following.at(-1) ?? from;
    }
    const next = async (sequence: number) => (await this.store.sequencesAfter(sequence, 1))[0];
    let low = following.at(-1) ?? from;
    let step = page;
    let found = await next(low + step);
    while (found !== undefined) {
      low = found;
      step *= 2;
      found = await next(low + step);
    }
    // Nothing follows low + step.
    let high = low + step;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const after = await next(middle);
      if (after === undefined) {
        high = middle;
      } else {
        low = after;
      }
    }
    return low;
  }

  private async *records(first: number, last: number): AsyncGenerator<CustodyRecord> {
    for (let start = first; start <= last; start += readers) {
      const count = Math.min(readers, last - start + 1);
      yield* await Promise.all(Array.from({ length: count }, (_, index) => this.record(start + index)));
    }
  }

  private async record(sequence: number): Promise<CustodyRecord> {
    if (this.head?.sequence === sequence) {
      return this.head;
    }
    const text = await this.store.read(recordKey(sequence));
    if (text === undefined) {
      throw new Error(`${recordKey(sequence)} is missing: the chain of custody is broken`);
    }
    const record = parseRecord(text);
    this.remember(record);
    return record;
  }

  private remember(record: CustodyRecord): void {
    if (record.sequence > (this.head?.sequence ?? 0)) {
      this.head = record;
    }
  }
}

function first<T>(items: ReadonlyMap<string, T>): T | undefined {
  return items.values().next().value;
}
