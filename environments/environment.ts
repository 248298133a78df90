/**
 * What an environment is: the typed literal that `environments/<name>.ts` exports.
 * Every field is explicit; `schema.ts` checks the whole at the edge, and constructs trust what they are given.
 */
export interface Environment {
  /** Lower-case letters, digits and hyphens, 2 to 16 characters. The stack is `skymanuals-<name>`. */
  readonly name: string;
  /** The one AWS account that this environment may be applied to: 12 digits, as a string. */
  readonly accountId: string;
  /** AWS region, such as `us-east-1`. */
  readonly region: string;
  /** Availability zone names of the region, 2 or 3, in order: subnet `[n]` lies in zone `n`. Reordering replaces subnets. */
  readonly zones: readonly string[];
  readonly size: Size;
  readonly names: Names;
  readonly backend: Backend;
  readonly network: Network;
  readonly edge: Edge;
  readonly api: Api;
  readonly tracing: Tracing;
  readonly database: Database;
  readonly redis: Redis;
  readonly storage: Storage;
  readonly elasticsearch: Elasticsearch;
  readonly logstash: Logstash;
  readonly audit: Audit;
  readonly protection: Protection;
  /**
   * The public name of the API, or null: CloudFront's own domain name, and plain HTTP from CloudFront to the load balancer.
   * Setting it on a running environment moves the load balancer from port 80 to 443 minutes before CloudFront follows.
   */
  readonly domain: Domain | null;
  readonly budget: Budget;
  /** Who is told of compliance alerts: e-mail address; AWS sends a confirmation to it first. */
  readonly complianceEmail: string;
  readonly adopted: Adopted;
}

/** Instance classes and counts of one size; the guide's cost tables name them. See `sizes.ts`. */
export interface Size {
  /** Default of the variable `api_desired_count`: API tasks that always run. */
  readonly apiDesiredCount: number;
  /** Upper bound of API autoscaling, at least `apiDesiredCount`. */
  readonly apiMaximumCount: number;
  /** Default of the variable `database_instance_class`, such as `db.t3.medium`. */
  readonly databaseInstanceClass: string;
  readonly databaseMultiAz: boolean;
  /** Instances of the database's class that follow it, for reading, 0 to 15; DATABASE_READER_URL names them. */
  readonly databaseReadReplicas: number;
  /** Default of the variable `redis_node_type`, such as `cache.t3.micro`. */
  readonly redisNodeType: string;
  /** Default of the variable `elasticsearch_instance_type`, with AWS's suffix: `t3.medium.elasticsearch`. */
  readonly elasticsearchInstanceType: string;
  /** Default of the variable `elasticsearch_instance_count`: a multiple of the zones when there are 2, at least 3 when there are 3. */
  readonly elasticsearchInstanceCount: number;
  /** Default of the variable `elasticsearch_master_instance_type`. */
  readonly elasticsearchMasterInstanceType: string;
  /** Default of the variable `elasticsearch_volume_size`, in GiB per data node. */
  readonly elasticsearchVolumeSizeGiB: number;
  /** Which edge locations answer: 100 is North America, Europe and Israel; 200 all but South America, Australia and New Zealand; All is all. */
  readonly priceClass: "PriceClass_100" | "PriceClass_200" | "PriceClass_All";
}

export interface Names {
  /** First part of every resource name: `skymanuals` in production (the documented names), `skymanuals-<name>` elsewhere. */
  readonly prefix: string;
  /** S3 bucket names are global to all of AWS: `<environment>-skymanuals-chunks` in the guide. */
  readonly chunksBucket: string;
  /** Bucket of the access logs of the load balancer, the distribution and the chunks bucket. */
  readonly logsBucket: string;
}

/** Where Terraform keeps the state. */
export type Backend = LocalBackend | S3Backend | CloudBackend;

/** `terraform.<stack>.tfstate` beside cdktf.out. */
export interface LocalBackend {
  readonly type: "local";
}

/** An S3 bucket with a native lock file; `skymanuals-state-<account>` creates bucket and key. */
export interface S3Backend {
  readonly type: "s3";
  readonly bucket: string;
  /** Object key of the state, such as `skymanuals-production/terraform.tfstate`. */
  readonly key: string;
  readonly region: string;
  /** Key, key ARN or `alias/...` that encrypts the state. */
  readonly kmsKeyId: string;
}

/** HCP Terraform (Terraform Cloud): a workspace by name or by tags. */
export interface CloudBackend {
  readonly type: "cloud";
  readonly organization: string;
  readonly project: string | null;
  readonly workspace: { readonly name: string } | { readonly tags: readonly string[] };
}

export interface Network {
  /** IPv4 CIDR block of the VPC, /16 to /20: each subnet takes 8 more bits, so a /16 gives /24 subnets. */
  readonly vpcCidrBlock: string;
  /** One NAT gateway for all zones (about 32 USD a month each), or one in each zone. */
  readonly natGateways: "one" | "per-zone";
  /** AWS services reached inside the VPC rather than through NAT: `ecr.api`, `logs`, ... (about 7 USD a month and zone each). */
  readonly interfaceEndpoints: readonly string[];
  /** Days that VPC flow logs are kept, or null: no flow logs. A retention that CloudWatch Logs knows. */
  readonly flowLogRetentionDays: number | null;
  /** Default of the variable `allowed_ips`: IPv4 CIDR blocks (an office, a VPN) that may reach the Elasticsearch domain on port 443. */
  readonly allowedIps: readonly string[];
}

/** The public entrance: distribution, web ACL, load balancer. */
export interface Edge {
  /**
   * CloudFront path patterns, such as `/static/*`, of which every answer is public and the same for everybody: CloudFront
   * caches them, and sends the API neither cookies, nor Authorization, nor the query. None may meet `/api/*`. At most 73.
   */
  readonly publicPaths: readonly string[];
  /** Days that the access logs and the web ACL's log are kept: a retention that CloudWatch Logs knows. */
  readonly logRetentionDays: number;
  /** true: the web ACL lets in nobody but the variable `allowed_ips`, over IPv4. Not where EFB devices come from anywhere. */
  readonly restrictToAllowedIps: boolean;
  readonly waf: WafSettings;
}

export interface WafSettings {
  /**
   * Rules and rule groups, by AWS's names (`NoUserAgent_HEADER`, `AWSManagedRulesSQLiRuleSet`) or ours (`RateLimit`,
   * `AllowedIps`), that count what they match instead of blocking it: for a first rollout.
   */
  readonly countOnly: readonly string[];
  /** Requests of one address in five minutes, 10 to 2,000,000,000, after which it is blocked. An airline's devices may share one. */
  readonly rateLimit: number;
  /**
   * Where bodies over 8 KB are let through, such as `/api/manuals`: each path and everything below it; `*` stands for one
   * segment. Everywhere else they are blocked.
   */
  readonly uploadPaths: readonly string[];
}

export interface Api {
  /**
   * Default of the variable `ecr_repository_url`: registry and repository, without tag. Null: the repository
   * `<prefix>-api`, which the stack creates.
   */
  readonly ecrRepositoryUrl: string | null;
  /**
   * Default of the variable `api_image_tag`: a tag other than `latest`, or `sha256:<digest>`. It is the first image; after
   * that the SSM parameter `/<prefix>/api/image` says what runs, and releases write it.
   */
  readonly imageTag: string;
  /** Fargate CPU units: 1024 is one vCPU. */
  readonly cpu: number;
  /** Fargate memory in MiB, one that AWS pairs with `cpu`. */
  readonly memoryMiB: number;
  /** Raise it to rotate JWT_SECRET: every session signed with the old one ends. */
  readonly jwtSecretVersion: number;
  /** Raise it to rotate the header by which the load balancer recognises the distribution. */
  readonly originSecretVersion: number;
  /** Autoscaling adds tasks above so many requests per minute and task, 1 to 1000000. */
  readonly requestsPerMinutePerTask: number;
  /** Times in which autoscaling has other bounds, such as a maintenance window; empty for none. */
  readonly scheduledScaling: readonly ScalingWindow[];
}

/**
 * While it is open, a plan shows the bounds of the service as changed from outside, and an apply ends it early.
 */
export interface ScalingWindow {
  /** Lower-case letters, digits and hyphens, at most 32: part of the names of its two actions. */
  readonly name: string;
  /** `cron(<minute> <hour> <day> <month> <weekday> <year>)`, or `at(<yyyy-mm-dd>T<hh:mm:ss>)`. */
  readonly start: string;
  /** As `start`. The service's own bounds, `api_desired_count` and the size's `apiMaximumCount`, hold again. */
  readonly end: string;
  /** IANA name, such as `UTC` or `Europe/Stockholm`. */
  readonly timezone: string;
  /** Tasks, at least 1. */
  readonly minimum: number;
  /** Tasks, at least `minimum`. */
  readonly maximum: number;
}

/** Which requests of the API X-Ray traces. Health checks are never traced. */
export interface Tracing {
  /** Requests per second, over all tasks, that are traced whatever the share: 0 to 1000. */
  readonly reservoirPerSecond: number;
  /** Share of the other requests that is traced: 0 to 100. */
  readonly sampledPercent: number;
  /** Requests that take longer than this many seconds are grouped with the failed ones: 1 to 60. */
  readonly slowSeconds: number;
}

export interface Database {
  /** Default of the variable `database_username`. */
  readonly username: string;
  /** `15` follows AWS's minor versions; `15.4` pins one. */
  readonly engineVersion: string;
  /** Days of automated backups, 1 to 35: how far back a point-in-time restore reaches. */
  readonly backupRetentionDays: number;
  /** false: changes that restart the database wait for the maintenance window. */
  readonly applyImmediately: boolean;
  /** Default of the variable `database_password_version`: raise it to rotate the password. */
  readonly passwordVersion: number;
  /** The user in DATABASE_URL, which may read and write rows and owns nothing. Other than `username`. */
  readonly applicationUsername: string;
  /** Raise it to rotate the password in DATABASE_URL. */
  readonly applicationPasswordVersion: number;
}

export interface Redis {
  /** Days that daily snapshots are kept, 0 to 35; 0 takes none. */
  readonly snapshotRetentionDays: number;
  /**
   * ROTATE keeps accepting what was accepted before, the previous token or none; SET accepts the current token only. To
   * rotate while tasks run: raise the version with ROTATE, apply, then SET, apply.
   */
  readonly authTokenUpdateStrategy: "SET" | "ROTATE";
  /** Raise it to rotate the token. */
  readonly authTokenVersion: number;
}

export interface Storage {
  /** `AES256`: keys of S3, as documented. `aws:kms`: a key of our own for new chunks, which can be withdrawn and is audited. */
  readonly encryption: "AES256" | "aws:kms";
  /**
   * Beginnings of keys, each ending in a slash, of chunks that nobody reads: after a year they move to DEEP_ARCHIVE, from
   * which a chunk takes 12 hours. Intelligent tiering is not offered: the documented transitions would move chunks out of it.
   */
  readonly coldPrefixes: readonly string[];
}

export interface Elasticsearch {
  /** Dedicated master nodes: 0, 3 (as documented) or 5. */
  readonly dedicatedMasterCount: number;
  /** ARNs of existing IAM roles of people or tools that may use the domain and Kibana, with signed requests. */
  readonly operatorRoleArns: readonly string[];
}

export interface Logstash {
  /** Tag or digest of the image in the repository `<prefix>-logstash`. */
  readonly imageTag: string;
  /**
   * FARGATE_SPOT costs about a third, and takes the task away on two minutes' notice: its logs arrive later then. FARGATE is
   * the documented service. A change replaces a running service.
   */
  readonly capacity: "FARGATE" | "FARGATE_SPOT";
  readonly cpu: number;
  readonly memoryMiB: number;
}

/** The chain of custody: what is recorded of every chunk, and how long the records cannot be deleted. */
export interface Audit {
  /** S3 bucket of the records; global to all of AWS. */
  readonly bucket: string;
  /** COMPLIANCE: nobody can delete a record before its time, the account's root user included. GOVERNANCE: who may bypass it can. */
  readonly lockMode: "COMPLIANCE" | "GOVERNANCE";
  /** Days that a record is locked: at least 2557, which cover any seven years, unless everything may be deleted (`forceDestroy`). */
  readonly retentionDays: number;
  /** Media types, in lower case and without parameters, that a chunk may have; others are recorded as rejected. */
  readonly contentTypes: readonly string[];
  /** A larger chunk is recorded as rejected, without its digest. 1 to 1024. */
  readonly maximumChunkMiB: number;
}

export interface Protection {
  /** Terraform refuses to plan the destruction of what holds data. */
  readonly preventDestroy: boolean;
  /** AWS refuses to delete the database and the load balancer. */
  readonly deletionProtection: boolean;
  /** Take a last snapshot when the database is deleted. */
  readonly finalSnapshot: boolean;
  /** Let Terraform delete buckets and repositories with everything in them, and old revisions of task definitions. */
  readonly forceDestroy: boolean;
  /** Days in which a deleted secret can be restored: 0 (deleted at once) or 7 to 30. */
  readonly secretRecoveryDays: number;
}

export interface Domain {
  /** Viewers' name of the API, such as `api.skymanuals.com`; `origin.<zoneName>` is the load balancer's. */
  readonly apiName: string;
  /** Route 53 public hosted zone that holds both names. */
  readonly zoneName: string;
  /** `lookup`: the zone exists. `create`: this stack creates it, and the registrar must delegate to it. */
  readonly zone: "lookup" | "create";
  /** ARN of a certificate in us-east-1 that carries `apiName`, or null: one is requested and validated. */
  readonly viewerCertificateArn: string | null;
  /** ARN of a certificate in the environment's region that carries `origin.<zoneName>` and `apiName`, or null: one is requested and validated. */
  readonly originCertificateArn: string | null;
}

export interface Budget {
  /** Monthly limit in USD. */
  readonly limitUsd: number;
  /** Where the alert at 80 % goes. */
  readonly email: string;
}

/** What an environment took over from an existing state; `npm run adopt` prints these lines. Empty for a new environment. */
export interface Adopted {
  /** By address: arguments that keep the value found in the state, in Terraform's own names. */
  readonly keep: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** By our address: the address to use instead, where the state has something else at ours. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Objects of the state that one of our addresses continues. */
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  /** Objects of the state that Terraform forgets and leaves as they are. */
  readonly removed: readonly string[];
}

/** One AWS account and region: what AWS allows once there, and the bucket that keeps the state of its environments. */
export interface Account {
  /** The stacks are `skymanuals-account-<name>` and `skymanuals-state-<name>`. */
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** `create`, or `adopt` where the account has the role already (it has, once any Elasticsearch or OpenSearch domain lay in a VPC). */
  readonly elasticsearchServiceLinkedRole: "create" | "adopt";
  readonly stateBucket: {
    readonly bucket: string;
    /** `alias/...` of the KMS key that encrypts the states. */
    readonly kmsKeyAlias: string;
  };
  readonly backend: Backend;
}
