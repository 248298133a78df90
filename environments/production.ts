import type { Environment } from "./environment";
import { sizes } from "./sizes";

/** The documented platform, under its documented names. */
export const production: Environment = {
  name: "production",
  accountId: "222222222222",
  region: "us-east-1",
  zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
  size: sizes.medium,
  names: {
    prefix: "skymanuals",
    chunksBucket: "production-skymanuals-chunks",
  },
  backend: {
    type: "s3",
    bucket: "skymanuals-terraform-state-222222222222",
    key: "skymanuals-production/terraform.tfstate",
    region: "us-east-1",
    kmsKeyId: "alias/skymanuals-terraform-state",
  },
  network: {
    vpcCidrBlock: "10.0.0.0/16",
    natGateways: "per-zone",
    interfaceEndpoints: ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssmmessages"],
    flowLogRetentionDays: 30,
    allowedIps: [],
  },
  api: {
    ecrRepositoryUrl: "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api",
    imageTag: "1.0.0",
    cpu: 1024,
    memoryMiB: 2048,
    jwtSecretVersion: 1,
    originSecretVersion: 1,
    requestsPerMinutePerTask: 1000,
    scheduledScaling: [
      // The database's and the cache's windows, sun:04:00 to 06:00: clients reconnect and retry.
      {
        name: "maintenance",
        start: "cron(45 3 ? * SUN *)",
        end: "cron(15 6 ? * SUN *)",
        timezone: "UTC",
        minimum: 8,
        maximum: 16,
      },
    ],
  },
  tracing: { reservoirPerSecond: 1, sampledPercent: 5, slowSeconds: 2 },
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
    snapshotRetentionDays: 7,
    authTokenUpdateStrategy: "SET",
    authTokenVersion: 1,
  },
  storage: { encryption: "AES256", coldPrefixes: [] },
  elasticsearch: { dedicatedMasterCount: 3, operatorRoleArns: [] },
  logstash: { imageTag: "7.16.3-1", capacity: "FARGATE", cpu: 1024, memoryMiB: 2048 },
  protection: {
    preventDestroy: true,
    deletionProtection: true,
    finalSnapshot: true,
    forceDestroy: false,
    secretRecoveryDays: 30,
  },
  domain: { apiName: "api.skymanuals.com", zoneName: "skymanuals.com", zone: "lookup" },
  budget: { limitUsd: 4000, email: "admin@skymanuals.com" },
  complianceEmail: "compliance@skymanuals.com",
  adopted: { keep: {}, renamed: {}, moved: [], removed: [] },
};
