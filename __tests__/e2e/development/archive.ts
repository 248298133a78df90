import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { LocalRun } from "../support/local-run";
import type { Step } from "../support/story";

const stack = "skymanuals-development";
const group = `/ecs/${stack}-api`;
const bucket = "development-skymanuals-log-archive";

interface Table {
  readonly partition_keys: readonly { readonly name: string }[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly storage_descriptor: readonly {
    readonly columns: readonly { readonly name: string; readonly type: string }[];
  }[];
}

/** Whether a value of JSON is one of Athena's type: of those that the table has. */
function isOfType(value: unknown, type: string): boolean {
  const [, element] = /^array<(.*)>$/.exec(type) ?? [];
  if (element !== undefined) {
    return Array.isArray(value) && value.every((each) => isOfType(each, element));
  }
  const [, members] = /^struct<(.*)>$/.exec(type) ?? [];
  if (members !== undefined) {
    return members.split(",").every((member) => {
      const [name = "", of = ""] = member.split(":");
      return isOfType((value as Record<string, unknown>)[name], of);
    });
  }
  return type === "bigint" ? Number.isSafeInteger(value) : type === "string" && typeof value === "string";
}

/** Lines of the API's log group are found in the archive, locked, in the form that Athena's table has. */
export function archiveChapter(step: Step, local: LocalRun): void {
  step("lines of the API's log group become a locked object below today's day", async () => {
    const { emulator } = local;
    const logs = (operation: string, members: object) =>
      emulator.call("logs", `Logs_20140328.${operation}`, { logGroupName: group, ...members });
    const messages = [JSON.stringify({ level: "info", message: "é" }), "a line that is no JSON\nof two"];
    const logStreamName = "archive-test/1";
    await logs("CreateLogStream", { logStreamName });
    const timestamp = Date.now();
    await logs("PutLogEvents", {
      logStreamName,
      logEvents: messages.map((message) => ({ timestamp, message })),
    });

    const lines = await archivedLines(local);
    const [line] = lines.filter((each) => each.logStream === logStreamName);
    expect(line).toMatchObject({
      messageType: "DATA_MESSAGE",
      owner: "111111111111",
      logGroup: group,
      subscriptionFilters: [`${stack}-log-archive-api`],
      logEvents: messages.map((message) => ({ timestamp, message })),
    });
    // CloudWatch's test of each filter.
    expect(lines.filter(({ messageType }) => messageType === "CONTROL_MESSAGE").length).toBeGreaterThanOrEqual(6);

    const { columns } = table(local).storage_descriptor[0] as Table["storage_descriptor"][number];
    for (const each of lines) {
      // Athena's names are in lower case.
      const row = Object.fromEntries(Object.entries(each).map(([name, value]) => [name.toLowerCase(), value]));
      expect(Object.keys(row).sort()).toEqual(columns.map(({ name }) => name).sort());
      expect(columns.filter(({ name, type }) => !isOfType(row[name], type))).toEqual([]);
    }
  });
}

function table(local: LocalRun): Table {
  const state = JSON.parse(readFileSync(join(local.directory, `terraform.${stack}.tfstate`), "utf8")) as {
    readonly resources: readonly {
      readonly type: string;
      readonly instances: readonly { readonly attributes: Table }[];
    }[];
  };
  return state.resources.find(({ type }) => type === "aws_glue_catalog_table")?.instances[0]?.attributes as Table;
}

/** Every line of the archive. Each object lies where the table looks for its day, and is locked. */
async function archivedLines(local: LocalRun): Promise<Record<string, unknown>[]> {
  const { emulator } = local;
  const listed = await (await emulator.s3("GET", `/${bucket}?list-type=2&max-keys=1000`)).text();
  const keys = [...listed.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key);
  const days = [Date.now() - 86_400_000, Date.now()].map((time) => new Date(time).toISOString().slice(0, 10));
  const template = String(table(local).parameters["storage.location.template"]);
  expect(template).toBe(`s3://${bucket}/logs/day=\${day}/`);
  const folders = days.map((day) => template.replace("${day}", day).replace(`s3://${bucket}/`, ""));
  expect(keys.filter((key) => !folders.some((folder) => key.startsWith(folder)) || !key.endsWith(".gz"))).toEqual([]);
  const lines = await Promise.all(
    keys.map(async (key) => {
      const response = await emulator.s3("GET", `/${bucket}/${key}`);
      expect(response.headers.get("x-amz-object-lock-mode")).toBe("GOVERNANCE");
      const until = Date.parse(String(response.headers.get("x-amz-object-lock-retain-until-date")));
      expect(Math.round((until - Date.now()) / 86_400_000)).toBe(2557);
      return gunzipSync(Buffer.from(await response.arrayBuffer()))
        .toString()
        .trimEnd()
        .split("\n");
    }),
  );
  return lines.flat().map((line) => JSON.parse(line) as Record<string, unknown>);
}
