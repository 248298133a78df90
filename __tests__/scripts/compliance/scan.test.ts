import { environments } from "../../../environments";
import { formatScan, judgeScan, type ScanFinding } from "../../../scripts/compliance/scan";
import { suppressions } from "../../../scripts/compliance/suppressions";

const scanned = { stack: "production", passed: 10, failed: 2 };
const finding = (address: string, check = "CKV_AWS_1"): ScanFinding => ({
  stack: "production",
  check,
  name: "Ensure something",
  address,
});
const result = { scanned, findings: [finding("aws_subnet.public[0]"), finding("aws_subnet.public[1]")] };
const suppression = {
  check: "CKV_AWS_1",
  addresses: ["aws_subnet.public"],
  stacks: ["production"],
  reason: "documented",
};

test("a suppression takes every instance of an address, and says why", () => {
  const scan = judgeScan([result], [suppression]);
  expect(scan).toMatchObject({ ok: true, findings: [], stale: [], stacks: [{ ...scanned, suppressed: 2 }] });
  expect(scan.suppressed.map(({ reason }) => reason)).toEqual(["documented", "documented"]);
  expect(formatScan(scan)).toBe("production  10 passed, 0 failed, 2 suppressed");
});

test.each([
  ["another check", { ...suppression, check: "CKV_AWS_2" }],
  ["another stack", { ...suppression, stacks: ["staging"] }],
  ["another address", { ...suppression, addresses: ["aws_subnet.private"] }],
  ["a part of the address", { ...suppression, addresses: ["aws_subnet.pub"] }],
])("a suppression of %s leaves the findings", (_, other) => {
  const scan = judgeScan([result], [other]);
  expect([scan.ok, scan.findings.map(({ address }) => address)]).toEqual([
    false,
    ["aws_subnet.public[0]", "aws_subnet.public[1]"],
  ]);
  expect(formatScan(scan)).toContain("failed  production  CKV_AWS_1  aws_subnet.public[0]: Ensure something");
});

test("a last * stands for any rest", () => {
  expect(judgeScan([result], [{ ...suppression, addresses: ["aws_subnet.*"] }]).ok).toBe(true);
});

test("each address that suppresses nothing is stale, in each stack that was scanned", () => {
  const scan = judgeScan(
    [result],
    [{ ...suppression, addresses: ["aws_subnet.public", "aws_lb.gone"], stacks: ["production", "staging"] }],
  );
  expect(scan.ok).toBe(false);
  expect(scan.stale).toEqual([{ stack: "production", check: "CKV_AWS_1", address: "aws_lb.gone" }]);
  expect(formatScan(scan)).toContain("stale   production  CKV_AWS_1  aws_lb.gone: it suppresses nothing");
});

test("our suppressions name stacks that exist, and give a reason", () => {
  const known = [...environments.map(({ name }) => name), "account", "account-region", "state"];
  for (const { check, stacks, addresses, reason } of suppressions) {
    expect(check).toMatch(/^CKV2?_AWS_\d+$/);
    expect(known).toEqual(expect.arrayContaining([...stacks]));
    expect(addresses.every((address) => /^aws_\w+\.[\w*]+$/.test(address))).toBe(true);
    expect(reason.length).toBeGreaterThan(10);
  }
});
