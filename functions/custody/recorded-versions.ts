import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json";
import type { ObjectVersion } from "./chain";

/** 32-bit words of a version's SHA-256 that stand for it: of ten million versions two are taken for one in 10^15 cases. */
const words = 3;
/** Bytes that stand for a version. */
const idBytes = 4 * words;
/** Words of a slot in the table: those of the version, and the number of its record, which is 0 where the slot is free. */
const slotWords = words + 1;

function idOf(object: ObjectVersion): Buffer {
  return createHash("sha256").update(canonicalJson(object)).digest().subarray(0, idBytes);
}

/**
 * Which versions are recorded, and by which record: a hash table with 16 bytes a slot, at most three quarters full. Ten million
 * records take 268 MB; a `Map` would take more than 2 GB, and ends at 16.7 million.
 */
export class RecordedVersions {
  private slots = new Uint32Array(1024 * slotWords);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The number of the record that names the version; undefined where none does. */
  find(object: ObjectVersion): number | undefined {
    return this.slots[this.slotOf(idOf(object), 0) + words] || undefined;
  }

  /** Notes that a record names the version, unless an earlier one does; the number of the one that does. */
  add(object: ObjectVersion, sequence: number): number {
    return this.addId(idOf(object), 0, sequence);
  }

  /**
   * Adds what `index` made of the records from `first` on.
   * @throws Error where it is not a whole number of versions, or one of them has another record
   */
  addIndex(index: Buffer, first: number): void {
    if (index.length % idBytes !== 0) {
      throw new Error(
        `the index from record ${first} on has ${index.length} bytes; a multiple of ${idBytes} is expected`,
      );
    }
    for (let offset = 0, sequence = first; offset < index.length; offset += idBytes, sequence++) {
      const earlier = this.addId(index, offset, sequence);
      if (earlier !== sequence) {
        throw new Error(`the version of record ${sequence} is that of record ${earlier}`);
      }
    }
  }

  /** The versions of consecutive records, each of which was added: in their order, 12 bytes for each. */
  index(first: number, last: number): Buffer {
    const index = Buffer.alloc(idBytes * (last - first + 1));
    const { slots } = this;
    for (let slot = 0; slot < slots.length; slot += slotWords) {
      const sequence = slots[slot + words] as number;
      if (sequence < first || sequence > last) {
        continue;
      }
      for (let word = 0; word < words; word++) {
        index.writeUInt32BE(slots[slot + word] as number, idBytes * (sequence - first) + 4 * word);
      }
    }
    return index;
  }

  private addId(buffer: Buffer, offset: number, sequence: number): number {
    if (4 * (this.count + 1) * slotWords > 3 * this.slots.length) {
      this.grow();
    }
    const slot = this.slotOf(buffer, offset);
    const earlier = this.slots[slot + words];
    if (earlier) {
      return earlier;
    }
    for (let word = 0; word < words; word++) {
      this.slots[slot + word] = buffer.readUInt32BE(offset + 4 * word);
    }
    this.slots[slot + words] = sequence;
    this.count++;
    return sequence;
  }

  /** Where the version's slot begins, or the free one that it may take. */
  private slotOf(buffer: Buffer, offset: number): number {
    const [a, b, c] = [buffer.readUInt32BE(offset), buffer.readUInt32BE(offset + 4), buffer.readUInt32BE(offset + 8)];
    const { slots } = this;
    const last = slots.length - slotWords;
    for (let slot = (a % (slots.length / slotWords)) * slotWords; ; slot = slot === last ? 0 : slot + slotWords) {
      if (slots[slot + words] === 0 || (slots[slot] === a && slots[slot + 1] === b && slots[slot + 2] === c)) {
        return slot;
      }
    }
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(2 * old.length);
    const last = this.slots.length - slotWords;
    for (let from = 0; from < old.length; from += slotWords) {
      if (old[from + words] === 0) {
        continue;
      }
      let slot = ((old[from] as number) % (this.slots.length / slotWords)) * slotWords;
      while (this.slots[slot + words] !== 0) {
        slot = slot === last ? 0 : slot + slotWords;
      }
      this.slots.set(old.subarray(from, from + slotWords), slot);
    }
  }
}
