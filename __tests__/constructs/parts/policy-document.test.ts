import { TerraformOutput } from "cdktf";
import { actingFor, assumedBy, policyDocument } from "../../../constructs/parts/policy-document";
import { parseJsonencode } from "../../support/jsonencode";
import { synthesizeConstructs } from "../../support/synth";

const statements = (document: () => string) => {
  const stack = synthesizeConstructs((scope) => {
    new TerraformOutput(scope, "policy", { value: document(), staticId: true });
  });
  return parseJsonencode(String(stack.output("policy").value));
};

test("allows unless it says otherwise", () => {
  expect(
    statements(() =>
      policyDocument({ Action: ["a:B"], Resource: ["*"] }, { Effect: "Deny", Action: ["c:D"], Resource: ["*"] }),
    ),
  ).toEqual({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["a:B"], Resource: ["*"] },
      { Effect: "Deny", Action: ["c:D"], Resource: ["*"] },
    ],
  });
});

test("assumedBy trusts one service", () => {
  expect(statements(() => assumedBy("ecs-tasks.amazonaws.com"))).toMatchObject({
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ecs-tasks.amazonaws.com" } }],
  });
});

test("actingFor names the account, and the source where it is known", () => {
  expect(actingFor("111111111111")).toEqual({ StringEquals: { "aws:SourceAccount": "111111111111" } });
  expect(actingFor("111111111111", "arn:aws:s3:::b")).toEqual({
    StringEquals: { "aws:SourceAccount": "111111111111" },
    ArnLike: { "aws:SourceArn": "arn:aws:s3:::b" },
  });
});
