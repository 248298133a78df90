import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Construct } from "constructs";
import { apiPort } from "../facts/api";
import type { Deployment } from "./parts/deployment";
import type { Vpc } from "./vpc";

export interface ServiceSecurityGroupsProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  /** The load balancer's group, which alone reaches the API. */
  readonly loadBalancer: SecurityGroup;
}

/** `aws_security_group.ecs`, which the guide references without declaring, for the API; and one for Logstash, which nobody calls. */
export class ServiceSecurityGroups extends Construct {
  readonly api: SecurityGroup;
  readonly logstash: SecurityGroup;
  /** Of the functions that keep and verify the chain of custody. */
  readonly custody: SecurityGroup;
  /** The function that prepares the database. */
  readonly bootstrap: SecurityGroup;
  readonly migrations: SecurityGroup;
  /** The function that prepares the log store. */
  readonly elasticsearchBootstrap: SecurityGroup;
  /** The function that logs in to the cache. */
  readonly redisCheck: SecurityGroup;

  constructor(scope: Construct, id: string, props: ServiceSecurityGroupsProps) {
    super(scope, id);
    const { network } = props;
    const { prefix } = props.deployment;
    const tcp = (port: number, cidrBlock: string) => ({
      fromPort: port,
      toPort: port,
      protocol: "tcp",
      cidrBlocks: [cidrBlock],
    });
    // AWS's services through endpoints and NAT, S3 through its gateway, what the API calls outside. Names are looked up at
    // Amazon's resolver, which groups do not filter.
    const https = tcp(443, "0.0.0.0/0");

    this.api = new SecurityGroup(this, "ecs", {
      namePrefix: `${prefix}-ecs-`,
      description: "API tasks: from the load balancer",
      vpcId: network.vpc.id,
      ingress: [{ fromPort: apiPort, toPort: apiPort, protocol: "tcp", securityGroups: [props.loadBalancer.id] }],
      // Database and cache by address: two groups whose inline rules name each other would be a cycle.
      egress: [https, tcp(5432, network.vpc.cidrBlock), tcp(6379, network.vpc.cidrBlock)],
      tags: { Name: `${prefix}-ecs` },
      lifecycle: { createBeforeDestroy: true },
    });

    this.logstash = new SecurityGroup(this, "logstash", {
      namePrefix: `${prefix}-logstash-`,
      description: "Logstash tasks: nothing reaches them",
      vpcId: network.vpc.id,
      egress: [https],
      tags: { Name: `${prefix}-logstash` },
      lifecycle: { createBeforeDestroy: true },
    });

    this.custody = new SecurityGroup(this, "custody", {
      namePrefix: `${prefix}-custody-`,
      description: "Custody functions: to S3; nothing reaches them",
      vpcId: network.vpc.id,
      egress: [https],
      tags: { Name: `${prefix}-custody` },
      lifecycle: { createBeforeDestroy: true },
    });

    const toDatabaseAndAws = [https, tcp(5432, network.vpc.cidrBlock)];
    this.bootstrap = new SecurityGroup(this, "bootstrap", {
      namePrefix: `${prefix}-bootstrap-`,
      description: "Bootstrap of the database: nothing reaches it",
      vpcId: network.vpc.id,
      egress: toDatabaseAndAws,
      tags: { Name: `${prefix}-bootstrap` },
      lifecycle: { createBeforeDestroy: true },
    });
    this.elasticsearchBootstrap = new SecurityGroup(this, "bootstrap_elasticsearch", {
      namePrefix: `${prefix}-bootstrap-es-`,
      description: "Bootstrap of the log store: nothing reaches it",
      vpcId: network.vpc.id,
      egress: [https],
      tags: { Name: `${prefix}-bootstrap-elasticsearch` },
      lifecycle: { createBeforeDestroy: true },
    });
    this.migrations = new SecurityGroup(this, "migrations", {
      namePrefix: `${prefix}-migrations-`,
      description: "Migration tasks: nothing reaches them",
      vpcId: network.vpc.id,
      egress: toDatabaseAndAws,
      tags: { Name: `${prefix}-migrations` },
      lifecycle: { createBeforeDestroy: true },
    });
    this.redisCheck = new SecurityGroup(this, "check_redis", {
      namePrefix: `${prefix}-check-redis-`,
      description: "Check of the cache: nothing reaches it",
      vpcId: network.vpc.id,
      egress: [https, tcp(6379, network.vpc.cidrBlock)],
      tags: { Name: `${prefix}-check-redis` },
      lifecycle: { createBeforeDestroy: true },
    });
  }
}
