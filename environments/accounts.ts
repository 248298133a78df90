import type { Account } from "./environment";

/** Development and staging. */
const nonprod: Account = {
  name: "nonprod",
  accountId: "111111111111",
  region: "us-east-1",
  singletons: {
    elasticsearchServiceLinkedRole: "create",
    elasticsearchLogPolicy: "create",
    trail: "create",
    configServiceLinkedRole: "create",
    config: "create",
    securityHub: "create",
    guardDuty: "create",
    accessAnalyzer: "create",
    s3PublicAccessBlock: "create",
    ebsEncryption: "create",
    passwordPolicy: "create",
  },
  governance: {
    pageEmail: "security@skymanuals.com",
    trail: {
      name: "skymanuals",
      bucket: "skymanuals-trail-111111111111",
      lockMode: "GOVERNANCE",
      retentionDays: 2557,
      objectEvents: "write",
    },
    config: {
      recorderName: "default",
      channelName: "default",
      bucket: "skymanuals-config-111111111111",
      recordingFrequency: "CONTINUOUS",
      retentionDays: 2557,
    },
    standards: ["aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/3.0.0"],
    analyzerName: "skymanuals",
    preventDestroy: false,
    forceDestroy: true,
  },
  costs: { email: "admin@skymanuals.com", anomalyUsd: 100, monitorArn: null, activateTags: false },
  stateBucket: {
    bucket: "skymanuals-terraform-state-111111111111",
    kmsKeyAlias: "alias/skymanuals-terraform-state",
  },
  backend: { type: "local" },
};

const production: Account = {
  name: "production",
  accountId: "222222222222",
  region: "us-east-1",
  singletons: {
    elasticsearchServiceLinkedRole: "create",
    elasticsearchLogPolicy: "create",
    trail: "create",
    configServiceLinkedRole: "create",
    config: "create",
    securityHub: "create",
    guardDuty: "create",
    accessAnalyzer: "create",
    s3PublicAccessBlock: "create",
    ebsEncryption: "create",
    passwordPolicy: "create",
  },
  governance: {
    pageEmail: "security@skymanuals.com",
    trail: {
      name: "skymanuals",
      bucket: "skymanuals-trail-222222222222",
      lockMode: "COMPLIANCE",
      retentionDays: 2557,
      objectEvents: "write",
    },
    config: {
      recorderName: "default",
      channelName: "default",
      bucket: "skymanuals-config-222222222222",
      recordingFrequency: "CONTINUOUS",
      retentionDays: 2557,
    },
    standards: ["aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/3.0.0"],
    analyzerName: "skymanuals",
    preventDestroy: true,
    forceDestroy: false,
  },
  costs: { email: "admin@skymanuals.com", anomalyUsd: 100, monitorArn: null, activateTags: false },
  stateBucket: {
    bucket: "skymanuals-terraform-state-222222222222",
    kmsKeyAlias: "alias/skymanuals-terraform-state",
  },
  backend: { type: "local" },
};

/** The region that production is recovered in. What AWS has once for the account is in production's entry. */
const productionDr: Account = {
  name: "production-dr",
  accountId: "222222222222",
  region: "us-west-2",
  singletons: {
    elasticsearchServiceLinkedRole: "elsewhere",
    elasticsearchLogPolicy: "create",
    trail: "elsewhere",
    configServiceLinkedRole: "elsewhere",
    config: "create",
    securityHub: "create",
    guardDuty: "create",
    accessAnalyzer: "create",
    s3PublicAccessBlock: "elsewhere",
    ebsEncryption: "create",
    passwordPolicy: "elsewhere",
  },
  governance: {
    pageEmail: "security@skymanuals.com",
    trail: null,
    config: {
      recorderName: "default",
      channelName: "default",
      bucket: "skymanuals-config-222222222222-us-west-2",
      recordingFrequency: "CONTINUOUS",
      retentionDays: 2557,
    },
    standards: ["aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/3.0.0"],
    analyzerName: "skymanuals",
    preventDestroy: true,
    forceDestroy: false,
  },
  costs: null,
  stateBucket: {
    bucket: "skymanuals-terraform-state-222222222222-us-west-2",
    kmsKeyAlias: "alias/skymanuals-terraform-state",
  },
  backend: { type: "local" },
};

export const accounts: readonly Account[] = [nonprod, production, productionDr];
