/**
 * Ids of availability zones that are old and full: new instance types are not offered in them, and managed services leave them
 * out. A zone's name is shuffled for each account; its id is one place.
 * Sources: Amazon EKS User Guide, "Amazon EKS networking requirements" and Amazon CloudFront Developer Guide, "Restrict access
 * with VPC origins" (zones that they leave out); AWS RAM User Guide, "Availability Zone IDs for your AWS resources".
 */
export const constrainedZoneIds = ["use1-az3", "usw1-az2", "cac1-az3"] as const;
