import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";
import { SavedQuery } from "./parts/saved-query";

export interface LogsProps {
  readonly deployment: Deployment;
  /** Requests that take longer, in seconds, are slow. */
  readonly slowSeconds: number;
}

/**
 * logs.tf: the log groups of the API, of commands run in its containers, and (undeclared in the guide) of Logstash; and what operators
 * look up in them daily, as saved queries over the fields of the guide's log lines.
 */
export class Logs extends Construct {
  readonly api: CloudwatchLogGroup;
  readonly ecs: CloudwatchLogGroup;
  readonly logstash: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, props: LogsProps) {
    super(scope, id);
    const { prefix, environment, keys } = props.deployment;

    this.api = new CloudwatchLogGroup(this, "api", {
      name: `/ecs/${prefix}-api`,
      retentionInDays: 30,
      kmsKeyId: keys?.logs?.arn,
      tags: { Name: `${prefix}-api-logs`, Environment: environment },
    });

    this.ecs = new CloudwatchLogGroup(this, "ecs", {
      name: `/ecs/${prefix}`,
      retentionInDays: 30,
      kmsKeyId: keys?.logs?.arn,
      tags: { Name: `${prefix}-ecs-logs`, Environment: environment },
    });

    this.logstash = new CloudwatchLogGroup(this, "logstash", {
      name: `/ecs/${prefix}-logstash`,
      retentionInDays: 30,
      kmsKeyId: keys?.logs?.arn,
      tags: { Name: `${prefix}-logstash-logs`, Environment: environment },
    });

    this.saveQueries(props);
    new Output(this, "api_log_group", this.api.name, "Log group of the API");
    new Output(this, "logstash_log_group", this.logstash.name, "Log group of Logstash");
  }

  private saveQueries({ deployment: { prefix }, slowSeconds }: LogsProps): void {
    const ofApi = (label: string, title: string, ...stages: readonly string[]) =>
      new SavedQuery(this, label, { prefix, title, logGroupName: this.api.name, stages });
    ofApi(
      "api_errors",
      "API errors",
      "fields @timestamp, level, eventType, userId, message",
      'filter level = "error"',
      "sort @timestamp desc",
      "limit 100",
    );
    ofApi(
      "slow_requests",
      "Slow requests",
      "fields @timestamp, responseTime, status, userId, message",
      // Milliseconds.
      `filter responseTime > ${slowSeconds * 1000}`,
      "sort responseTime desc",
      "limit 100",
    );
    ofApi(
      "user_trail",
      "One user's trail",
      "fields @timestamp, logType, eventType, deviceId, organizationId, status, message",
      'filter userId = "USER"',
      "sort @timestamp asc",
      "limit 1000",
    );
    new SavedQuery(this, "logstash_failures", {
      prefix,
      title: "Logstash failures",
      logGroupName: this.logstash.name,
      stages: [
        "fields @timestamp, @message",
        "filter @message like /\\[(WARN|ERROR|FATAL) *\\]/",
        "sort @timestamp desc",
        "limit 100",
      ],
    });
  }
}
