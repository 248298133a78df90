import { SecurityhubAccount } from "@cdktf/provider-aws/lib/securityhub-account";
import { SecurityhubStandardsSubscription } from "@cdktf/provider-aws/lib/securityhub-standards-subscription";
import { Construct } from "constructs";
import type { SecurityStandard } from "../../facts/security-standards";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";

export interface SecurityHubProps {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  readonly origin: SingletonOrigin;
  readonly standards: readonly SecurityStandard[];
}

/**
 * Security Hub CSPM: checks the region's resources against standards, and collects findings of GuardDuty and IAM Access Analyzer. It
 * is what `aws_securityhub_account` switches on; the newer AWS Security Hub is another service. Its checks read what AWS Config
 * records, by rules that it makes itself and that Config does not charge for.
 *
 * Cost a month: 0.0010 USD for each check of the first 100,000 of an account and region (AWS Security Hub CSPM, pricing, us-east-1,
 * November 2026); two standards over 300 resources make some 30,000, 30 USD. Findings of its own checks are free.
 *
 * An apply that creates it where it exists ends with ResourceConflictException: "Account is already subscribed to Security Hub". An
 * enabled standard is taken over.
 * Sources: AWS Security Hub API Reference, EnableSecurityHub and BatchEnableStandards.
 */
export class SecurityHub extends Construct {
  constructor(scope: Construct, id: string, { accountId, region, origin, standards }: SecurityHubProps) {
    super(scope, id);
    const hub = new SecurityhubAccount(this, "aws_securityhub_account.skymanuals", {
      // The standards are those that are named.
      enableDefaultStandards: false,
      controlFindingGenerator: "SECURITY_CONTROL",
      autoEnableControls: true,
      // It is only read when the hub is created, and AWS does not tell it afterwards: a difference would replace the hub.
      lifecycle: { ignoreChanges: ["enable_default_standards"] },
    });
    if (origin === "adopt") {
      new Import(this, hub, accountId);
    }
    for (const standard of standards) {
      new SecurityhubStandardsSubscription(
        this,
        `aws_securityhub_standards_subscription.${standard.replace(/\/v\//, "_").replace(/[-.]/g, "_")}`,
        { standardsArn: `arn:aws:securityhub:${region}::standards/${standard}`, dependsOn: [hub] },
      );
    }
  }
}
