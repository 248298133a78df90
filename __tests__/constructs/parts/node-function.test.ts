import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { unzipSync } from "fflate";
import { bundleFunction } from "../../../constructs/parts/function-bundle";
import { synthesizeProduction } from "../../support/environments";

const root = resolve(__dirname, "../../..");
const scratch = mkdtempSync(join(tmpdir(), "node-function-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const sources = ["custody", "verify-custody"];

/** Hashes of the bundles that a copy of the project makes. */
function hashesIn(project: string, environment: Readonly<Record<string, string>> = {}): Record<string, string> {
  const code = `const { bundleFunction } = require("./constructs/parts/function-bundle");
    console.log(JSON.stringify(Object.fromEntries(${JSON.stringify(sources)}.map((name) => [name, bundleFunction(name).sha256]))));`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--require", require.resolve("tsx/cjs"), "--eval", code],
    { cwd: project, encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "", ...environment } },
  );
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return JSON.parse(stdout);
}

/** A copy of what bundles are made of, in a folder of another name and depth. */
function copy(...folders: string[]): string {
  const project = join(scratch, ...folders);
  mkdirSync(project, { recursive: true });
  for (const folder of ["facts", "functions", "constructs", "kibana", "logstash"]) {
    cpSync(join(root, folder), join(project, folder), { recursive: true });
  }
  for (const file of ["package.json", "package-lock.json", "tsconfig.json"]) {
    cpSync(join(root, file), join(project, file));
  }
  // Without the bundles that are kept there.
  mkdirSync(join(project, "node_modules"));
  for (const name of readdirSync(join(root, "node_modules")).filter((name) => name !== ".cache")) {
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
  }
  return project;
}

const here = Object.fromEntries(sources.map((name) => [name, bundleFunction(name).sha256]));

test("the same source has the same hash in another folder, time zone and language", () => {
  const there = copy("another", "deeper folder");
  expect(hashesIn(there, { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8" })).toEqual(here);
  expect(hashesIn(there, { TZ: "America/New_York" })).toEqual(here);
});

test("a bundle is kept for the next synthesis, and made anew from other sources or other locked versions", () => {
  const project = copy("kept");
  const kept = () => readdirSync(join(project, "node_modules", ".cache", "skymanuals-functions"));
  expect(hashesIn(project)).toEqual(here);
  const first = kept();
  expect(first).toHaveLength(1);
  expect(hashesIn(project)).toEqual(here);
  expect(kept()).toEqual(first);
  writeFileSync(join(project, "package-lock.json"), "{}");
  expect(hashesIn(project)).toEqual(here);
  expect(kept()).toHaveLength(2);
});

test("a change of the source changes the hash of what imports it, and of nothing else", () => {
  const project = copy("changed");
  const file = join(project, "functions", "custody", "inspect.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace("the version was deleted", "the version was removed"));
  const hashes = hashesIn(project);
  expect(hashes.custody).not.toBe(here.custody);
  expect(hashes["verify-custody"]).toBe(here["verify-custody"]);
});

test.each(sources)("the archive of %s holds index.js alone, which exports a handler and has no path in it", (name) => {
  const { zip, sha256 } = bundleFunction(name);
  expect(sha256).toBe(createHash("sha256").update(zip).digest("base64"));
  const files = unzipSync(zip);
  expect(Object.keys(files)).toEqual(["index.js"]);
  const code = Buffer.from(files["index.js"] as Uint8Array).toString();
  expect(code).not.toContain(root);
  const folder = join(scratch, `run-${name}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "index.js"), code);
  const { stdout } = spawnSync(process.execPath, ["--print", "typeof require('./index.js').handler"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stdout.trim()).toBe("function");
});

test("a source that does not compile is named with its line", () => {
  const project = copy("broken");
  writeFileSync(join(project, "functions", "custody", "event.ts"), "export const a = ;\n");
  const { stderr, status } = spawnSync(
    process.execPath,
    [
      "--require",
      require.resolve("tsx/cjs"),
      "--eval",
      'require("./constructs/parts/function-bundle").bundleFunction("custody")',
    ],
    { cwd: project, encoding: "utf8" },
  );
  expect(status).not.toBe(0);
  expect(stderr).toContain("functions/custody/event.ts:1:17");
});

test("synthesis writes the archives into the stack's own folder, where the functions name them", () => {
  const out = join(scratch, "out");
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--require", require.resolve("tsx/cjs"), join(root, "main.ts")],
    {
      cwd: scratch,
      encoding: "utf8",
      env: { ...process.env, CDKTF_OUTDIR: out, NODE_OPTIONS: "" },
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const folder = join(out, "stacks", "skymanuals-production");
  const { resource } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8"));
  const functions = Object.values(resource.aws_lambda_function) as { filename: string; source_code_hash: string }[];
  expect(functions.map(({ filename }) => filename)).toEqual(
    expect.arrayContaining(sources.map((name) => `functions/${name}.zip`)),
  );
  expect(readdirSync(join(folder, "functions")).sort()).toEqual(
    functions.map(({ filename }) => filename.replace("functions/", "")).sort(),
  );
  for (const { filename, source_code_hash } of functions) {
    const digest = createHash("sha256")
      .update(readFileSync(join(folder, filename)))
      .digest("base64");
    expect([filename, digest]).toEqual([filename, source_code_hash]);
  }
});

test("a function has a role and a log group of its own, is traced, and runs in the private subnets", () => {
  const stack = synthesizeProduction();
  expect(stack.resource("aws_lambda_function.custody")).toMatchObject({
    function_name: "skymanuals-custody",
    role: "${aws_iam_role.custody.arn}",
    runtime: "nodejs22.x",
    architectures: ["arm64"],
    handler: "index.handler",
    filename: "functions/custody.zip",
    source_code_hash: here.custody,
    memory_size: 512,
    logging_config: { log_format: "JSON", log_group: "${aws_cloudwatch_log_group.custody.name}" },
    tracing_config: { mode: "Active" },
    tags: { Name: "skymanuals-custody" },
  });
  expect(stack.resource("aws_cloudwatch_log_group.custody")).toMatchObject({
    name: "/aws/lambda/skymanuals-custody",
    retention_in_days: 30,
  });
  expect(stack.statement("aws_iam_role_policy.custody", "WriteLog")).toEqual({
    Sid: "WriteLog",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: ["${aws_cloudwatch_log_group.custody.arn}:*"],
  });
  expect(stack.statement("aws_iam_role_policy.custody", "Trace").Action).toEqual([
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
  ]);
  expect(stack.resource("aws_lambda_function.custody").depends_on).toContain("aws_iam_role_policy.custody");
});

describe.each(synthesizeProduction().resources("aws_lambda_function"))("$address", ({ address, config }) => {
  const stack = synthesizeProduction();

  test("its code may not do what Lambda may with network interfaces", () => {
    const policy = address.replace("aws_lambda_function", "aws_iam_role_policy");
    const { Action } = stack.statement(policy, "NetworkInterface");
    expect(stack.statement(policy, "NoNetworkInterfaceByCode")).toEqual({
      Sid: "NoNetworkInterfaceByCode",
      Effect: "Deny",
      Action,
      Resource: ["*"],
      Condition: {
        ArnEquals: {
          "lambda:SourceFunctionArn": `arn:aws:lambda:\${var.aws_region}:\${data.aws_caller_identity.current.account_id}:function:${config.function_name}`,
        },
      },
    });
  });

  test("its interfaces, which outlive it, keep no group that is destroyed with it", () => {
    expect(config).toMatchObject({
      replace_security_groups_on_destroy: true,
      replacement_security_group_ids: ["${aws_vpc.skymanuals.default_security_group_id}"],
    });
  });
});

test("subnets of functions are given longer to be deleted than interfaces take to go", () => {
  expect(synthesizeProduction().resource("aws_subnet.private").timeouts).toEqual({ delete: "60m" });
});
