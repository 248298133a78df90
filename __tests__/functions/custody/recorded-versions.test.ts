import { createHash } from "node:crypto";
import { canonicalJson } from "../../../functions/custody/canonical-json";
import { RecordedVersions } from "../../../functions/custody/recorded-versions";

const object = (number: number) => ({ bucket: "chunks", key: `manuals/${number}`, versionId: "v" });
const objects = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => object(first + index));
const recordedVersions = (count: number) => {
  const recorded = new RecordedVersions();
  for (const [index, version] of objects(1, count).entries()) {
    recorded.add(version, index + 1);
  }
  return recorded;
};

test("each of many versions is found under the number of its record, and no other one is", () => {
  const recorded = new RecordedVersions();
  for (let number = 1; number <= 20_000; number++) {
    expect(recorded.add(object(number), number)).toBe(number);
  }
  expect(recorded.size).toBe(20_000);
  const found = objects(1, 20_000).map((version) => recorded.find(version));
  expect(found).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  expect(objects(20_001, 40_000).filter((version) => recorded.find(version) !== undefined)).toEqual([]);
});

test("a version keeps the number of its first record", () => {
  const recorded = new RecordedVersions();
  expect([recorded.add(object(1), 7), recorded.add(object(1), 9), recorded.size]).toEqual([7, 7, 1]);
});

test("an index of 12 bytes a record gives the same answers", () => {
  const index = recordedVersions(3000).index(1, 3000);
  expect(index.length).toBe(36_000);
  const recorded = new RecordedVersions();
  recorded.addIndex(index.subarray(0, 12_000), 1);
  recorded.addIndex(index.subarray(12_000), 1001);
  expect(objects(1, 3000).map((version) => recorded.find(version))).toEqual(
    Array.from({ length: 3000 }, (_, index) => index + 1),
  );
});

test("an index of a part has, in the order of the records, the first 12 bytes of each version's SHA-256", () => {
  const digests = objects(1001, 2000).map((version) => createHash("sha256").update(canonicalJson(version)).digest());
  expect(recordedVersions(3000).index(1001, 2000)).toEqual(
    Buffer.concat(digests.map((digest) => digest.subarray(0, 12))),
  );
});

test("an index that is cut, or that has a version twice, is refused", () => {
  const index = recordedVersions(3).index(1, 3);
  expect(() => new RecordedVersions().addIndex(index.subarray(1), 1)).toThrow(
    "the index from record 1 on has 35 bytes; a multiple of 12 is expected",
  );
  const recorded = new RecordedVersions();
  recorded.addIndex(index, 1);
  expect(() => recorded.addIndex(index.subarray(24), 4)).toThrow("the version of record 4 is that of record 3");
});
