import { ConfigConfigurationRecorder } from "@cdktf/provider-aws/lib/config-configuration-recorder";
import { ConfigConfigurationRecorderStatus } from "@cdktf/provider-aws/lib/config-configuration-recorder-status";
import { ConfigDeliveryChannel } from "@cdktf/provider-aws/lib/config-delivery-channel";
import { ConfigRetentionConfiguration } from "@cdktf/provider-aws/lib/config-retention-configuration";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";
import { actingFor, type Statement } from "../parts/policy-document";
import { PrivateBucket } from "../parts/private-bucket";

export interface ConfigRecorderProps {
  /** 12 digits. */
  readonly accountId: string;
  readonly origin: SingletonOrigin;
  readonly recorderName: string;
  readonly channelName: string;
  readonly bucket: string;
  readonly recordingFrequency: "CONTINUOUS" | "DAILY";
  /** Days for which Config itself keeps its history, 30 to 2557. */
  readonly retentionDays: number;
  /** Record what is global (IAM) too: in one region of the account, or it is recorded, and paid for, once in each. */
  readonly recordsGlobalTypes: boolean;
  /** The service-linked role, where this stack creates it. Default: another stack has. */
  readonly role?: ITerraformDependable;
  readonly preventDestroy: boolean;
  readonly forceDestroy: boolean;
}

const service = { Service: "config.amazonaws.com" };

/**
 * AWS Config: records how every resource of the region is set, and every change of it, and delivers its history to a bucket each day.
 * The bucket holds data: versions are kept, and none expires. It cannot lock by default, because Config does not deliver there; that
 * no version is deleted is the matter of who may delete one, which CloudTrail logs.
 *
 * Cost a month: 0.003 USD for each configuration item recorded continuously, 0.012 USD for each recorded daily (AWS Config, pricing,
 * us-east-1, November 2026): a thousand changes a day, most of them network interfaces of tasks that come and go, are 90 USD. Daily
 * recording is cheaper for what changes more than four times a day.
 *
 * A region has one recorder and one channel: an apply that makes a second ends with MaxNumberOfConfigurationRecordersExceededException
 * or MaxNumberOfDeliveryChannelsExceededException. One of the same name is changed without an error.
 * Sources: AWS Config Developer Guide, "Managing the configuration recorder", "Managing the delivery channel", "Permissions for the
 * Amazon S3 bucket for the AWS Config delivery channel" and "Using service-linked roles for AWS Config"; AWS Security Hub User Guide,
 * Config.1 (the service-linked role records).
 */
export class ConfigRecorder extends Construct {
  /** What has to be there before the first rule is. */
  readonly recording: ITerraformDependable;

  constructor(scope: Construct, id: string, props: ConfigRecorderProps) {
    super(scope, id);
    const { accountId, recorderName, channelName, bucket: bucketName } = props;
    const history = new PrivateBucket(this, "config", {
      bucketName,
      tags: { Name: bucketName },
      preventDestroy: props.preventDestroy,
      forceDestroy: props.forceDestroy,
      versioned: true,
      policy: (bucketArn) => ({ allow: deliveries(bucketArn, accountId) }),
    });
    const recorder = new ConfigConfigurationRecorder(this, "aws_config_configuration_recorder.skymanuals", {
      name: recorderName,
      roleArn: `arn:aws:iam::${accountId}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
      recordingGroup: { allSupported: true, includeGlobalResourceTypes: props.recordsGlobalTypes },
      recordingMode: { recordingFrequency: props.recordingFrequency },
      dependsOn: props.role && [props.role],
    });
    const channel = new ConfigDeliveryChannel(this, "aws_config_delivery_channel.skymanuals", {
      name: channelName,
      s3BucketName: history.bucket.bucket,
      snapshotDeliveryProperties: { deliveryFrequency: "TwentyFour_Hours" },
      dependsOn: [recorder, history.policy],
    });
    const status = new ConfigConfigurationRecorderStatus(this, "aws_config_configuration_recorder_status.skymanuals", {
      name: recorder.name,
      isEnabled: true,
      dependsOn: [channel],
    });
    new ConfigRetentionConfiguration(this, "aws_config_retention_configuration.skymanuals", {
      retentionPeriodInDays: props.retentionDays,
    });
    if (props.origin === "adopt") {
      new Import(this, recorder, recorderName);
      new Import(this, channel, channelName);
      new Import(this, status, recorderName);
    }
    this.recording = status;
  }
}

function deliveries(bucketArn: string, accountId: string): Statement[] {
  const own = actingFor(accountId);
  return [
    {
      Sid: "AWSConfigBucketPermissionsCheck",
      Principal: service,
      Action: ["s3:GetBucketAcl"],
      Resource: [bucketArn],
      Condition: own,
    },
    {
      Sid: "AWSConfigBucketExistenceCheck",
      Principal: service,
      Action: ["s3:ListBucket"],
      Resource: [bucketArn],
      Condition: own,
    },
    {
      Sid: "AWSConfigBucketDelivery",
      Principal: service,
      Action: ["s3:PutObject"],
      Resource: [`${bucketArn}/AWSLogs/${accountId}/Config/*`],
      Condition: { StringEquals: { ...own?.StringEquals, "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
  ];
}
