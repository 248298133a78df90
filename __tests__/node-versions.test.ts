import { readFileSync } from "node:fs";
import { join } from "node:path";
import { supportedNodes } from "./e2e/support/nodes";
import { synthesizeProduction } from "./support/environments";

const root = join(__dirname, "..");
const shown = Object.keys(supportedNodes);
const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { engines: { node: string } };
const recommended = readFileSync(join(root, ".nvmrc"), "utf8").trim();

test("the oldest Node.js that is allowed is the oldest that is shown to work", () => {
  expect(engines.node).toBe(`>=${shown[0]}`);
});

test(".nvmrc names a long-term support release that is shown to work, and the README recommends the same", () => {
  expect(shown).toContain(recommended);
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`current long-term support release (${recommended})`);
});

test("functions run on a Node.js that is shown to work", () => {
  const runtimes = synthesizeProduction()
    .resources("aws_lambda_function")
    .map(({ config }) => config.runtime);
  expect([...new Set(runtimes)]).toEqual(["nodejs22.x"]);
  expect(shown).toContain("22");
});
