import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fillRunbook } from "../../../scripts/runbook/fill";
import { synthesizeProduction } from "../../support/environments";

const page = readFileSync(join(resolve(__dirname, "../../.."), "docs/operations.md"), "utf8");

test("every command has the outputs in place, and the environment's name", () => {
  const { output } = synthesizeProduction().json;
  const outputs = Object.fromEntries(Object.keys(output as object).map((name) => [name, `value-of-${name}`]));
  const filled = fillRunbook(page, "production", outputs);
  const commands = [...filled.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, body]) => body).join("");
  expect(commands).toContain('aws logs tail "value-of-api_log_group" --since 15m --follow');
  expect(commands).toContain("npm run rollout -- production");
  expect(commands).not.toMatch(/terraform output|<environment>/);
});

test("prose is left as it is", () => {
  expect(fillRunbook("`npm run release -- <environment>`\n", "production", {})).toBe(
    "`npm run release -- <environment>`\n",
  );
});

test("outputs that the deployment lacks are named, all at once", () => {
  const text = "```sh\na $(terraform output -raw two) $(terraform output -raw one)\n```\n";
  expect(() => fillRunbook(text, "production", {})).toThrow(
    "the deployment lacks the outputs one, two: apply the stack first",
  );
});
