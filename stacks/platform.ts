import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { Construct } from "constructs";
import { AccessLogs } from "../constructs/access-logs";
import { ApiImage } from "../constructs/api-image";
import { AuditRecords } from "../constructs/audit-records";
import { Cloudfront } from "../constructs/cloudfront";
import { ComplianceAlerts } from "../constructs/compliance-alerts";
import { CostAlerts } from "../constructs/cost-alerts";
import { Custody, custodyRoleArns } from "../constructs/custody";
import { DatabaseBootstrap } from "../constructs/database-bootstrap";
import { Domain } from "../constructs/domain";
import { databasePoolSize, Ecs } from "../constructs/ecs";
import { Elasticsearch } from "../constructs/elasticsearch";
import { LoadBalancer } from "../constructs/load-balancer";
import { Logs } from "../constructs/logs";
import { Logstash, LogstashIdentity } from "../constructs/logstash";
import { Migrations } from "../constructs/migrations";
import type { Deployment } from "../constructs/parts/deployment";
import { Rds } from "../constructs/rds";
import { Redis } from "../constructs/redis";
import { S3 } from "../constructs/s3";
import { ServiceSecurityGroups } from "../constructs/service-security-groups";
import { Tracing } from "../constructs/tracing";
import { Variables } from "../constructs/variables";
import { Vpc } from "../constructs/vpc";
import { Waf } from "../constructs/waf";
import type { Environment } from "../environments/environment";
import { uploadPathRegex } from "../environments/validation/path-patterns";
import { wafManagedRules } from "../facts/aws-limits";
import { environmentStack } from "../facts/names";
import { RootModule } from "./root-module";

/** One environment of the platform: the root module `skymanuals-<environment>`, with the guide's files as its parts. */
export class Platform extends RootModule {
  constructor(scope: Construct, config: Environment) {
    super(scope, environmentStack(config.name), config);
    const { size, protection } = config;

    const variables = new Variables(this, "variables", {
      awsRegion: config.region,
      environment: config.name,
      databaseInstanceClass: size.databaseInstanceClass,
      databaseUsername: config.database.username,
      databasePasswordVersion: config.database.passwordVersion,
      applicationUsername: config.database.applicationUsername,
      redisNodeType: size.redisNodeType,
      ecrRepositoryUrl: config.api.ecrRepositoryUrl,
      apiImageTag: config.api.imageTag,
      apiDesiredCount: size.apiDesiredCount,
      apiMaximumCount: size.apiMaximumCount,
      elasticsearchInstanceType: size.elasticsearchInstanceType,
      elasticsearchInstanceCount: size.elasticsearchInstanceCount,
      elasticsearchMasterInstanceType: size.elasticsearchMasterInstanceType,
      dedicatedMasterCount: config.elasticsearch.dedicatedMasterCount,
      elasticsearchVolumeSizeGiB: size.elasticsearchVolumeSizeGiB,
      zoneCount: config.zones.length,
      allowedIps: config.network.allowedIps,
      restrictToAllowedIps: config.edge.restrictToAllowedIps,
    });
    const { environment, awsRegion: region } = variables;

    const defaultTags = [{ tags: { Project: "skymanuals", Environment: environment, ManagedBy: "terraform" } }];
    const allowedAccountIds = [config.accountId];
    new AwsProvider(this, "aws", { region, allowedAccountIds, defaultTags });
    // What serves CloudFront exists in us-east-1 only, whatever the environment's region.
    const usEast1 = new AwsProvider(this, "aws_us_east_1", {
      alias: "us_east_1",
      region: "us-east-1",
      allowedAccountIds,
      defaultTags,
    });
    const deployment: Deployment = {
      prefix: config.names.prefix,
      environment,
      region,
      accountId: new DataAwsCallerIdentity(this, "current").accountId,
    };

    const accessLogs = new AccessLogs(this, "access-logs", {
      deployment,
      bucketName: config.names.logsBucket,
      retentionDays: config.edge.logRetentionDays,
      ...protection,
    });
    const network = new Vpc(this, "vpc", {
      deployment,
      zones: config.zones,
      ...config.network,
      cidrBlock: config.network.vpcCidrBlock,
    });
    const domain = config.domain ? new Domain(this, "domain", { ...config.domain, usEast1 }) : undefined;
    const loadBalancer = new LoadBalancer(this, "load-balancer", {
      deployment,
      network,
      domain,
      originSecretVersion: config.api.originSecretVersion,
      originSecret: variables.originHeaderSecret,
      accessLogs,
      ...protection,
    });
    const securityGroups = new ServiceSecurityGroups(this, "service-security-groups", {
      deployment,
      network,
      loadBalancer: loadBalancer.securityGroup,
    });

    const database = new Rds(this, "rds", {
      deployment,
      network,
      clients: [securityGroups.api, securityGroups.bootstrap, securityGroups.migrations],
      engineVersion: config.database.engineVersion,
      instanceClass: variables.databaseInstanceClass,
      username: variables.databaseUsername,
      password: variables.databasePassword,
      passwordVersion: variables.databasePasswordVersion,
      applicationUsername: config.database.applicationUsername,
      applicationPasswordVersion: config.database.applicationPasswordVersion,
      multiAz: size.databaseMultiAz,
      readReplicas: size.databaseReadReplicas,
      backupRetentionDays: config.database.backupRetentionDays,
      applyImmediately: config.database.applyImmediately,
      ...protection,
    });
    const bootstrap = new DatabaseBootstrap(this, "database-bootstrap", {
      deployment,
      network,
      securityGroup: securityGroups.bootstrap,
      database,
      masterUsername: variables.databaseUsername,
      // The pool of each task, and twice as many tasks while a deployment replaces them.
      connectionLimit:
        2 *
        databasePoolSize *
        Math.max(size.apiMaximumCount, ...config.api.scheduledScaling.map(({ maximum }) => maximum)),
    });
    const redis = new Redis(this, "redis", {
      deployment,
      network,
      clients: [securityGroups.api],
      nodeType: variables.redisNodeType,
      ...config.redis,
      ...protection,
    });
    const storage = new S3(this, "s3", {
      deployment,
      bucketName: config.names.chunksBucket,
      accessLogs,
      ...config.storage,
      ...protection,
    });

    const { publicPaths, logRetentionDays, restrictToAllowedIps, waf: wafSettings } = config.edge;
    const waf = new Waf(this, "waf", {
      deployment,
      usEast1,
      managedRules: wafManagedRules,
      countOnly: wafSettings.countOnly,
      rateLimit: wafSettings.rateLimit,
      uploadPaths: wafSettings.uploadPaths.length > 0 ? uploadPathRegex(wafSettings.uploadPaths) : undefined,
      allowedIps: restrictToAllowedIps ? variables.allowedIps : undefined,
      logRetentionDays,
    });
    const cdn = new Cloudfront(this, "cloudfront", {
      deployment,
      loadBalancer,
      domain,
      webAclArn: waf.webAclArn,
      usEast1,
      accessLogs,
      publicPaths,
      priceClass: size.priceClass,
      // allowed_ips are IPv4: a viewer with both would be refused over IPv6.
      ipv6: !restrictToAllowedIps,
    });

    const logs = new Logs(this, "logs", { deployment });
    const alerts = new ComplianceAlerts(this, "compliance-alerts", {
      deployment,
      apiLogGroup: logs.api,
      email: config.complianceEmail,
    });
    const image = new ApiImage(this, "api-image", {
      deployment,
      ownRepository: config.api.ecrRepositoryUrl === null,
      givenRepositoryUrl: variables.ecrRepositoryUrl,
      firstTag: variables.apiImageTag,
      forceDestroy: protection.forceDestroy,
    });
    const tracing = new Tracing(this, "tracing", { deployment, ...config.tracing });
    const ecs = new Ecs(this, "ecs", {
      deployment,
      network,
      securityGroup: securityGroups.api,
      logs,
      database,
      databaseReady: bootstrap.ready,
      redis,
      storage,
      loadBalancer,
      image,
      tracing,
      cpu: config.api.cpu,
      memoryMiB: config.api.memoryMiB,
      desiredCount: variables.apiDesiredCount,
      maximumCount: size.apiMaximumCount,
      requestsPerMinutePerTask: config.api.requestsPerMinutePerTask,
      scheduledScaling: config.api.scheduledScaling,
      apiUrl: cdn.url,
      jwtSecretVersion: config.api.jwtSecretVersion,
      secretRecoveryDays: protection.secretRecoveryDays,
      keepOldRevisions: !protection.forceDestroy,
    });

    const audit = new AuditRecords(this, "audit-records", {
      deployment,
      bucketName: config.audit.bucket,
      writers: custodyRoleArns(deployment),
      lockMode: config.audit.lockMode,
      retentionDays: config.audit.retentionDays,
      ...protection,
    });
    new Custody(this, "custody", {
      deployment,
      network,
      securityGroup: securityGroups.custody,
      storage,
      records: audit,
      contentTypes: config.audit.contentTypes,
      maximumChunkMiB: config.audit.maximumChunkMiB,
      alarms: alerts.topic,
    });

    new Migrations(this, "migrations", {
      deployment,
      network,
      securityGroup: securityGroups.migrations,
      database,
      image,
      ecs,
      keepOldRevisions: !protection.forceDestroy,
    });

    const logstashIdentity = new LogstashIdentity(this, "logstash-identity", {
      deployment,
      logs,
      forceDestroy: protection.forceDestroy,
    });
    const elasticsearch = new Elasticsearch(this, "elasticsearch", {
      deployment,
      network,
      zoneCount: config.zones.length,
      instanceType: variables.elasticsearchInstanceType,
      instanceCount: variables.elasticsearchInstanceCount,
      masterInstanceType: variables.elasticsearchMasterInstanceType,
      dedicatedMasterCount: config.elasticsearch.dedicatedMasterCount,
      volumeSize: variables.elasticsearchVolumeSize,
      // The documented domain admits the API's group, which Logstash shared.
      clients: [securityGroups.logstash],
      allowedIps: variables.allowedIps,
      roleArns: [logstashIdentity.roles.task.arn, ...config.elasticsearch.operatorRoleArns],
      ...protection,
    });
    new Logstash(this, "logstash", {
      deployment,
      network,
      securityGroup: securityGroups.logstash,
      logs,
      ecs,
      elasticsearch,
      identity: logstashIdentity,
      keepOldRevisions: !protection.forceDestroy,
      ...config.logstash,
    });

    new CostAlerts(this, "cost-alerts", { deployment, ...config.budget });
  }
}
