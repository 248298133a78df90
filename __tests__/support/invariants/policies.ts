import { parseJsonencode } from "../jsonencode";
import type { Statement } from "../synth";
import type { Invariant } from "./invariant";

const policyArguments: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_resource_policy: "policy_document",
  aws_elasticsearch_domain: "access_policies",
  aws_iam_role: "assume_role_policy",
  aws_iam_role_policy: "policy",
  aws_s3_bucket_policy: "policy",
  aws_sqs_queue_policy: "policy",
};

/** Actions that AWS grants on every resource or on none (Service Authorization Reference). */
const withoutResource = new Set([
  // Of network interfaces for a function in the VPC: Lambda names them only when it makes them.
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
  "ecr:GetAuthorizationToken",
  "ecs:DescribeTaskDefinition",
  "logs:DescribeLogGroups",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
]);

export const policiesGrantTheLeast: Invariant = (stack) =>
  stack.resources().flatMap(({ address, type, config }) => {
    const argument = policyArguments[type];
    if (argument === undefined) {
      return [];
    }
    const { Statement: statements } = parseJsonencode(String(config[argument])) as { Statement: Statement[] };
    return statements
      .filter(({ Effect }) => Effect !== "Deny")
      .flatMap((statement) => {
        const actions = [statement.Action].flat();
        const name = `${address} ${statement.Sid ?? ""}`.trim();
        return [
          ...(JSON.stringify(statement.Principal ?? "").includes('"*"') ? [`${name}: allows everybody`] : []),
          ...actions.filter((action) => /(^|:)\*$/.test(action)).map((action) => `${name}: allows ${action}`),
          ...((statement.Resource ?? []).includes("*")
            ? actions
                .filter((action) => !withoutResource.has(action))
                .map((action) => `${name}: ${action} on everything`)
            : []),
          ...("NotAction" in statement || "NotPrincipal" in statement || "NotResource" in statement
            ? [`${name}: allows by exclusion`]
            : []),
        ];
      });
  });
