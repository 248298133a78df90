import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Fn, type ITerraformDependable, Op, TerraformCount, Token } from "cdktf";
import { Construct } from "constructs";
import { Alarm, type Alerting, metricsOf } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { actingFor, assumedBy, policyDocument } from "./parts/policy-document";
import { firstId, idAt, nthId, splatIds } from "./parts/splat";

export interface VpcProps {
  readonly deployment: Deployment;
  /** IPv4, /16 to /19. */
  readonly cidrBlock: string;
  /** Zone names; subnet `[n]` lies in zone `n`. */
  readonly zones: readonly string[];
  readonly natGateways: "one" | "per-zone";
  /** Interface endpoints by AWS's short service name, such as `ecr.api`. */
  readonly interfaceEndpoints: readonly string[];
  /** Days; null makes no flow logs. */
  readonly flowLogRetentionDays: number | null;
  readonly alerting: Alerting;
}

/**
 * vpc.tf: the network. Public subnets hold the load balancer and NAT gateways; tasks and data lie in private ones.
 *
 * Costs 36.50 USD a month for each NAT gateway with its public IPv4 address, and 7.30 USD for each interface endpoint and zone,
 * before traffic (us-east-1 list prices: 0.045, 0.005 and 0.01 USD an hour, 730 hours; AWS has charged for every public IPv4
 * address since February 2024, Amazon VPC pricing).
 */
export class Vpc extends Construct {
  readonly vpc: AwsVpc;
  readonly internetGateway: InternetGateway;
  readonly publicSubnetIds: string[];
  readonly privateSubnetIds: string[];
  /** What must exist before something in a private subnet reaches AWS. */
  readonly egress: ITerraformDependable[];
  /** Two in the documented file; the zone-aware Elasticsearch domain needs one in each of its three zones. */
  private readonly perZone: TerraformCount;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: VpcProps,
  ) {
    super(scope, id);
    this.perZone = TerraformCount.of(props.zones.length);

    this.vpc = this.addVpc();
    this.checkZones();
    const privateSubnet = this.addPrivateSubnets();
    const publicSubnet = this.addPublicSubnets();
    this.privateSubnetIds = splatIds(privateSubnet);
    this.publicSubnetIds = splatIds(publicSubnet);
    this.internetGateway = this.addInternetGateway();
    const natGateway = this.addNatGateways(publicSubnet);
    const publicRoutes = this.addPublicRoutes(publicSubnet);
    const { table, routes } = this.addPrivateRoutes(privateSubnet, natGateway);
    this.closeDefaultGroup();
    this.egress = [routes, publicRoutes, this.addS3Endpoint(table)];
    if (props.interfaceEndpoints.length > 0) {
      this.addInterfaceEndpoints(props);
    }
    this.addAlarms(natGateway);
    if (props.flowLogRetentionDays !== null) {
      this.addFlowLogs(props.flowLogRetentionDays);
    }
  }

  private addVpc(): AwsVpc {
    const { cidrBlock, deployment } = this.props;
    const { prefix, environment } = deployment;
    return new AwsVpc(this, "aws_vpc.skymanuals", {
      cidrBlock,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: `${prefix}-vpc`, Environment: environment },
    });
  }

  private checkZones(): void {
    const { zones } = this.props;
    // The documented subnets take their zones from this list by position; a zone that joins or leaves it would replace them.
    new DataAwsAvailabilityZones(this, "available", {
      lifecycle: {
        postcondition: [
          {
            condition: `\${length(setsubtract(${JSON.stringify(zones)}, self.names)) == 0}`,
            errorMessage: `The account lacks one of the availability zones ${zones.join(", ")}: correct zones in the environment file.`,
          },
        ],
      },
    });
  }

  private get zone(): string {
    return Token.asString(Fn.element([...this.props.zones], this.perZone.index));
  }

  /** Of a zone, counted from 1. */
  private get number(): string {
    return Token.asString(Op.add(this.perZone.index, 1));
  }

  private subnetCidrBlock(offset: number): string {
    return Fn.cidrsubnet(this.props.cidrBlock, 8, Token.asNumber(Op.add(this.perZone.index, offset)));
  }

  private addPrivateSubnets(): Subnet {
    const { prefix, environment } = this.props.deployment;
    return new Subnet(this, "aws_subnet.private", {
      count: this.perZone,
      vpcId: this.vpc.id,
      cidrBlock: this.subnetCidrBlock(1),
      availabilityZone: this.zone,
      tags: { Name: `${prefix}-private-${this.number}`, Environment: environment },
      // Interfaces of deleted functions keep a subnet for up to 45 minutes; the provider waits for 20.
      timeouts: { delete: "60m" },
    });
  }

  private addPublicSubnets(): Subnet {
    const { prefix, environment } = this.props.deployment;
    return new Subnet(this, "aws_subnet.public", {
      count: this.perZone,
      vpcId: this.vpc.id,
      cidrBlock: this.subnetCidrBlock(10),
      availabilityZone: this.zone,
      mapPublicIpOnLaunch: true,
      tags: { Name: `${prefix}-public-${this.number}`, Environment: environment },
    });
  }

  private addInternetGateway(): InternetGateway {
    const { prefix } = this.props.deployment;
    return new InternetGateway(this, "aws_internet_gateway.skymanuals", {
      vpcId: this.vpc.id,
      tags: { Name: `${prefix}-igw` },
    });
  }

  private addNatGateways(publicSubnet: Subnet): NatGateway {
    const { deployment, natGateways, zones } = this.props;
    const { prefix } = deployment;
    const natCount = TerraformCount.of(natGateways === "one" ? 1 : zones.length);
    const natName = `${prefix}-nat-${Token.asString(Op.add(natCount.index, 1))}`;
    const eip = new Eip(this, "nat", {
      count: natCount,
      domain: "vpc",
      tags: { Name: natName },
      dependsOn: [this.internetGateway],
    });
    return new NatGateway(this, "aws_nat_gateway.skymanuals", {
      count: natCount,
      allocationId: idAt(eip, natCount.index),
      subnetId: idAt(publicSubnet, natCount.index),
      tags: { Name: natName },
      dependsOn: [this.internetGateway],
    });
  }

  private addPublicRoutes(publicSubnet: Subnet): RouteTableAssociation {
    const { prefix } = this.props.deployment;
    const table = new RouteTable(this, "aws_route_table.public", {
      vpcId: this.vpc.id,
      route: [{ cidrBlock: "0.0.0.0/0", gatewayId: this.internetGateway.id }],
      tags: { Name: `${prefix}-public` },
    });
    return new RouteTableAssociation(this, "aws_route_table_association.public", {
      count: this.perZone,
      subnetId: idAt(publicSubnet, this.perZone.index),
      routeTableId: table.id,
    });
  }

  private addPrivateRoutes(privateSubnet: Subnet, natGateway: NatGateway) {
    const { deployment, natGateways } = this.props;
    const { perZone } = this;
    const table = new RouteTable(this, "aws_route_table.private", {
      count: perZone,
      vpcId: this.vpc.id,
      route: [
        {
          cidrBlock: "0.0.0.0/0",
          natGatewayId: natGateways === "one" ? firstId(natGateway) : idAt(natGateway, perZone.index),
        },
      ],
      tags: { Name: `${deployment.prefix}-private-${this.number}` },
    });
    const routes = new RouteTableAssociation(this, "aws_route_table_association.private", {
      count: perZone,
      subnetId: idAt(privateSubnet, perZone.index),
      routeTableId: idAt(table, perZone.index),
    });
    return { table, routes };
  }

  private closeDefaultGroup(): void {
    const { prefix } = this.props.deployment;
    // No rules: what names no security group reaches nothing.
    new DefaultSecurityGroup(this, "aws_default_security_group.skymanuals", {
      vpcId: this.vpc.id,
      tags: { Name: `${prefix}-default` },
    });
  }

  private addS3Endpoint(table: RouteTable): VpcEndpoint {
    const { prefix, region } = this.props.deployment;
    return new VpcEndpoint(this, "s3", {
      vpcId: this.vpc.id,
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: splatIds(table),
      tags: { Name: `${prefix}-s3` },
    });
  }

  private addInterfaceEndpoints({ deployment, interfaceEndpoints }: VpcProps): void {
    const { prefix, region } = deployment;
    const securityGroup = new SecurityGroup(this, "endpoints", {
      namePrefix: `${prefix}-endpoints-`,
      description: "Interface endpoints: HTTPS from inside the VPC",
      vpcId: this.vpc.id,
      ingress: [{ fromPort: 443, toPort: 443, protocol: "tcp", cidrBlocks: [this.vpc.cidrBlock] }],
      tags: { Name: `${prefix}-endpoints` },
      lifecycle: { createBeforeDestroy: true },
    });
    for (const service of interfaceEndpoints) {
      const label = service.replace(/[.-]/g, "_");
      const endpoint = new VpcEndpoint(this, label, {
        vpcId: this.vpc.id,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: "Interface",
        subnetIds: this.privateSubnetIds,
        securityGroupIds: [securityGroup.id],
        privateDnsEnabled: true,
        tags: { Name: `${prefix}-${service}` },
      });
      this.egress.push(endpoint);
    }
  }

  /** Thresholds: Amazon CloudWatch User Guide, "Best practice alarm recommendations", NAT gateway. */
  private addAlarms(natGateway: NatGateway): void {
    const { alerting, natGateways, zones } = this.props;
    const numbers = natGateways === "one" ? [1] : zones.map((_, index) => index + 1);
    const ofEach = (id: string, metricName: string) =>
      Object.fromEntries(
        numbers.map((number) => [
          `${id}${number}`,
          metricsOf("AWS/NATGateway", { NatGatewayId: nthId(natGateway, number - 1) })(metricName, "Sum"),
        ]),
      );
    const sum = (...ids: readonly string[]) =>
      `SUM([${ids.flatMap((id) => numbers.map((number) => `${id}${number}`)).join(", ")}])`;
    const common = { ...alerting, severity: "ticket", comparison: "above", missingData: "missing" } as const;

    new Alarm(this, "nat_ports", {
      ...common,
      description: "A NAT gateway has had no port left for new connections for 15 minutes.",
      watch: { expression: sum("errors"), metrics: ofEach("errors", "ErrorPortAllocation") },
      threshold: 0,
      evaluationPeriods: 15,
    });
    new Alarm(this, "nat_drops", {
      ...common,
      description: "The NAT gateways drop more than one of 10,000 packets.",
      watch: {
        expression: `100 * ${sum("drops")} / ${sum("out", "in")}`,
        metrics: {
          ...ofEach("drops", "PacketsDropCount"),
          ...ofEach("out", "PacketsInFromSource"),
          ...ofEach("in", "PacketsInFromDestination"),
        },
      },
      // Per cent.
      threshold: 0.01,
      evaluationPeriods: 5,
    });
  }

  private addFlowLogs(retentionInDays: number): void {
    const { prefix, region, accountId, keys } = this.props.deployment;
    const logGroup = new CloudwatchLogGroup(this, "aws_cloudwatch_log_group.flow_logs", {
      name: `/vpc/${prefix}`,
      retentionInDays,
      kmsKeyId: keys?.logs?.arn,
      tags: { Name: `${prefix}-flow-logs` },
    });
    const role = new IamRole(this, "aws_iam_role.flow_logs", {
      name: `${prefix}-flow-logs`,
      // Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs", and so are the actions below.
      assumeRolePolicy: assumedBy(
        "vpc-flow-logs.amazonaws.com",
        actingFor(accountId, `arn:aws:ec2:${region}:${accountId}:vpc-flow-log/*`),
      ),
      tags: { Name: `${prefix}-flow-logs` },
    });
    const policy = new IamRolePolicy(this, "aws_iam_role_policy.flow_logs", {
      name: "write-flow-logs",
      role: role.id,
      policy: policyDocument(
        {
          Sid: "WriteLog",
          Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          Resource: [logGroup.arn, `${logGroup.arn}:*`],
        },
        // It lists every group or none.
        { Sid: "FindLog", Action: ["logs:DescribeLogGroups"], Resource: ["*"] },
      ),
    });
    new FlowLog(this, "aws_flow_log.skymanuals", {
      vpcId: this.vpc.id,
      trafficType: "ALL",
      logDestination: logGroup.arn,
      iamRoleArn: role.arn,
      tags: { Name: `${prefix}-flow-logs` },
      // Without its permissions the flow log delivers nothing, and reports "Access error" only in its status.
      dependsOn: [policy],
    });
  }
}
