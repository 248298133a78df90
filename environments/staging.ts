import type { Environment } from "./environment";
import { sizes } from "./sizes";

/** Production in small: the same graph, in the account of the other non-production environments. */
export const staging: Environment = {
  name: "staging",
  accountId: "111111111111",
  region: "us-east-1",
  zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
  size: sizes.small,
  names: {
    prefix: "skymanuals-staging",
    chunksBucket: "staging-skymanuals-chunks",
  },
  backend: {
    type: "s3",
    bucket: "skymanuals-terraform-state-111111111111",
    key: "skymanuals-staging/terraform.tfstate",
    region: "us-east-1",
    kmsKeyId: "alias/skymanuals-terraform-state",
  },
  network: {
    vpcCidrBlock: "10.1.0.0/16",
    natGateways: "one",
    interfaceEndpoints: ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssmmessages"],
    flowLogRetentionDays: 30,
    allowedIps: [],
  },
  api: {
    ecrRepositoryUrl: null,
    imageTag: "1.0.0",
    cpu: 1024,
    memoryMiB: 2048,
    jwtSecretVersion: 1,
    originSecretVersion: 1,
    requestsPerMinutePerTask: 1000,
    scheduledScaling: [],
  },
  tracing: { reservoirPerSecond: 1, sampledPercent: 10, slowSeconds: 2 },
  database: {
    username: "skymanuals",
    engineVersion: "15",
    backupRetentionDays: 7,
    applyImmediately: false,
    passwordVersion: 1,
    applicationUsername: "skymanuals_api",
    applicationPasswordVersion: 1,
  },
  redis: {
    snapshotRetentionDays: 1,
    authTokenUpdateStrategy: "SET",
    authTokenVersion: 1,
  },
  storage: { encryption: "AES256", coldPrefixes: [] },
  elasticsearch: { dedicatedMasterCount: 3, operatorRoleArns: [] },
  logstash: { imageTag: "7.16.3-1", capacity: "FARGATE_SPOT", cpu: 1024, memoryMiB: 2048 },
  protection: {
    preventDestroy: false,
    deletionProtection: false,
    finalSnapshot: false,
    forceDestroy: true,
    secretRecoveryDays: 0,
  },
  domain: { apiName: "api.staging.skymanuals.com", zoneName: "staging.skymanuals.com", zone: "create" },
  budget: { limitUsd: 1000, email: "admin@skymanuals.com" },
  complianceEmail: "compliance@skymanuals.com",
  adopted: { keep: {}, renamed: {}, moved: [], removed: [] },
};
