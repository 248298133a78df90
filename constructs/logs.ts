import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";

export interface LogsProps {
  readonly namePrefix: string;
  /** The variable `environment`. */
  readonly environment: string;
}

/** logs.tf: the log groups of the API, of commands run in its containers, and (undeclared in the guide) of Logstash. */
export class Logs extends Construct {
  readonly api: CloudwatchLogGroup;
  readonly ecs: CloudwatchLogGroup;
  readonly logstash: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, props: LogsProps) {
    super(scope, id);
    const { namePrefix, environment } = props;

    this.api = new CloudwatchLogGroup(this, "api", {
      name: `/ecs/${namePrefix}-api`,
      retentionInDays: 30,
      tags: { Name: `${namePrefix}-api-logs`, Environment: environment },
    });

    this.ecs = new CloudwatchLogGroup(this, "ecs", {
      name: `/ecs/${namePrefix}`,
      retentionInDays: 30,
      tags: { Name: `${namePrefix}-ecs-logs`, Environment: environment },
    });

    this.logstash = new CloudwatchLogGroup(this, "logstash", {
      name: `/ecs/${namePrefix}-logstash`,
      retentionInDays: 30,
      tags: { Name: `${namePrefix}-logstash-logs`, Environment: environment },
    });
  }
}
