import {
  type CustodyRecord,
  canonicalJson,
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
  /** The numbers of records greater than `sequence`, ascending, at most `limit` of the 1000 that S3 lists at once. */
  sequencesAfter(sequence: number, limit: number): Promise<number[]>;
}

/** The position at which a version may be recorded at the earliest, written before the record. */
interface Claim {
  readonly object: ObjectVersion;
  /** The chain's last number when the claim was made. */
  readonly after: number;
}

const page = 1000;
/** Records that are read at once. */
const readers = 16;

/** Appends to the chain. It keeps the head that it last saw, which is only a hint. */
export class Chain {
  private head: CustodyRecord | undefined;

  constructor(private readonly store: ChainStore) {}

  /**
   * Records the version, once: a second call with the same version, at the same time or years later, returns the record of
   * the first. However many append at once, there is one record for each number.
   *
   * The record's key is its number, and S3 creates it only where it is free: of two that append after the same head one
   * is refused, reads the other's record and tries the next number. The claim, likewise created once, names the chain's end
   * before any record of the version was written. Whoever holds it reads all records behind that end, and appends
   * only after the last of them; so whoever comes second has read the first one's record. A call that died between the two writes
   * leaves a claim, from which the next one goes on.
   */
  async append(facts: Facts): Promise<CustodyRecord> {
    const claim = await this.claim(facts.object);
    const id = claimKey(facts.object);
    let last = claim.after === 0 ? undefined : await this.record(claim.after);
    for (;;) {
      const end = await this.findEnd(last?.sequence ?? 0);
      for await (const record of this.records((last?.sequence ?? 0) + 1, end)) {
        if (claimKey(record.object) === id) {
          return record;
        }
        last = record;
      }
      const record = nextRecord(last, facts);
      if (await this.store.create(recordKey(record.sequence), canonicalJson(record))) {
        this.remember(record);
        return record;
      }
    }
  }

  private async claim(object: ObjectVersion): Promise<Claim> {
    const key = claimKey(object);
    for (;;) {
      const existing = await this.store.read(key);
      if (existing !== undefined) {
        return JSON.parse(existing) as Claim;
      }
      const claim: Claim = { object, after: await this.findEnd(this.head?.sequence ?? 0) };
      if (await this.store.create(key, canonicalJson(claim))) {
        return claim;
      }
    }
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
