import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { databaseClass } from "../../facts/instance-classes";
import {
  accountStack,
  apiImageParameter,
  derivedNames,
  environmentOfStack,
  environmentStack,
  stateStack,
} from "../../facts/names";

const folder = resolve(__dirname, "../../facts");

test.each(readdirSync(folder))("%s imports nothing from outside facts/", (file) => {
  const imported = [
    ...readFileSync(join(folder, file), "utf8").matchAll(/^(?:import|export) .* from "(.*)"|^\} from "(.*)"/gm),
  ];
  for (const [, whole, end] of imported) {
    expect(whole ?? end).toMatch(/^\.\/[\w-]+$/);
  }
});

// Amazon RDS User Guide, "Hardware specifications for DB instance classes".
test.each([
  ["db.t3.micro", { vcpus: 2, memoryGiB: 1 }],
  ["db.t3.medium", { vcpus: 2, memoryGiB: 4 }],
  ["db.t4g.2xlarge", { vcpus: 8, memoryGiB: 32 }],
  ["db.m5.large", { vcpus: 2, memoryGiB: 8 }],
  ["db.m6i.32xlarge", { vcpus: 128, memoryGiB: 512 }],
  ["db.r5.large", { vcpus: 2, memoryGiB: 16 }],
  ["db.r5.2xlarge", { vcpus: 8, memoryGiB: 64 }],
  ["db.r7i.48xlarge", { vcpus: 192, memoryGiB: 1536 }],
  ["db.x2g.16xlarge", { vcpus: 64, memoryGiB: 1024 }],
  ["db.x2iedn.xlarge", { vcpus: 4, memoryGiB: 128 }],
  ["db.t2.medium", undefined],
  ["db.m5.medium", undefined],
  ["t3.medium", undefined],
])("the database class %s has %j", (name, expected) => {
  expect(databaseClass(name)).toEqual(expected);
});

test("names are put together and taken apart alike", () => {
  expect(environmentStack("production")).toBe("skymanuals-production");
  expect(environmentOfStack("skymanuals-production")).toBe("production");
  expect(environmentOfStack("production")).toBe("production");
  expect(accountStack("nonprod")).toBe("skymanuals-account-nonprod");
  expect(stateStack("nonprod")).toBe("skymanuals-state-nonprod");
  expect(apiImageParameter("skymanuals")).toBe("/skymanuals/api/image");
});

test("the longest prefix has 23 characters, by the Elasticsearch domain's name", () => {
  const rooms = derivedNames.map(({ suffix, what, maximum }) => ({ what, room: maximum - suffix.length }));
  expect(rooms.sort((a, b) => a.room - b.room)[0]).toEqual({ what: "Elasticsearch domain", room: 23 });
});
