import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attribute, jsonDocument, PlannedResources, statements } from "../../../scripts/compliance/planned";
import { readPlans, submit } from "../../../scripts/compliance/submitted-plan";
import type { PlanDocument } from "../../../scripts/terraform/plan";

const folder = mkdtempSync(join(tmpdir(), "plans "));
afterAll(() => rmSync(folder, { recursive: true }));

function document(environment: string | undefined, accountId: string, resources: readonly object[] = []): object {
  return {
    timestamp: "2026-11-25T12:00:00Z",
    resource_changes: [],
    variables: environment === undefined ? {} : { environment: { value: environment } },
    planned_values: { root_module: { resources } },
    configuration: {
      provider_config: { aws: { expressions: { allowed_account_ids: { constant_value: [accountId] } } } },
    },
  };
}

function file(name: string, content: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const production = file("production.json", document("production", "222222222222"));
const account = file("account.json", document(undefined, "222222222222"));
const read = (...files: readonly string[]) =>
  readPlans(files, { environment: "production", accountId: "222222222222", outdir: folder, env: {} });

test("plans of the environment and of its account belong together", async () => {
  const plans = await read(production, account);
  expect(plans.map(({ file: name, timestamp }) => [name, timestamp])).toEqual([
    ["production.json", "2026-11-25T12:00:00Z"],
    ["account.json", "2026-11-25T12:00:00Z"],
  ]);
});

test.each([
  [
    "another environment",
    () => [file("staging.json", document("staging", "111111111111"))],
    /a plan of the environment staging, and not of production/,
  ],
  [
    "another account",
    () => [production, file("other.json", document(undefined, "111111111111"))],
    /a plan for account 111111111111, and production is in account 222222222222/,
  ],
  ["no plan of the environment", () => [account], /none is a plan of skymanuals-production/],
  ["two of them", () => [production, production], /more than one is a plan of skymanuals-production/],
  [
    "JSON that is no plan",
    () => [file("state.json", { version: 4 })],
    /it is JSON, and not that of a plan by Terraform 1\.5 or newer/,
  ],
  ["no file", () => [join(folder, "nothing.tfplan")], /there is no such file/],
])("refused: %s", async (_, files, message) => {
  await expect(read(...files())).rejects.toThrow(message);
});

describe("an attribute", () => {
  const policy =
    '${jsonencode({"Statement" = [{"Effect" = "Allow", "Action" = "s3:GetObject", "Resource" = [aws_s3_bucket.a.arn]}]})}';
  const content = {
    ...document("production", "222222222222", [
      {
        address: "aws_iam_role_policy.a[0]",
        mode: "managed",
        type: "aws_iam_role_policy",
        values: { name: "x", role: "", rule: [{ days: 3 }], password: "hidden" },
        sensitive_values: { password: true },
      },
    ]),
    configuration: {
      root_module: {
        resources: [
          {
            address: "aws_iam_role_policy.a",
            mode: "managed",
            type: "aws_iam_role_policy",
            name: "a",
            expressions: {
              policy: { constant_value: policy, references: ["aws_s3_bucket.a.arn", "aws_s3_bucket.a"] },
              role: { references: ["aws_iam_role.b[0].id", "aws_iam_role.b", "var.x"] },
            },
          },
        ],
      },
    },
  } as PlanDocument;
  const [resource] = new PlannedResources([submit("p.json", Buffer.from(""), content)]).at("aws_iam_role_policy.a");
  if (!resource) {
    throw new Error("no resource");
  }

  test("has its value, or what it refers to, and no sensitive value in its text", () => {
    expect(attribute(resource, "rule[0].days")).toEqual({ value: 3, references: [], text: "3" });
    expect(attribute(resource, "role")).toMatchObject({ references: ["aws_iam_role.b"], text: "aws_iam_role.b" });
    expect(attribute(resource, "nothing")).toEqual({ value: undefined, references: [], text: "absent" });
    expect(attribute(resource, "password").text).toBe("(sensitive)");
  });

  test("is a policy before the apply as well", () => {
    expect(statements(resource)).toEqual([
      expect.objectContaining({ effect: "Allow", actions: ["s3:GetObject"], resources: ["${aws_s3_bucket.a.arn}"] }),
    ]);
    expect(jsonDocument(resource, "name")).toBeUndefined();
  });
});
