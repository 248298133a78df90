import { CloudwatchQueryDefinition } from "@cdktf/provider-aws/lib/cloudwatch-query-definition";
import type { Construct } from "constructs";

export interface SavedQueryProps {
  readonly prefix: string;
  /** As CloudWatch Logs Insights lists it, in the folder of the prefix. */
  readonly title: string;
  readonly logGroupName: string;
  /** Each stage of the query, which CloudWatch joins by bars. */
  readonly stages: readonly string[];
}

/** A query that operators keep: label `api_errors` makes `aws_cloudwatch_query_definition.api_errors`. Free while nobody runs it. */
export class SavedQuery extends CloudwatchQueryDefinition {
  constructor(scope: Construct, label: string, { prefix, title, logGroupName, stages }: SavedQueryProps) {
    super(scope, `aws_cloudwatch_query_definition.${label}`, {
      name: `${prefix}/${title}`,
      logGroupNames: [logGroupName],
      queryString: stages.join("\n| "),
    });
  }
}
