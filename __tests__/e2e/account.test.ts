import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { synthesizeAccount } from "./support/account-stack";
import { LocalRun } from "./support/local-run";
import { StackFolder } from "./support/stack-folder";
import { story } from "./support/story";

const local = new LocalRun("account");
const outdir = join(local.folder("create"), "cdktf.out");
const second = join(local.folder("second"), "cdktf.out");
const topic = "arn:aws:sns:us-east-1:111111111111:skymanuals-findings";
const stack = new StackFolder(local, outdir, "skymanuals-account-nonprod");
const secondStack = new StackFolder(local, second, "skymanuals-account-nonprod");

const event = (Source: string, DetailType: string, detail: object) =>
  local.emulator.call("events", "AWSEvents.PutEvents", {
    Entries: [{ Source, DetailType, Detail: JSON.stringify(detail) }],
  });

story(
  "the account's stack",
  (step) => {
    step("is applied, and planned to nothing", async () => {
      await local.startEmulator("development");
      synthesizeAccount(outdir, "create");
      await stack.init();
      expect((await stack.apply()).stdout).toContain("Resources: 51 added, 0 changed, 0 destroyed");
      await stack.expectEmptyPlan();
    });

    step("findings of high severity arrive at who reads the topic, in words; others do not", async () => {
      const listener = await local.emulator.listen(topic);
      const finding = {
        type: "UnauthorizedAccess:IAMUser/MaliciousIPCaller",
        title: "API calls from a known malicious address",
        description: 'Somebody called "GetObject".',
        id: "0f1e2d",
      };
      await event("aws.guardduty", "GuardDuty Finding", { ...finding, severity: 5 });
      await event("aws.guardduty", "GuardDuty Finding", { ...finding, severity: 8 });
      const ofSecurityHub = (Label: string, ProductName: string) => ({
        findings: [
          {
            Id: "arn:aws:securityhub:us-east-1:111111111111:security-control/S3.1/finding/1",
            ProductArn: "arn:aws:securityhub:us-east-1::product/aws/securityhub",
            ProductName,
            Title: "Block public access settings should be enabled",
            Description: "They are off.",
            Severity: { Label },
            Workflow: { Status: "NEW" },
            RecordState: "ACTIVE",
            Resources: [{ Id: "AWS::::Account:111111111111" }],
          },
        ],
      });
      const imported = "Security Hub Findings - Imported";
      await event("aws.securityhub", imported, ofSecurityHub("LOW", "Security Hub"));
      await event("aws.securityhub", imported, ofSecurityHub("CRITICAL", "GuardDuty"));
      await event("aws.securityhub", imported, ofSecurityHub("CRITICAL", "Security Hub"));
      await event("aws.cloudtrail", "AWS API Call via CloudTrail", {
        eventSource: "cloudtrail.amazonaws.com",
        eventName: "StopLogging",
        eventTime: "2026-11-25T20:00:00Z",
        userIdentity: { arn: "arn:aws:iam::111111111111:user/mallory" },
      });
      await event("aws.cloudtrail", "AWS API Call via CloudTrail", {
        eventSource: "cloudtrail.amazonaws.com",
        eventName: "DescribeTrails",
      });
      const messages = (await listener.messages()).map(({ message }) => message.split("\n"));
      expect(messages).toHaveLength(3);
      const [guardDuty, securityHub, changed] = messages as [string[], string[], string[]];
      expect(guardDuty.slice(0, 2)).toEqual([
        '"GuardDuty, account 111111111111, us-east-1: API calls from a known malicious address"',
        '"Severity 8, type UnauthorizedAccess:IAMUser/MaliciousIPCaller. Somebody called \\"GetObject\\"."',
      ]);
      expect(securityHub).toEqual([
        '"Security Hub CSPM, account 111111111111, us-east-1: Block public access settings should be enabled"',
        '"Severity CRITICAL, resource AWS::::Account:111111111111. They are off."',
        '"When somebody works on it: aws securityhub batch-update-findings --region us-east-1 --workflow Status=NOTIFIED --finding-identifiers Id=arn:aws:securityhub:us-east-1:111111111111:security-control/S3.1/finding/1,ProductArn=arn:aws:securityhub:us-east-1::product/aws/securityhub"',
      ]);
      expect(changed[0]).toBe(
        '"Governance, account 111111111111, us-east-1: StopLogging of cloudtrail.amazonaws.com by arn:aws:iam::111111111111:user/mallory"',
      );
      await listener.close();
    });

    step("what is there already is named by AWS where it is to be created again", async () => {
      synthesizeAccount(second, "create");
      await secondStack.init();
      const { stderr } = await secondStack.apply(
        1,
        "-target=aws_guardduty_detector.skymanuals",
        "-target=aws_securityhub_account.skymanuals",
        "-target=aws_accessanalyzer_analyzer.skymanuals",
        "-target=aws_iam_service_linked_role.config",
      );
      for (const error of [
        "AWSServiceRoleForConfig has been taken in this account",
        "a detector already exists for the current account",
        "Account is already subscribed to Security Hub",
        "Analyzer already exists: skymanuals",
      ]) {
        expect(stderr).toContain(error);
      }
    });

    step("with adopt it is taken over, and nothing of it is created, replaced or destroyed", async () => {
      // Keys and topic have names of this stack alone; their states go with the folder.
      const state = join(local.folder("second"), "terraform.skymanuals-account-nonprod.tfstate");
      expect(existsSync(state)).toBe(true);
      rmSync(state);
      synthesizeAccount(second, "adopt");
      const { stdout } = await secondStack.plan();
      const imported = [...stdout.matchAll(/# (\S+) will be imported/g)].map(([, address]) => address);
      const changedInPlace = [...stdout.matchAll(/# (\S+) will be updated in-place\n\s+# \(imported/g)].map(
        ([, address]) => address,
      );
      expect([...imported, ...changedInPlace].sort()).toEqual([
        "aws_accessanalyzer_analyzer.skymanuals",
        "aws_cloudtrail.skymanuals",
        "aws_cloudwatch_log_resource_policy.elasticsearch_logs",
        "aws_config_configuration_recorder.skymanuals",
        "aws_config_configuration_recorder_status.skymanuals",
        "aws_config_delivery_channel.skymanuals",
        "aws_ebs_encryption_by_default.skymanuals",
        "aws_guardduty_detector.skymanuals",
        "aws_iam_account_password_policy.skymanuals",
        "aws_iam_service_linked_role.config",
        "aws_iam_service_linked_role.elasticsearch",
        "aws_s3_account_public_access_block.skymanuals",
        "aws_securityhub_account.skymanuals",
      ]);
      expect(stdout).toMatch(/Plan: 13 to import, \d+ to add, \d+ to change, 0 to destroy\./);
      expect(stdout).not.toContain("must be replaced");
    });

    step("is changed in place, and destroyed without a rest", async () => {
      synthesizeAccount(outdir, "create", { standards: ["nist-800-53/v/5.0.0"] });
      expect((await stack.apply()).stdout).toContain("Resources: 1 added, 0 changed, 2 destroyed");
      await stack.expectEmptyPlan();
      await stack.destroy();
      expect(await local.emulator.inventory()).toEqual([]);
    });
  },
  () => local.remove(),
);
