import fc from "fast-check";
import {
  type BrokenLink,
  type CustodyRecord,
  canonicalJson,
  checkpointKey,
  claimKey,
  digestOf,
  type Facts,
  genesis,
  nextRecord,
  parseRecord,
  recordKey,
  type StoredRecord,
  sequenceOf,
  verify,
} from "../../../functions/custody/chain";

function facts(key: string): Facts {
  return {
    object: { bucket: "chunks", key, versionId: "v1" },
    verdict: "accepted",
    problems: [],
    size: 3,
    contentType: "text/plain",
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    uploader: "AWS:AIDA",
    eventTime: "2026-01-01T00:00:00.000Z",
    recordedAt: "2026-01-01T00:00:01.000Z",
  };
}

function chainOf(keys: readonly string[]): CustodyRecord[] {
  const records: CustodyRecord[] = [];
  for (const key of keys) {
    records.push(nextRecord(records.at(-1), facts(key)));
  }
  return records;
}

function stored(records: readonly CustodyRecord[]): StoredRecord[] {
  return records.map((record) => ({ key: recordKey(record.sequence), text: canonicalJson(record), versions: 1 }));
}

/** A record that someone changed and gave a digest that fits. */
function forged(record: CustodyRecord, change: Partial<CustodyRecord>): CustodyRecord {
  const changed = { ...record, ...change };
  return { ...changed, digest: digestOf(changed) };
}

const chain = chainOf(["a", "b", "c", "d", "e"]);
const at = (sequence: number) => chain[sequence - 1] as CustodyRecord;

async function brokenLink(records: readonly StoredRecord[]): Promise<Partial<BrokenLink>> {
  const { broken, records: good } = await verify(records);
  expect(good).toBe((broken?.sequence ?? Number.NaN) - 1);
  expect(broken?.key).toBe(recordKey(broken?.sequence ?? 0));
  const { sequence, problem, expected, found } = broken as BrokenLink;
  return { sequence, problem, expected, found };
}

describe("a record", () => {
  test("has the digest of its canonical JSON without the digest, which any program can compute", () => {
    expect(canonicalJson(at(1))).toBe(
      `{"contentType":"text/plain","digest":"${at(1).digest}","eventTime":"2026-01-01T00:00:00.000Z","object":{"bucket":"chunks","key":"a","versionId":"v1"},"previous":"${genesis}","problems":[],"recordedAt":"2026-01-01T00:00:01.000Z","sequence":1,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","size":3,"uploader":"AWS:AIDA","verdict":"accepted"}`,
    );
    // By sha256sum of the above without the member `digest`.
    expect(at(1).digest).toBe("66a29199ad78aa714221924c6d961fefc93719b698c25551abc77a666c9979e0");
  });

  test("carries the digest of the one before it", () => {
    expect(chain.map(({ previous }) => previous)).toEqual([genesis, ...chain.slice(0, -1).map(({ digest }) => digest)]);
    expect(chain.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  });

  test("lies under a key that sorts as its number", () => {
    expect(recordKey(1)).toBe("custody/records/000000000001.json");
    expect(checkpointKey(12)).toBe("custody/checkpoints/000000000012.json");
    expect(sequenceOf(recordKey(1_234_567))).toBe(1_234_567);
    expect(sequenceOf("custody/records/1.json")).toBeUndefined();
    expect(recordKey(9) < recordKey(10)).toBe(true);
  });

  test("a claim's key tells versions of one object, and objects of two buckets, apart", () => {
    const object = { bucket: "b", key: "k", versionId: "v" };
    const others = [
      { ...object, bucket: "c" },
      { ...object, key: "l" },
      { ...object, versionId: "w" },
    ];
    expect(new Set([object, ...others].map(claimKey)).size).toBe(4);
    expect(claimKey({ versionId: "v", key: "k", bucket: "b" })).toBe(claimKey(object));
  });

  test.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a member too few", canonicalJson({ ...at(1), digest: undefined })],
    ["a member too many", canonicalJson({ ...at(1), more: 1 })],
    ["an object without a version", canonicalJson({ ...at(1), object: { bucket: "b", key: "k" } })],
  ])("%s is no record", (_, text) => {
    expect(() => parseRecord(text)).toThrow();
  });
});

describe("canonical JSON", () => {
  test("orders members by UTF-16 code units, at every depth, and writes no white space", () => {
    expect(canonicalJson({ b: [{ z: 1, a: "x y" }], "\u20ac": null, a: { "\ud83d\ude00": 1, "\ufb33": 2 } })).toBe(
      '{"a":{"\ud83d\ude00":1,"\ufb33":2},"b":[{"a":"x y","z":1}],"\u20ac":null}',
    );
  });

  test("does not depend on the order in which members were written", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });
});

describe("verification", () => {
  test("a chain holds, and so does an empty one", async () => {
    expect(await verify(stored(chain))).toEqual({ records: 5, head: at(5), broken: undefined });
    expect(await verify([])).toEqual({ records: 0, head: undefined, broken: undefined });
  });

  test("a changed record is named", async () => {
    const records = chain.map((record) => (record.sequence === 3 ? { ...record, size: 4 } : record));
    expect(await brokenLink(stored(records))).toEqual({
      sequence: 3,
      problem: "wrong digest",
      expected: digestOf(records[2] as CustodyRecord),
      found: at(3).digest,
    });
  });

  test("a changed record with a fitting digest breaks the link behind it", async () => {
    const forgery = forged(at(3), { uploader: "AWS:OTHER" });
    const records = chain.map((record) => (record.sequence === 3 ? forgery : record));
    expect(await brokenLink(stored(records))).toEqual({
      sequence: 4,
      problem: "wrong previous digest",
      expected: forgery.digest,
      found: at(3).digest,
    });
  });

  test("a missing record is named", async () => {
    const without = stored(chain).filter((_, index) => index !== 1);
    expect(await brokenLink(without)).toEqual({
      sequence: 2,
      problem: "missing record",
      expected: recordKey(2),
      found: recordKey(3),
    });
  });

  test("a missing record whose followers were moved up is named", async () => {
    const without = chain.filter(({ sequence }) => sequence !== 2);
    const moved = without.map((record, index) => ({ ...record, sequence: index + 1 }));
    expect(await brokenLink(stored(moved))).toMatchObject({ sequence: 2, problem: "wrong digest" });
    const rewritten = moved.map((record) => forged(record, {}));
    expect(await brokenLink(stored(rewritten))).toMatchObject({ sequence: 2, problem: "wrong previous digest" });
  });

  test("two records in each other's place are named", async () => {
    const records = stored(chain);
    const [third, fourth] = [records[2] as StoredRecord, records[3] as StoredRecord];
    const swapped = [...records.slice(0, 2), { ...third, text: fourth.text }, { ...fourth, text: third.text }];
    expect(await brokenLink(swapped)).toEqual({ sequence: 3, problem: "wrong sequence", expected: "3", found: "4" });
  });

  test("a fork is named: two records that follow the same one", async () => {
    const branch = nextRecord(at(3), facts("other"));
    const fork = forged(branch, { sequence: 5 });
    expect(await brokenLink(stored([...chain.slice(0, 4), fork]))).toEqual({
      sequence: 5,
      problem: "wrong previous digest",
      expected: at(4).digest,
      found: at(3).digest,
    });
  });

  test("a record over or behind which another version lies is named", async () => {
    const records = stored(chain).map((record, index) => (index === 1 ? { ...record, versions: 2 } : record));
    expect(await brokenLink(records)).toMatchObject({ sequence: 2, problem: "more than one version", found: "2" });
  });

  test("a chain whose end is cut off is missed only without a checkpoint", async () => {
    const cut = stored(chain.slice(0, 3));
    expect((await verify(cut)).broken).toBeUndefined();
    expect(await verify(cut, [{ sequence: 4, digest: at(4).digest }])).toEqual({
      records: 3,
      head: at(3),
      broken: {
        sequence: 4,
        key: recordKey(4),
        problem: "missing record",
        expected: "the chain reached record 4 when it was verified",
        found: "its last record is 3",
        object: at(3).object,
      },
    });
    expect((await verify([], [{ sequence: 1, digest: at(1).digest }])).broken?.sequence).toBe(1);
  });

  test("a chain that was written anew from the first record differs from a checkpoint", async () => {
    const anew = chainOf(["a", "x", "c", "d", "e"]);
    const { broken } = await verify(stored(anew), [1, 4].map(at));
    expect(broken).toMatchObject({ sequence: 4, problem: "differs from a checkpoint", expected: at(4).digest });
  });

  test("an object that is recorded twice is named", async () => {
    const twice = [...chain.slice(0, 2), nextRecord(at(2), facts("a"))];
    expect(await brokenLink(stored(twice))).toEqual({
      sequence: 3,
      problem: "object recorded twice",
      expected: "once",
      found: "first in record 1",
    });
  });

  test("another form of the same record is named", async () => {
    const pretty = stored(chain).map((record) => ({
      ...record,
      text: JSON.stringify(JSON.parse(record.text), null, 1),
    }));
    expect(await brokenLink(pretty)).toMatchObject({ sequence: 1, problem: "not canonical" });
    const broken = stored(chain).map((record, index) => (index === 4 ? { ...record, text: "{" } : record));
    expect(await brokenLink(broken)).toMatchObject({ sequence: 5, problem: "not a record" });
  });

  test("what a check finds is named", async () => {
    const { broken } = await verify(stored(chain), [], async ({ sequence }) =>
      sequence === 2 ? { expected: "x", found: "y" } : undefined,
    );
    expect(broken).toMatchObject({ sequence: 2, problem: "differs from the object", expected: "x", found: "y" });
  });

  test("any change of any byte of any record is found, at that record or the next", async () => {
    const records = stored(chain);
    await fc.assert(
      fc.asyncProperty(fc.nat(4), fc.nat(), fc.integer({ min: 32, max: 126 }), async (index, position, code) => {
        const { text } = records[index] as StoredRecord;
        const place = position % text.length;
        fc.pre(text.charCodeAt(place) !== code);
        const changed = text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1);
        const { broken } = await verify(
          records.map((record, i) => (i === index ? { ...record, text: changed } : record)),
        );
        expect(broken?.sequence).toBe(index + 1);
      }),
      { numRuns: 300 },
    );
  });

  test("any reordering or removal is found, but for records cut off the end", async () => {
    const records = stored(chain);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(records, { minLength: 1 }), async (some) => {
        const isPrefix = some.every((record, index) => record === records[index]);
        expect((await verify(some)).broken === undefined).toBe(isPrefix);
      }),
    );
  });
});
