/** Where what serves CloudFront is: its certificates, web ACLs and metrics. */
export const edgeRegion = "us-east-1";

/**
 * Regions of the partition `aws`, in alphabetical order.
 * Source: AWS Regions and Availability Zones User Guide, "AWS Regions"; the codes as in the table of partitions that AWS's SDK for
 * JavaScript brings along (@aws-sdk/core 3.981.0), read in November 2026. A region that opens later is added here.
 */
export const regions = [
  "af-south-1",
  "ap-east-1",
  "ap-east-2",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-south-2",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
  "ca-central-1",
  "ca-west-1",
  "eu-central-1",
  "eu-central-2",
  "eu-north-1",
  "eu-south-1",
  "eu-south-2",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "me-west-1",
  "mx-central-1",
  "sa-east-1",
  "sa-west-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
] as const;
