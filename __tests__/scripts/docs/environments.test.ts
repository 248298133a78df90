import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentsPage } from "../../../scripts/docs/environments";
import { describeFields } from "../../../scripts/docs/fields";

/** Reads types, which takes seconds on a busy machine. */
jest.setTimeout(60_000);

const fields = describeFields();

test("docs/environments.md is what npm run docs writes", () => {
  const page = readFileSync(join(__dirname, "../../../docs/environments.md"), "utf8");
  expect(page).toBe(environmentsPage(fields));
});

test("every field has documentation, and says what is allowed", () => {
  const all = [...fields.environment, ...fields.account];
  expect(all.filter(({ meaning }) => meaning === "").map(({ path }) => path.join("."))).toEqual([]);
  expect(all.filter(({ allowed }) => allowed === "").map(({ path }) => path.join("."))).toEqual([]);
  expect(all).toContainEqual({
    path: ["edge", "waf", "rateLimit"],
    meaning: "Requests of one address in five minutes after which it is blocked. An airline's devices may share one.",
    allowed: "a whole number of requests in five minutes, 10 to 2000000000",
    isObject: false,
  });
});
