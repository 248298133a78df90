import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { awsCommandLine } from "../../../scripts/release/aws-command-line";

const folder = mkdtempSync(join(tmpdir(), "aws-"));
const path = [folder, process.env.PATH].join(delimiter);
afterAll(() => rmSync(folder, { recursive: true }));

/** Stands for AWS's command line. */
function program(script: string): void {
  const file = join(folder, "aws");
  writeFileSync(file, `#!/usr/bin/env node\n${script}\n`);
  chmodSync(file, 0o755);
}

test("an operation and its members become arguments, the answer JSON; no pager opens", async () => {
  program("console.log(JSON.stringify({ args: process.argv.slice(2), pager: process.env.AWS_PAGER }))");
  const members = { Name: "/skymanuals/api/image", Value: "$(rm -rf ~)", Description: undefined };
  expect(await awsCommandLine("eu-north-1", { ...process.env, PATH: path })("ssm", "PutParameter", members)).toEqual({
    args: [
      "ssm",
      "put-parameter",
      "--cli-input-json",
      '{"Name":"/skymanuals/api/image","Value":"$(rm -rf ~)"}',
      "--region",
      "eu-north-1",
      "--output",
      "json",
    ],
    pager: "",
  });
});

test("an operation that answers nothing", async () => {
  program("");
  expect(await awsCommandLine("eu-north-1", { PATH: path })("ecs", "UpdateService", {})).toEqual({});
});

test("what AWS refuses is reported in its words", async () => {
  program("console.error('AccessDenied: no'); process.exit(254)");
  await expect(awsCommandLine("eu-north-1", { PATH: path })("ecs", "DescribeServices", {})).rejects.toThrow(
    /^aws ecs describe-services: AccessDenied: no$/,
  );
});

test("without AWS's command line, where to get it", async () => {
  await expect(
    awsCommandLine("eu-north-1", { PATH: join(folder, "none") })("sts", "GetCallerIdentity", {}),
  ).rejects.toThrow("needs AWS's command line");
});
