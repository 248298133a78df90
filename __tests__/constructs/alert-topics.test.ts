import { development } from "../../environments/development";
import { changed, synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const account = "${data.aws_caller_identity.current.account_id}";
const condition = {
  StringEquals: { "aws:SourceAccount": account },
  ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:\${var.aws_region}:${account}:alarm:*` },
};

test.each([
  ["page", "oncall@skymanuals.com"],
  ["ticket", "operations@skymanuals.com"],
  ["compliance", "compliance@skymanuals.com"],
])("alarms of severity %s go to %s", (severity, email) => {
  const name = `skymanuals-${severity}-alerts`;
  expect(stack.resource(`aws_sns_topic.${severity}_alerts`)).toEqual({
    name,
    kms_master_key_id: "${aws_kms_key.alerts.id}",
    tags: { Name: name },
  });
  expect(stack.resource(`aws_sns_topic_subscription.${severity}_email`)).toEqual({
    topic_arn: `\${aws_sns_topic.${severity}_alerts.arn}`,
    protocol: "email",
    endpoint: email,
  });
});

test("there is a topic for each severity, and no other", () => {
  expect(stack.resources("aws_sns_topic").map(({ address }) => address)).toEqual([
    "aws_sns_topic.compliance_alerts",
    "aws_sns_topic.page_alerts",
    "aws_sns_topic.ticket_alerts",
  ]);
});

test("the addresses are the environment's", () => {
  const other = synthesizePlatform(
    changed(development, { alerts: { pageEmail: "night@example.com", ticketEmail: "day@example.com" } }),
  );
  expect(other.resource("aws_sns_topic_subscription.page_email").endpoint).toBe("night@example.com");
  expect(other.resource("aws_sns_topic_subscription.ticket_email").endpoint).toBe("day@example.com");
});

test.each(["page", "ticket", "compliance"])(
  "%s: this account's alarms publish, with TLS, and nobody else",
  (severity) => {
    const topic = `\${aws_sns_topic.${severity}_alerts.arn}`;
    expect(stack.resource(`aws_sns_topic_policy.${severity}_alerts`).arn).toBe(topic);
    expect(stack.statements(`aws_sns_topic_policy.${severity}_alerts`)).toEqual([
      {
        Sid: "Alarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["sns:Publish"],
        Resource: [topic],
        Condition: condition,
      },
      {
        Sid: "DenyInsecureTransport",
        Effect: "Deny",
        Principal: "*",
        Action: ["sns:Publish"],
        Resource: [topic],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  },
);

test("the key admits CloudWatch, which the AWS-managed one does not", () => {
  expect(stack.statements("aws_kms_key.alerts")).toEqual([
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: ["kms:*"],
      Resource: ["*"],
    },
    {
      Sid: "Alarms",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: ["*"],
      Condition: condition,
    },
  ]);
  expect(stack.resource("aws_kms_key.alerts")).toMatchObject({
    enable_key_rotation: true,
    deletion_window_in_days: 30,
    lifecycle: { prevent_destroy: true },
  });
  expect(stack.resource("aws_kms_alias.alerts")).toEqual({
    name: "alias/skymanuals-alerts",
    target_key_id: "${aws_kms_key.alerts.id}",
  });
});

test("an environment that may be destroyed lets its key go", () => {
  expect(synthesizePlatform(development).resource("aws_kms_key.alerts").lifecycle).toEqual({ prevent_destroy: false });
});
