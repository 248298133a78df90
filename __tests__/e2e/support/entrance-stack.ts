import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";
import { App } from "cdktf";
import { AccessLogs } from "../../../constructs/access-logs";
import { Cloudfront } from "../../../constructs/cloudfront";
import { LoadBalancer } from "../../../constructs/load-balancer";
import type { Vpc } from "../../../constructs/vpc";
import { development } from "../../../environments/development";
import { apiPort } from "../../../facts/api";
import { apiName } from "../../../facts/names";
import { RootModule } from "../../../stacks/root-module";

const { accountId, region, name: environment } = development;
const zones = [`${region}a`, `${region}b`];

export interface EntranceSettings {
  /** Name of the stack, and the beginning of all names. */
  readonly name: string;
  readonly origin: "vpc" | "public";
  readonly standby: boolean;
}

/**
 * The public entrance as in an environment without a domain and without deletion protection: distribution, load balancers and access
 * logs. Behind it a service like the API's, and bare resources where the network would take minutes.
 */
class EntranceStack extends RootModule {
  constructor(app: App, { name: prefix, origin, standby }: EntranceSettings) {
    super(app, prefix, { backend: { type: "local" } });
    this.addAws({ accountId, region, environment });
    const deployment = { prefix, environment, region, accountId };

    // A VPC origin reads the ids of its zones from it.
    new DataAwsAvailabilityZones(this, "available", { state: "available" });
    const vpc = new AwsVpc(this, "aws_vpc.skymanuals", { cidrBlock: "10.0.0.0/16" });
    const subnets = (label: string, from: number) =>
      zones.map(
        (availabilityZone, index) =>
          new Subnet(this, `aws_subnet.${label}_${index}`, {
            vpcId: vpc.id,
            cidrBlock: `10.0.${from + index}.0/24`,
            availabilityZone,
          }).id,
      );
    const network = {
      vpc,
      internetGateway: new InternetGateway(this, "aws_internet_gateway.main", { vpcId: vpc.id }),
      publicSubnetIds: subnets("public", 0),
      privateSubnetIds: subnets("private", 10),
    } as unknown as Vpc;

    const accessLogs = new AccessLogs(this, "access-logs", {
      deployment,
      bucketName: `${prefix}-logs`,
      chunksBucketName: `${prefix}-chunks`,
      retentionDays: 30,
      loadBalancerRetentionDays: 30,
      preventDestroy: false,
      forceDestroy: true,
    });
    const { usEast1 } = this;
    const alerting = (topic: SnsTopic) => ({ prefix, topics: { page: topic, ticket: topic, compliance: topic } });
    const loadBalancer = new LoadBalancer(this, "load-balancer", {
      deployment,
      network,
      zones,
      origin,
      standby,
      originSecretVersion: 1,
      originSecret: "a-value-of-the-secret-header",
      accessLogs,
      // The provider waits half a minute for each load balancer whose protection changes.
      deletionProtection: false,
      alerting: alerting(new SnsTopic(this, "aws_sns_topic.alerts", { name: `${prefix}-alerts` })),
      slowSeconds: development.tracing.slowSeconds,
    });
    new Cloudfront(this, "cloudfront", {
      deployment,
      loadBalancer,
      webAclArn: "",
      usEast1,
      alerting: {
        ...alerting(
          new SnsTopic(this, "aws_sns_topic.alerts_us_east_1", { provider: usEast1, name: `${prefix}-edge` }),
        ),
        provider: usEast1,
      },
      accessLogs,
      publicPaths: [],
      priceClass: "PriceClass_100",
      restrictToAllowedIps: false,
    });
    this.addService(prefix, loadBalancer, network.privateSubnetIds);
  }

  private addService(prefix: string, { targetGroups, forwards }: LoadBalancer, subnets: string[]): void {
    const family = apiName(prefix);
    const task = new EcsTaskDefinition(this, "aws_ecs_task_definition.api", {
      family,
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: JSON.stringify([
        { name: "api", image: "public.ecr.aws/docker/library/busybox:1", portMappings: [{ containerPort: apiPort }] },
      ]),
    });
    new EcsService(this, "aws_ecs_service.api", {
      name: family,
      cluster: new EcsCluster(this, "aws_ecs_cluster.main", { name: prefix }).id,
      taskDefinition: task.arn,
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration: { subnets },
      loadBalancer: targetGroups.map(({ arn }) => ({
        targetGroupArn: arn,
        containerName: "api",
        containerPort: apiPort,
      })),
      dependsOn: [...forwards],
    });
  }
}

/** Writes `<outdir>/stacks/<name>`. */
export function synthesizeEntrance(outdir: string, settings: EntranceSettings): void {
  const app = new App({ outdir, stackTraces: false });
  new EntranceStack(app, settings);
  app.synth();
}
