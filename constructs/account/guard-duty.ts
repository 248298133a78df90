import { DataAwsGuarddutyDetector } from "@cdktf/provider-aws/lib/data-aws-guardduty-detector";
import { GuarddutyDetector } from "@cdktf/provider-aws/lib/guardduty-detector";
import { GuarddutyDetectorFeature } from "@cdktf/provider-aws/lib/guardduty-detector-feature";
import { Construct } from "constructs";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";

export interface GuardDutyProps {
  readonly origin: SingletonOrigin;
}

/** Beyond CloudTrail, flow logs and DNS, which every detector reads. */
const features = {
  S3_DATA_EVENTS: "ENABLED",
  RDS_LOGIN_EVENTS: "ENABLED",
  LAMBDA_NETWORK_LOGS: "ENABLED",
  // The platform has no cluster of EKS and no volume of EBS.
  EKS_AUDIT_LOGS: "DISABLED",
  EBS_MALWARE_PROTECTION: "DISABLED",
  RUNTIME_MONITORING: "DISABLED",
} as const;

/**
 * GuardDuty: looks for attacks in calls of AWS's API, DNS queries and network flows, in accesses to S3, logins to RDS and the traffic
 * of functions. Runtime monitoring is off: its automated agent puts a sidecar into every Fargate task, and makes a VPC endpoint and
 * security group by itself, which Terraform does not know and which keep a VPC from being destroyed.
 *
 * Cost a month: 4.00 USD per million of management events, 0.80 USD per million of S3 data events, 1.00 USD per GB of flow and DNS
 * logs for the first 500 GB (Amazon GuardDuty, pricing, us-east-1, November 2026); nothing for the first 30 days. S3's reads are paid
 * for here, whether or not the trail logs them.
 *
 * A region has one detector: an apply that creates a second ends with BadRequestException: "a detector already exists for the current
 * account". Adopting finds its id.
 * Sources: Amazon GuardDuty User Guide, "Feature activation in GuardDuty" and "How Runtime Monitoring works with Fargate (Amazon ECS
 * only)"; API Reference, CreateDetector.
 */
export class GuardDuty extends Construct {
  constructor(scope: Construct, id: string, { origin }: GuardDutyProps) {
    super(scope, id);
    const detector = new GuarddutyDetector(this, "aws_guardduty_detector.skymanuals", {
      enable: true,
      // The console's own is six hours.
      findingPublishingFrequency: "FIFTEEN_MINUTES",
      tags: { Name: "skymanuals" },
    });
    if (origin === "adopt") {
      const existing = new DataAwsGuarddutyDetector(this, "data.aws_guardduty_detector.existing", {});
      new Import(this, detector, existing.id);
    }
    for (const [name, status] of Object.entries(features)) {
      new GuarddutyDetectorFeature(this, `aws_guardduty_detector_feature.${name.toLowerCase()}`, {
        detectorId: detector.id,
        name,
        status,
      });
    }
  }
}
