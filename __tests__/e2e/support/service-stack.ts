import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";
import { App } from "cdktf";
import { ApiImage } from "../../../constructs/api-image";
import { Ecs, type EcsProps } from "../../../constructs/ecs";
import { Logs } from "../../../constructs/logs";
import { GeneratedSecret } from "../../../constructs/parts/secret";
import { Tracing } from "../../../constructs/tracing";
import { Variables, type VariablesProps } from "../../../constructs/variables";
import { development } from "../../../environments/development";
import { RootModule } from "../../../stacks/root-module";

const { size, accountId, region, names } = development;

/**
 * The API's service as in development, with its image, roles, autoscaling and tracing; bare resources stand where the
 * network, load balancer, database and cache would take minutes.
 */
class ServiceStack extends RootModule {
  constructor(app: App, cpu: number) {
    super(app, "service", development);
    new AwsProvider(this, "aws", { region, allowedAccountIds: [accountId] });
    const variables = new Variables(this, "variables", variablesProps);
    const { environment, awsRegion } = variables;
    const deployment = { prefix: names.prefix, environment, region: awsRegion, accountId };

    const vpc = new AwsVpc(this, "aws_vpc.skymanuals", { cidrBlock: "10.0.0.0/16" });
    const subnet = ["a", "b"].map(
      (zone, index) =>
        new Subnet(this, `aws_subnet.${zone}`, {
          vpcId: vpc.id,
          cidrBlock: `10.0.${index}.0/24`,
          availabilityZone: `${region}${zone}`,
        }),
    );
    const securityGroup = new SecurityGroup(this, "aws_security_group.ecs", { namePrefix: "ecs-", vpcId: vpc.id });
    const targetGroup = new LbTargetGroup(this, "aws_lb_target_group.api", {
      name: "api",
      port: 3001,
      protocol: "HTTP",
      targetType: "ip",
      vpcId: vpc.id,
    });
    const secret = (label: string) =>
      new GeneratedSecret(this, label, { name: label, description: label, recoveryDays: 0, version: 1, length: 16 });

    const image = new ApiImage(this, "api-image", {
      deployment,
      ownRepository: true,
      givenRepositoryUrl: variables.ecrRepositoryUrl,
      firstTag: variables.apiImageTag,
      forceDestroy: true,
    });
    const parts = {
      network: { privateSubnetIds: subnet.map(({ id }) => id) },
      database: { url: secret("database_url") },
      redis: { url: secret("redis_url"), authToken: secret("redis_auth_token") },
      storage: {
        chunks: new S3Bucket(this, "chunks", { bucket: names.chunksBucket }),
        keyStatements: () => [],
      },
      // The label names a load balancer that does not exist: AWS would refuse it.
      loadBalancer: {
        loadBalancer: { arnSuffix: "app/main/0123456789abcdef" },
        targetGroup,
        listener: targetGroup,
        rule: targetGroup,
      },
    } as unknown as Pick<EcsProps, "network" | "database" | "redis" | "storage" | "loadBalancer">;
    new Ecs(this, "service", {
      ...parts,
      deployment,
      securityGroup,
      logs: new Logs(this, "logs", { deployment }),
      image,
      databaseReady: [],
      cacheReady: [],
      tracing: new Tracing(this, "tracing", { deployment, ...development.tracing }),
      cpu,
      memoryMiB: 2048,
      desiredCount: variables.apiDesiredCount,
      maximumCount: size.apiMaximumCount,
      requestsPerMinutePerTask: development.api.requestsPerMinutePerTask,
      scheduledScaling: [
        {
          name: "maintenance",
          start: "cron(45 3 ? * SUN *)",
          end: "cron(15 6 ? * SUN *)",
          timezone: "UTC",
          minimum: 3,
          maximum: 6,
        },
      ],
      apiUrl: "https://api.example.com",
      jwtSecretVersion: 1,
      secretRecoveryDays: 0,
      keepOldRevisions: true,
    });
  }
}

const variablesProps: VariablesProps = {
  awsRegion: region,
  environment: development.name,
  databaseInstanceClass: size.databaseInstanceClass,
  databaseUsername: development.database.username,
  databasePasswordVersion: 1,
  applicationUsername: development.database.applicationUsername,
  redisNodeType: size.redisNodeType,
  ecrRepositoryUrl: null,
  apiImageTag: development.api.imageTag,
  apiDesiredCount: size.apiDesiredCount,
  apiMaximumCount: size.apiMaximumCount,
  elasticsearchInstanceType: size.elasticsearchInstanceType,
  elasticsearchInstanceCount: size.elasticsearchInstanceCount,
  elasticsearchMasterInstanceType: size.elasticsearchMasterInstanceType,
  dedicatedMasterCount: 0,
  elasticsearchVolumeSizeGiB: size.elasticsearchVolumeSizeGiB,
  restrictToAllowedIps: false,
  zoneCount: 3,
  allowedIps: [],
};

/** Writes `<outdir>/stacks/service`, with so many Fargate CPU units for the API. */
export function synthesizeService(outdir: string, cpu: number): void {
  const app = new App({ outdir, stackTraces: false });
  new ServiceStack(app, cpu);
  app.synth();
}
