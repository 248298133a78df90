import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener, type LbListenerDefaultAction } from "@cdktf/provider-aws/lib/lb-listener";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import type { ITerraformDependable, TerraformResourceLifecycle } from "cdktf";
import { Construct } from "constructs";
import { apiHealthPath, apiPort } from "../../facts/api";
import type { Deployment } from "./deployment";

export interface ApiBalancerProps {
  readonly deployment: Deployment;
  readonly vpcId: string;
  readonly subnetIds: string[];
  readonly securityGroup: SecurityGroup;
  /** ARN of the certificate of a listener on port 443. Default: plain HTTP on port 80. */
  readonly certificateArn?: string;
  readonly accessLogs: { readonly bucket: string; readonly prefix: string };
  /** AWS refuses to delete the load balancer. */
  readonly deletionProtection: boolean;
  /** What must exist before the load balancer. */
  readonly dependsOn: ITerraformDependable[];
  /** It is removed after what used it has changed. */
  readonly removedLast: boolean;
}

/** What the kinds of load balancer differ in. */
export interface ApiBalancerKind {
  /** Labels of the resources. */
  readonly labels: { readonly loadBalancer: string; readonly targetGroup: string; readonly listener: string };
  readonly loadBalancerName: string;
  readonly targetGroupName: string;
  readonly internal: boolean;
  /** What the listener does, unless a rule says otherwise. */
  readonly defaultAction: (targetGroupArn: string) => LbListenerDefaultAction;
}

/**
 * An application load balancer with one listener, and a target group for the API's tasks, to which the service registers
 * them. A target group belongs to one load balancer, so that each has its own.
 */
export class ApiBalancer extends Construct {
  readonly loadBalancer: Lb;
  readonly targetGroup: LbTargetGroup;
  readonly listener: LbListener;
  /** Of everything here, and of what else goes with it. */
  readonly lifecycle: TerraformResourceLifecycle | undefined;

  constructor(scope: Construct, id: string, props: ApiBalancerProps & ApiBalancerKind) {
    super(scope, id);
    const { labels } = props;
    const { environment } = props.deployment;
    this.lifecycle = props.removedLast ? { createBeforeDestroy: true } : undefined;

    this.loadBalancer = new Lb(this, `aws_lb.${labels.loadBalancer}`, {
      name: props.loadBalancerName,
      internal: props.internal,
      loadBalancerType: "application",
      securityGroups: [props.securityGroup.id],
      subnets: props.subnetIds,
      dependsOn: props.dependsOn,
      accessLogs: { ...props.accessLogs, enabled: true },
      dropInvalidHeaderFields: true,
      enableDeletionProtection: props.deletionProtection,
      tags: { Name: props.loadBalancerName, Environment: environment },
      lifecycle: this.lifecycle,
    });

    this.targetGroup = new LbTargetGroup(this, `aws_lb_target_group.${labels.targetGroup}`, {
      name: props.targetGroupName,
      port: apiPort,
      protocol: "HTTP",
      targetType: "ip",
      vpcId: props.vpcId,
      deregistrationDelay: "30",
      healthCheck: {
        path: apiHealthPath,
        matcher: "200",
        interval: 15,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
      },
      tags: { Name: props.targetGroupName, Environment: environment },
      lifecycle: this.lifecycle,
    });

    this.listener = new LbListener(this, `aws_lb_listener.${labels.listener}`, {
      loadBalancerArn: this.loadBalancer.arn,
      ...(props.certificateArn
        ? {
            port: 443,
            protocol: "HTTPS",
            certificateArn: props.certificateArn,
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
          }
        : { port: 80, protocol: "HTTP" }),
      defaultAction: [props.defaultAction(this.targetGroup.arn)],
      tags: { Name: props.targetGroupName },
      lifecycle: this.lifecycle,
    });
  }
}
