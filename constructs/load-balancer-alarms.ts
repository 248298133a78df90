import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { Alarm, type AlarmProps, type Alerting, CompositeAlarm, type Metric, metricsOf } from "./parts/alarm";
import type { ApiBalancer } from "./parts/api-balancer";

export interface LoadBalancerAlarmsProps {
  readonly alerting: Alerting;
  /** The one that CloudFront uses: the other kind, where there is one, serves nobody. */
  readonly balancer: ApiBalancer;
  /** Requests that take longer, in seconds, are slow: `tracing.slowSeconds`. */
  readonly slowSeconds: number;
}

/**
 * What users feel, seen at the load balancer. AWS recommends no thresholds for load balancers but a share of errors (AWS Solutions
 * Library, "Prebid server deployment on AWS", any error of five minutes; Amazon CloudWatch User Guide, "Best practice alarm
 * recommendations", ECS, HTTPCode_Target_5XX_Count, 5 % of the traffic); the figures are ours, and rates, so that they hold by day and
 * by night. What users feel is told once: `users_affected` pages where any of four goes off, and each of the four is a ticket. Cost
 * 1.90 USD a month.
 *
 * Not watched: the share of requests that succeed, which the shares of errors are the rest of, and which is missing in a night
 * without requests; answers of the load balancer itself with 4xx, which refuse what did not come through CloudFront.
 */
export class LoadBalancerAlarms extends Construct {
  /** By these a deployment is seen to fail. A period without requests is none of an error. */
  readonly ofDeployments: readonly CloudwatchMetricAlarm[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LoadBalancerAlarmsProps,
  ) {
    super(scope, id);
    const { slowSeconds } = props;

    const errors = this.alarm("api_errors", "The API has answered more than 5 % of the requests with an error (5xx).", {
      watch: {
        expression: "100 * FILL(errors, 0) / requests",
        metrics: {
          errors: this.ofTargets("HTTPCode_Target_5XX_Count", "Sum"),
          requests: this.ofTargets("RequestCount", "Sum"),
        },
      },
      threshold: 5,
    });
    // RequestCount is of requests for which a target was found, so that those without one count beside it (Elastic Load Balancing
    // User Guide, "CloudWatch metrics for your Application Load Balancer").
    const unanswered = this.alarm(
      "api_unanswered",
      "The load balancer got no answer from the API for more than 5 % of the requests (502, 503, 504).",
      {
        watch: {
          expression: "100 * unanswered / (FILL(requests, 0) + unanswered)",
          metrics: {
            unanswered: this.ofBalancer("HTTPCode_ELB_5XX_Count", "Sum"),
            requests: this.ofBalancer("RequestCount", "Sum"),
          },
        },
        threshold: 5,
      },
    );
    const slow = this.alarm("api_slow", `One of 20 requests has taken the API more than ${slowSeconds} s.`, {
      watch: this.ofTargets("TargetResponseTime", "p95"),
      threshold: slowSeconds,
    });
    const unhealthy = this.alarm("api_down", "No task of the API is healthy: nobody is answered.", {
      watch: this.ofTargets("HealthyHostCount", "Minimum"),
      comparison: "below",
      threshold: 1,
      evaluationPeriods: 2,
      datapoints: 2,
      missingData: "breaching",
    });
    new CompositeAlarm(this, "users_affected", {
      ...props.alerting,
      severity: "page",
      description: "Users are affected: the API does not answer, answers with errors, or answers late.",
      anyOf: [unhealthy, unanswered, errors, slow],
    });
    this.ofDeployments = [errors, unanswered, slow];

    this.alarm("api_refusals", "The API has refused every fifth request (4xx) for 15 minutes.", {
      watch: {
        expression: "100 * FILL(refused, 0) / requests",
        metrics: {
          refused: this.ofTargets("HTTPCode_Target_4XX_Count", "Sum"),
          requests: this.ofTargets("RequestCount", "Sum"),
        },
      },
      threshold: 20,
      evaluationPeriods: 15,
      datapoints: 15,
    });
    this.alarm("api_unhealthy_tasks", "A task of the API has failed the load balancer's checks for 15 minutes.", {
      watch: this.ofTargets("UnHealthyHostCount", "Maximum"),
      threshold: 0,
      evaluationPeriods: 15,
      datapoints: 15,
    });
    this.alarm("api_connection_errors", "The load balancer could not connect to tasks of the API.", {
      watch: this.ofTargets("TargetConnectionErrorCount", "Sum"),
      threshold: 0,
    });
    this.alarm("load_balancer_rejections", "The load balancer has rejected connections: it has its maximum.", {
      watch: this.ofBalancer("RejectedConnectionCount", "Sum"),
      threshold: 0,
    });
  }

  private ofBalancer(metricName: string, statistic: Metric["statistic"]): Metric {
    const { loadBalancer } = this.props.balancer;
    return metricsOf("AWS/ApplicationELB", { LoadBalancer: loadBalancer.arnSuffix })(metricName, statistic);
  }

  private ofTargets(metricName: string, statistic: Metric["statistic"]): Metric {
    const { loadBalancer, targetGroup } = this.props.balancer;
    return metricsOf("AWS/ApplicationELB", {
      LoadBalancer: loadBalancer.arnSuffix,
      TargetGroup: targetGroup.arnSuffix,
    })(metricName, statistic);
  }

  /** A ticket when three of five data points are above the threshold, and no data is no alarm, unless `rest` says otherwise. */
  private alarm(
    label: string,
    description: string,
    rest: Pick<AlarmProps, "watch" | "threshold"> & Partial<AlarmProps>,
  ): Alarm {
    return new Alarm(this, label, {
      ...this.props.alerting,
      description,
      severity: "ticket",
      comparison: "above",
      evaluationPeriods: 5,
      datapoints: 3,
      missingData: "notBreaching",
      ...rest,
    });
  }
}
