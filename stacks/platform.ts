import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import type { Construct } from "constructs";
import { AccessLogs } from "../constructs/access-logs";
import { AlertTopics } from "../constructs/alert-topics";
import { ApiImage } from "../constructs/api-image";
import { AuditRecords } from "../constructs/audit-records";
import { Backup } from "../constructs/backup";
import { BackupVault } from "../constructs/backup-vault";
import { Cloudfront } from "../constructs/cloudfront";
import { ComplianceAlerts } from "../constructs/compliance-alerts";
import { CostAlerts } from "../constructs/cost-alerts";
import { Custody, custodyRoleArns } from "../constructs/custody";
import { Dashboard } from "../constructs/dashboard";
import { DatabaseBootstrap } from "../constructs/database-bootstrap";
import { Domain } from "../constructs/domain";
import { Ecs } from "../constructs/ecs";
import { Elasticsearch } from "../constructs/elasticsearch";
import { ElasticsearchBootstrap } from "../constructs/elasticsearch-bootstrap";
import { Keys } from "../constructs/keys";
import { LoadBalancer } from "../constructs/load-balancer";
import { LogArchive } from "../constructs/log-archive";
import { LogStream } from "../constructs/log-stream";
import { Logs } from "../constructs/logs";
import { Logstash, LogstashIdentity } from "../constructs/logstash";
import { Migrations } from "../constructs/migrations";
import type { Deployment } from "../constructs/parts/deployment";
import { Rds } from "../constructs/rds";
import { Redis } from "../constructs/redis";
import { RedisCheck } from "../constructs/redis-check";
import { Replication } from "../constructs/replication";
import { S3 } from "../constructs/s3";
import { ServiceSecurityGroups } from "../constructs/service-security-groups";
import { Tracing } from "../constructs/tracing";
import { Variables } from "../constructs/variables";
import { Vpc } from "../constructs/vpc";
import { Waf } from "../constructs/waf";
import { variableLimits } from "../environments/capacity";
import type { Environment } from "../environments/environment";
import { isPilotLight } from "../environments/recovery";
import { environmentStack, replicationRoleName } from "../facts/names";
import { edgeRegion } from "../facts/regions";
import { RootModule } from "./root-module";

/** One environment of the platform: the root module `skymanuals-<environment>`, with the guide's files as its parts. */
export class Platform extends RootModule {
  constructor(scope: Construct, config: Environment) {
    super(scope, environmentStack(config.name), config);
    const { size, names, protection, api } = config;
    const keepOldRevisions = !protection.forceDestroy;

    const variables = new Variables(this, "variables", {
      awsRegion: config.region,
      environment: config.name,
      ...size,
      ...variableLimits(config),
      ...config.network,
      ...config.edge,
      ...api,
      apiImageTag: api.imageTag,
      databaseUsername: config.database.username,
      databasePasswordVersion: config.database.passwordVersion,
      applicationUsername: config.database.applicationUsername,
      ...config.elasticsearch,
      zoneCount: config.zones.length,
    });
    const { environment, awsRegion: region } = variables;
    this.addAws({ accountId: config.accountId, region, environment });
    const { accountId } = new DataAwsCallerIdentity(this, "current");
    const place: Deployment = { prefix: names.prefix, environment, region, accountId };
    const keys = new Keys(this, "keys", {
      deployment: place,
      region: config.region,
      usEast1: isPilotLight(config) ? undefined : this.usEast1,
      encryption: config.encryption,
      ...protection,
    });
    const deployment: Deployment = { ...place, keys };

    // Who is told
    const topicProps = {
      deployment,
      emails: {
        page: config.alerts.pageEmail,
        ticket: config.alerts.ticketEmail,
        compliance: config.complianceEmail,
      },
      ...protection,
    };
    const alertTopics = new AlertTopics(this, "alert-topics", topicProps);
    const { bySeverity: topics, alerting } = alertTopics;

    // Documents and records: all that a pilot light holds
    const accessLogs = new AccessLogs(this, "access-logs", {
      deployment,
      bucketName: names.logsBucket,
      chunksBucketName: names.chunksBucket,
      retentionDays: config.edge.logRetentionDays,
      loadBalancerRetentionDays: config.edge.loadBalancerLogRetentionDays,
      ...protection,
    });
    const storage = new S3(this, "s3", {
      deployment,
      bucketName: names.chunksBucket,
      accessLogs,
      ...config.storage,
      ...protection,
    });
    const records = new AuditRecords(this, "audit-records", {
      deployment,
      bucketName: config.audit.bucket,
      writers: custodyRoleArns(deployment),
      replicator: replicatorOf(config, accountId),
      ...config.audit,
      ...protection,
    });
    const vault = new BackupVault(this, "backup-vault", { deployment, ...config.backup, ...protection });
    if (isPilotLight(config)) {
      return;
    }

    // Network and entrance
    const { usEast1 } = this;
    const { alerting: edgeAlerting } =
      config.region === edgeRegion
        ? { alerting: { ...alerting, provider: usEast1 } }
        : new AlertTopics(this, "edge-alert-topics", {
            ...topicProps,
            elsewhere: { region: edgeRegion, provider: usEast1 },
          });

    const network = new Vpc(this, "vpc", {
      deployment,
      zones: config.zones,
      cidrBlock: config.network.vpcCidrBlock,
      ...config.network,
      alerting,
    });
    const domain = config.domain
      ? new Domain(this, "domain", { ...config.domain, usEast1, alerting, edgeAlerting })
      : undefined;
    const loadBalancer = new LoadBalancer(this, "load-balancer", {
      deployment,
      network,
      zones: config.zones,
      ...config.edge,
      domain,
      originSecretVersion: api.originSecretVersion,
      originSecret: variables.originHeaderSecret,
      accessLogs,
      ...protection,
      alerting,
      slowSeconds: config.tracing.slowSeconds,
    });
    const securityGroups = new ServiceSecurityGroups(this, "service-security-groups", {
      deployment,
      network,
      loadBalancer: loadBalancer.securityGroup,
    });
    const waf = new Waf(this, "waf", {
      deployment,
      usEast1,
      ...config.edge,
      ...config.edge.waf,
      allowedIps: variables.allowedIps,
      alerting: edgeAlerting,
    });
    const cdn = new Cloudfront(this, "cloudfront", {
      deployment,
      usEast1,
      loadBalancer,
      domain,
      webAclArn: waf.webAclArn,
      accessLogs,
      priceClass: size.priceClass,
      ...config.edge,
      alerting: edgeAlerting,
    });

    // Data
    const database = new Rds(this, "rds", {
      deployment,
      network,
      clients: [securityGroups.api, securityGroups.bootstrap, securityGroups.migrations],
      ...config.database,
      instanceClass: variables.databaseInstanceClass,
      username: variables.databaseUsername,
      password: variables.databasePassword,
      restoredFrom: restoredFrom(config),
      passwordVersion: variables.databasePasswordVersion,
      multiAz: size.databaseMultiAz,
      readReplicas: size.databaseReadReplicas,
      ...protection,
      alerting,
    });
    new Backup(this, "backup", {
      deployment,
      database: database.instance,
      vault,
      copyTo: config.recovery?.type === "primary" ? config.recovery : undefined,
      ...config.backup,
      alerting,
    });
    const bootstrap = new DatabaseBootstrap(this, "database-bootstrap", {
      deployment,
      network,
      securityGroup: securityGroups.bootstrap,
      database,
      masterUsername: variables.databaseUsername,
      apiMaximumCount: size.apiMaximumCount,
      scheduledScaling: api.scheduledScaling,
    });
    const redis = new Redis(this, "redis", {
      deployment,
      network,
      clients: [securityGroups.api, securityGroups.redisCheck],
      nodeType: variables.redisNodeType,
      ...config.redis,
      ...protection,
      alerting,
    });
    const redisCheck = new RedisCheck(this, "redis-check", {
      deployment,
      network,
      securityGroup: securityGroups.redisCheck,
      redis,
    });

    // The API
    const logs = new Logs(this, "logs", { deployment, ...config.tracing });
    new ComplianceAlerts(this, "compliance-alerts", { deployment, apiLogGroup: logs.api, topics });
    const image = new ApiImage(this, "api-image", {
      deployment,
      ownRepository: api.ecrRepositoryUrl === null,
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
      cacheReady: redisCheck.ready,
      redis,
      storage,
      loadBalancer,
      image,
      tracing,
      ...api,
      desiredCount: variables.apiDesiredCount,
      maximumCount: size.apiMaximumCount,
      apiUrl: cdn.url,
      secretRecoveryDays: protection.secretRecoveryDays,
      keepOldRevisions,
      alerting,
    });
    bootstrap.revokeAfter(ecs.service, ecs.cluster);
    const migrations = new Migrations(this, "migrations", {
      deployment,
      network,
      securityGroup: securityGroups.migrations,
      database,
      image,
      ecs,
      keepOldRevisions,
    });

    // The chain of custody
    const custody = new Custody(this, "custody", {
      deployment,
      network,
      securityGroup: securityGroups.custody,
      storage,
      records,
      ...config.audit,
      alertTopics,
    });

    // What leaves CloudWatch before it is forgotten there
    const archive = new LogArchive(this, "log-archive", {
      deployment,
      bucketName: config.archive.bucket,
      ...config.archive,
      groups: {
        api: logs.api,
        ecs: logs.ecs,
        migrations: migrations.logGroup,
        bootstrap_database: bootstrap.logGroup,
        custody: custody.recorder.logGroup,
        verify_custody: custody.verifier.logGroup,
      },
      accessLogs,
      topics,
      ...protection,
    });

    // The log store
    const identity = new LogstashIdentity(this, "logstash-identity", { deployment, logs, ...protection });
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
      clients: [securityGroups.logstash, securityGroups.elasticsearchBootstrap],
      allowedIps: variables.allowedIps,
      roleArns: [identity.roles.task.arn, ...config.elasticsearch.operatorRoleArns],
      ...protection,
      alerting,
    });
    const elasticsearchBootstrap = new ElasticsearchBootstrap(this, "elasticsearch-bootstrap", {
      deployment,
      network,
      securityGroup: securityGroups.elasticsearchBootstrap,
      elasticsearch,
      instanceCount: variables.elasticsearchInstanceCount,
      volumeSize: variables.elasticsearchVolumeSize,
      ...config.elasticsearch,
      ...protection,
    });
    const logStream = new LogStream(this, "log-stream", {
      deployment,
      logs,
      shards: config.logstash.streamShards,
      topics,
    });
    const logstash = new Logstash(this, "logstash", {
      deployment,
      network,
      securityGroup: securityGroups.logstash,
      logs,
      logStream,
      ecs,
      elasticsearch,
      elasticsearchReady: elasticsearchBootstrap.ready,
      identity,
      keepOldRevisions,
      ...config.logstash,
      alerting,
    });

    // The recovery region
    const replication =
      config.recovery?.type === "primary"
        ? new Replication(this, "replication", {
            deployment,
            ...config.recovery,
            standby: config.recovery,
            provider: this.providerIn(config.recovery.region),
            storage,
            records,
            database,
            backupRetentionDays: config.database.backupRetentionDays,
            alerting,
          })
        : undefined;

    new Dashboard(this, "dashboard", {
      deployment,
      cdn,
      waf,
      loadBalancer,
      ecs,
      database,
      redis,
      custody,
      elasticsearch,
      logStream,
      logstash,
      archive,
      replication,
    });
    new CostAlerts(this, "cost-alerts", {
      deployment,
      ...config.budget,
      limitUsd: config.budget.limitUsd ?? config.size.monthlyBudgetUsd,
    });
  }
}

/** The role of the other environment that copies into this one's buckets. */
function replicatorOf({ recovery }: Environment, accountId: string): string | undefined {
  return recovery?.type === "standby"
    ? `arn:aws:iam::${accountId}:role/${replicationRoleName(recovery.prefix)}`
    : undefined;
}

/** The backup that the database of an environment that stands in begins with. */
function restoredFrom({ recovery }: Environment) {
  return recovery?.type === "standby" && recovery.backupArn !== null
    ? { backupArn: recovery.backupArn, restoreTime: recovery.restoreTime }
    : undefined;
}
