import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";

export interface LogsProps {
  readonly deployment: Deployment;
}

/** logs.tf: the log groups of the API, of commands run in its containers, and (undeclared in the guide) of Logstash. */
export class Logs extends Construct {
  readonly api: CloudwatchLogGroup;
  readonly ecs: CloudwatchLogGroup;
  readonly logstash: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, props: LogsProps) {
    super(scope, id);
    const { prefix, environment } = props.deployment;

    this.api = new CloudwatchLogGroup(this, "api", {
      name: `/ecs/${prefix}-api`,
      retentionInDays: 30,
      tags: { Name: `${prefix}-api-logs`, Environment: environment },
    });

    this.ecs = new CloudwatchLogGroup(this, "ecs", {
      name: `/ecs/${prefix}`,
      retentionInDays: 30,
      tags: { Name: `${prefix}-ecs-logs`, Environment: environment },
    });

    this.logstash = new CloudwatchLogGroup(this, "logstash", {
      name: `/ecs/${prefix}-logstash`,
      retentionInDays: 30,
      tags: { Name: `${prefix}-logstash-logs`, Environment: environment },
    });

    new Output(this, "api_log_group", this.api.name, "Log group of the API");
    new Output(this, "logstash_log_group", this.logstash.name, "Log group of Logstash");
  }
}
