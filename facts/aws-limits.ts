/** Facts of AWS, Terraform and PostgreSQL that the schema checks against, each with its source. */

const tebibyte = 1024;

/**
 * Largest gp3 volume in GiB for each Elasticsearch instance type that takes gp3.
 * Source: Amazon OpenSearch Service Developer Guide, "Quotas", EBS volume size quotas.
 */
export const elasticsearchGp3MaximumGiB: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  t3: { small: 100, medium: 200 },
  m5: {
    large: tebibyte,
    xlarge: 2 * tebibyte,
    "2xlarge": 3 * tebibyte,
    "4xlarge": 6 * tebibyte,
    "12xlarge": 18 * tebibyte,
  },
  m6g: {
    large: tebibyte,
    xlarge: 2 * tebibyte,
    "2xlarge": 3 * tebibyte,
    "4xlarge": 6 * tebibyte,
    "8xlarge": 12 * tebibyte,
    "12xlarge": 18 * tebibyte,
  },
  c5: {
    large: 256,
    xlarge: 512,
    "2xlarge": tebibyte,
    "4xlarge": 1.5 * tebibyte,
    "9xlarge": 3.5 * tebibyte,
    "18xlarge": 7 * tebibyte,
  },
  c6g: {
    large: 256,
    xlarge: 512,
    "2xlarge": tebibyte,
    "4xlarge": 1.5 * tebibyte,
    "8xlarge": 3 * tebibyte,
    "12xlarge": 4.5 * tebibyte,
  },
  r5: {
    large: 2 * tebibyte,
    xlarge: 3 * tebibyte,
    "2xlarge": 6 * tebibyte,
    "4xlarge": 12 * tebibyte,
    "12xlarge": 24 * tebibyte,
  },
  r6g: {
    large: 2 * tebibyte,
    xlarge: 3 * tebibyte,
    "2xlarge": 6 * tebibyte,
    "4xlarge": 12 * tebibyte,
    "8xlarge": 16 * tebibyte,
    "12xlarge": 24 * tebibyte,
  },
};

/** Families without gp3 volumes (older, or with instance storage only). Source: as above, "N/A" in the gp3 column. */
export const elasticsearchFamiliesWithoutGp3 = ["t2", "m3", "m4", "c4", "r3", "r4", "i2", "i3", "r6gd", "ultrawarm1"];

/** Families without encryption at rest. Source: the same guide, "Supported instance types". */
export const elasticsearchFamiliesWithoutEncryption = ["t2", "m3", "r3"];

/** Volume sizes in GiB, whatever the type. Source: the same guide, "Quotas". */
export const elasticsearchVolumeGiB = { minimum: 10, maximum: 24 * tebibyte };

/** Data nodes: 80 by default, 200 on request; 10 where the masters are T2 or T3. Source: the same guide, "Quotas". */
export const elasticsearchNodes = { maximum: 200, maximumWithBurstableMasters: 10 };

/** No master, or 3, or the maximum of 5: one is refused, an even number has no majority. Source: the same guide, "Dedicated master nodes". */
export const dedicatedMasterCounts = [0, 3, 5];

/**
 * Memory in MiB that Fargate pairs with each number of CPU units, from the first to the second in steps of the third.
 * Source: Amazon ECS Developer Guide, "Troubleshoot Amazon ECS task definition invalid CPU or memory errors".
 * 256 units take 512, 1024 and 2048 only.
 */
export const fargateMemoryMiB: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1024, 2048],
  512: steps(1024, 4096, 1024),
  1024: steps(2048, 8192, 1024),
  2048: steps(4096, 16384, 1024),
  4096: steps(8192, 30720, 1024),
  8192: steps(16384, 61440, 4096),
  16384: steps(32768, 122880, 8192),
};

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

/** Read replicas of one RDS for PostgreSQL instance. Source: Amazon RDS User Guide, "Working with read replicas for Amazon RDS for PostgreSQL". */
export const databaseReadReplicas = 15;

/** Tasks of one ECS service. Source: Amazon ECS service quotas, "Tasks per service". */
export const tasksPerService = 5000;

/** Retention in days that a log group can have. Source: CloudWatch Logs API, PutRetentionPolicy. */
export const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/**
 * `com.amazonaws.<region>.<name>` services with an interface endpoint that this platform's containers and functions can call.
 * Source: AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink".
 */
export const interfaceEndpointServices = [
  "application-autoscaling",
  "backup",
  "cloudtrail",
  "config",
  "ec2",
  "ec2messages",
  "ecr.api",
  "ecr.dkr",
  "ecs",
  "ecs-agent",
  "ecs-telemetry",
  "elasticache",
  "elasticloadbalancing",
  "email-smtp",
  "events",
  "guardduty-data",
  "kms",
  "lambda",
  "logs",
  "monitoring",
  "rds",
  "secretsmanager",
  "securityhub",
  "sns",
  "sqs",
  "ssm",
  "ssmmessages",
  "states",
  "sts",
  "xray",
];

/** Services with a gateway endpoint, which costs nothing. Source: AWS PrivateLink Guide, "Gateway endpoints". */
export const gatewayEndpointServices = ["s3", "dynamodb"];

/** Private IPv4 ranges: RFC 1918, and the shared address space of RFC 6598. A VPC of another range hides a part of the internet. */
export const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/**
 * Prefix lengths of a VPC: AWS takes /16 to /28, and a subnet of 8 more bits must be /27 or larger for a load balancer.
 * Sources: Amazon VPC User Guide, "VPC CIDR blocks"; Elastic Load Balancing User Guide, "Availability Zones for your Application
 * Load Balancer".
 */
export const vpcPrefixLengths = { minimum: 16, maximum: 19 };

/** Rules of one direction in a security group; a block of addresses and a group are one each. Source: Amazon VPC quotas, "Inbound or outbound rules per security group". */
export const securityGroupRules = 60;

/** Networks that may reach the log store: a rule each, and two admit Logstash and the log store's bootstrap. */
export const allowedNetworks = securityGroupRules - 2;

/**
 * Minor versions of PostgreSQL 15 that RDS has or may have: it began with 15.2, had 15.17 in March 2026, and PostgreSQL 15 ends in
 * November 2027, after seven more quarterly releases and perhaps two out of turn. Which of them can be created, AWS says.
 * Sources: Amazon RDS for PostgreSQL Release Notes, "PostgreSQL version 15"; PostgreSQL, "Versioning Policy". Read in November 2026.
 */
export const postgres15Minor = { minimum: 2, maximum: 26 };

/** Cache node families that new clusters cannot have. Source: ElastiCache API, CacheNode ("creation of new clusters is not supported"). */
export const redisPreviousFamilies = ["t1", "m1", "m3", "c1", "m2", "r3"];

/** Families that need data tiering, which the replication group does not switch on. Source: ElastiCache User Guide, "Data tiering". */
export const redisDataTieringFamilies = ["r6gd"];

/**
 * Beginnings that AWS keeps for itself, each with what cannot be named so.
 * Sources: Elastic Load Balancing API, CreateLoadBalancer; AWS Systems Manager API, PutParameter ("can't be prefixed with aws or
 * ssm", the first level of a path included); Amazon EC2 API, CreateSecurityGroup.
 */
export const reservedNamePrefixes: Readonly<Record<string, string>> = {
  "internal-": "load balancer",
  aws: "parameter",
  ssm: "parameter",
  "sg-": "security group",
};

/** Beginnings and endings of bucket names that S3 reserves. Source: Amazon S3 User Guide, "General purpose bucket naming rules". */
export const reservedBucketPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
export const reservedBucketSuffixes = ["-s3alias", "--ol-s3", "--x-s3", "--table-s3"];

/**
 * Characters of the media types that the custody function gets as one environment variable: all its variables may have 4 KB
 * together. Source: AWS Lambda quotas, "Function environment variables".
 */
export const contentTypesMaximum = 3500;

/** Longest default retention of Object Lock. Source: Amazon S3 API, DefaultRetention (100 years). */
export const objectLockDays = 36500;

/** Characters of a certificate's first domain name. Source: ACM API, RequestCertificate. */
export const certificateNameMaximum = 64;

/**
 * User names that RDS for PostgreSQL refuses, in lower case.
 * Sources: Amazon RDS User Guide, "Understanding PostgreSQL roles and permissions" (RDS's own roles); PostgreSQL 15, CREATE ROLE
 * and appendix C (key words that are reserved, or reserved but for functions and types).
 */
export const reservedUsernames = new Set(
  `admin rdsadmin rds_superuser rds_replication rds_password rds_iam rds_ad rds_reserved rdsrepladmin rdstopmgr
  rdswriteforwarduser public none
  all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
  full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
  localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning
  right select session_user similar some symmetric table tablesample then to trailing true union unique user using
  variadic verbose when where window with`.split(/\s+/),
);

/** Beginning of user names that PostgreSQL keeps for itself. Source: PostgreSQL 15, CREATE ROLE. */
export const reservedUsernamePrefix = "pg_";

/**
 * Rules of the AWS managed rule groups that the web ACL uses, the groups in order of evaluation.
 * Source: AWS WAF Developer Guide, "AWS Managed Rules rule groups list", the groups' default versions.
 */
export const wafManagedRules: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesAmazonIpReputationList: [
    "AWSManagedIPReputationList",
    "AWSManagedReconnaissanceList",
    "AWSManagedIPDDoSList",
  ],
  AWSManagedRulesCommonRuleSet: [
    "NoUserAgent_HEADER",
    "UserAgent_BadBots_HEADER",
    "SizeRestrictions_QUERYSTRING",
    "SizeRestrictions_Cookie_HEADER",
    "SizeRestrictions_BODY",
    "SizeRestrictions_URIPATH",
    "EC2MetaDataSSRF_BODY",
    "EC2MetaDataSSRF_COOKIE",
    "EC2MetaDataSSRF_URIPATH",
    "EC2MetaDataSSRF_QUERYARGUMENTS",
    "GenericLFI_QUERYARGUMENTS",
    "GenericLFI_URIPATH",
    "GenericLFI_BODY",
    "RestrictedExtensions_URIPATH",
    "RestrictedExtensions_QUERYARGUMENTS",
    "GenericRFI_QUERYARGUMENTS",
    "GenericRFI_BODY",
    "GenericRFI_URIPATH",
    "CrossSiteScripting_COOKIE",
    "CrossSiteScripting_QUERYARGUMENTS",
    "CrossSiteScripting_BODY",
    "CrossSiteScripting_URIPATH",
  ],
  AWSManagedRulesKnownBadInputsRuleSet: [
    "JavaDeserializationRCE_HEADER",
    "JavaDeserializationRCE_BODY",
    "JavaDeserializationRCE_URIPATH",
    "JavaDeserializationRCE_QUERYSTRING",
    "Host_localhost_HEADER",
    "PROPFIND_METHOD",
    "ExploitablePaths_URIPATH",
    "Log4JRCE_HEADER",
    "Log4JRCE_QUERYSTRING",
    "Log4JRCE_BODY",
    "Log4JRCE_URIPATH",
    "ReactJSRCE_BODY",
  ],
  AWSManagedRulesSQLiRuleSet: [
    "SQLi_QUERYARGUMENTS",
    "SQLiExtendedPatterns_QUERYARGUMENTS",
    "SQLi_BODY",
    "SQLiExtendedPatterns_BODY",
    "SQLi_COOKIE",
    "SQLi_URIPATH",
  ],
};

/** Rules of the web ACL that are ours and block by themselves. */
export const wafOwnRules = ["AllowedIps", "RateLimit"];

/** Requests of a rate-based rule. Source: AWS WAF API, RateBasedStatement. */
export const wafRateLimit = { minimum: 10, maximum: 2_000_000_000 };

/**
 * Characters of a regular expression in a rule: the quota, which cannot be raised, and not the 512 of the API's shape
 * (RegexMatchStatement). Source: AWS WAF Developer Guide, "AWS WAF quotas".
 */
export const wafRegexMaximum = 200;

/**
 * Expressions that the upload paths may take. Each costs 36 capacity units, as it is matched twice: 3 + 10 on the path as
 * sent, 3 + 20 decoded and normalized; the other rules take 1130 at most, and 1500 are in the price.
 * Sources: AWS WAF Developer Guide, "Regex match rule statement" (3, and 10 for each text transformation) and "Web ACL
 * capacity units (WCUs) in AWS WAF".
 */
export const wafUploadRegexMaximum = 10;

/** Cache behaviours of a distribution beside the default one and `/api/*`. Source: CloudFront quotas, "Cache behaviors per distribution", 75. */
export const publicPathMaximum = 73;
