import type { Environment } from "./environment";
import { sizes } from "./sizes";

/** A small platform that one engineer may create, change and destroy. */
export const development: Environment = {
  name: "development",
  accountId: "111111111111",
  region: "us-east-1",
  zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
  size: sizes.small,
  names: {
    prefix: "skymanuals-development",
    chunksBucket: "development-skymanuals-chunks",
  },
  backend: { type: "local" },
  network: {
    vpcCidrBlock: "10.0.0.0/16",
    natGateways: "one",
    interfaceEndpoints: [],
    flowLogRetentionDays: 7,
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
  tracing: { reservoirPerSecond: 1, sampledPercent: 100, slowSeconds: 2 },
  database: {
    username: "skymanuals",
    engineVersion: "15",
    backupRetentionDays: 7,
    applyImmediately: true,
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
  elasticsearch: { dedicatedMasterCount: 0, operatorRoleArns: [] },
  logstash: { imageTag: "7.16.3-1", capacity: "FARGATE_SPOT", cpu: 1024, memoryMiB: 2048 },
  protection: {
    preventDestroy: false,
    deletionProtection: false,
    finalSnapshot: false,
    forceDestroy: true,
    secretRecoveryDays: 0,
  },
  domain: null,
  budget: { limitUsd: 1000, email: "admin@skymanuals.com" },
  complianceEmail: "compliance@skymanuals.com",
  adopted: { keep: {}, renamed: {}, moved: [], removed: [] },
};
