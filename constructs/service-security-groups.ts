import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Construct } from "constructs";
import type { Vpc } from "./vpc";

export interface ServiceSecurityGroupsProps {
  readonly namePrefix: string;
  readonly network: Vpc;
  /** The load balancer's group, which alone reaches the API. */
  readonly loadBalancer: SecurityGroup;
}

/** `aws_security_group.ecs`, which the guide references without declaring, for the API; and one for Logstash, which nobody calls. */
export class ServiceSecurityGroups extends Construct {
  readonly api: SecurityGroup;
  readonly logstash: SecurityGroup;
  /** The function that prepares the database. */
  readonly bootstrap: SecurityGroup;
  readonly migrations: SecurityGroup;

  constructor(scope: Construct, id: string, props: ServiceSecurityGroupsProps) {
    super(scope, id);
    const { namePrefix, network } = props;
    const egress = [{ fromPort: 0, toPort: 0, protocol: "-1", cidrBlocks: ["0.0.0.0/0"] }];

    this.api = new SecurityGroup(this, "ecs", {
      namePrefix: `${namePrefix}-ecs-`,
      description: "API tasks: from the load balancer",
      vpcId: network.vpc.id,
      ingress: [{ fromPort: 3001, toPort: 3001, protocol: "tcp", securityGroups: [props.loadBalancer.id] }],
      egress,
      tags: { Name: `${namePrefix}-ecs` },
      lifecycle: { createBeforeDestroy: true },
    });

    this.logstash = new SecurityGroup(this, "logstash", {
      namePrefix: `${namePrefix}-logstash-`,
      description: "Logstash tasks: nothing reaches them",
      vpcId: network.vpc.id,
      egress,
      tags: { Name: `${namePrefix}-logstash` },
      lifecycle: { createBeforeDestroy: true },
    });

    // By the VPC's addresses: the database's group names these two, and inline rules that name each other's group are a cycle.
    const toDatabaseAndAws = [
      { fromPort: 5432, toPort: 5432, protocol: "tcp", cidrBlocks: [network.vpc.cidrBlock] },
      { fromPort: 443, toPort: 443, protocol: "tcp", cidrBlocks: ["0.0.0.0/0"] },
    ];
    this.bootstrap = new SecurityGroup(this, "bootstrap", {
      namePrefix: `${namePrefix}-bootstrap-`,
      description: "Bootstrap of the database: nothing reaches it",
      vpcId: network.vpc.id,
      egress: toDatabaseAndAws,
      tags: { Name: `${namePrefix}-bootstrap` },
      lifecycle: { createBeforeDestroy: true },
    });
    this.migrations = new SecurityGroup(this, "migrations", {
      namePrefix: `${namePrefix}-migrations-`,
      description: "Migration tasks: nothing reaches them",
      vpcId: network.vpc.id,
      egress: toDatabaseAndAws,
      tags: { Name: `${namePrefix}-migrations` },
      lifecycle: { createBeforeDestroy: true },
    });
  }
}
