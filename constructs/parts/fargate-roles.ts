import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import type { Deployment } from "./deployment";
import { keyStatements } from "./key";
import { actingFor, assumedBy, policyDocument, type Statement } from "./policy-document";

/**
 * What Session Manager opens in a task for a command or a forwarded port. The actions know no resources (AWS Service Authorization
 * Reference, Amazon Session Manager Message Gateway Service).
 */
export function sessionChannels(Sid: string): Statement {
  return {
    Sid,
    Action: [
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ],
    Resource: ["*"],
  };
}

export interface FargateRolesProps {
  readonly deployment: Deployment;
  /** First part of both role names, such as `skymanuals-ecs`. */
  readonly namePrefix: string;
  readonly logGroup: CloudwatchLogGroup;
  /** ARN of the ECR repository that the image comes from. */
  readonly imageRepositoryArn: string;
  /** ARNs of the secrets that the containers get. Default: none. */
  readonly secretArns?: readonly string[];
}

/**
 * The two roles of a Fargate service: `<label>_execution`, by which ECS pulls the image, reads the secrets and writes the
 * log; and `<label>_task`, by which the containers call AWS, and which may do nothing until it is granted.
 */
export class FargateRoles extends Construct {
  readonly execution: IamRole;
  readonly task: IamRole;
  /** What a service of these roles depends on. */
  readonly policies: IamRolePolicy[] = [];

  constructor(scope: Construct, label: string, props: FargateRolesProps) {
    super(scope, label);
    const { region, accountId, keys } = props.deployment;
    const role = (kind: "execution" | "task", condition?: Statement["Condition"]) =>
      new IamRole(this, `aws_iam_role.${label}_${kind}`, {
        name: `${props.namePrefix}-${kind}`,
        assumeRolePolicy: assumedBy("ecs-tasks.amazonaws.com", condition),
        tags: { Name: `${props.namePrefix}-${kind}` },
      });
    // No condition: AWS documents none for it (Amazon ECS Developer Guide, "Amazon ECS task execution IAM role").
    this.execution = role("execution");
    // Amazon ECS Developer Guide, "Amazon ECS task IAM role": no narrower ARN, such as a cluster's, is supported.
    this.task = role("task", actingFor(accountId, `arn:aws:ecs:${region}:${accountId}:*`));

    const secretArns = props.secretArns ?? [];
    this.policies.push(
      new IamRolePolicy(this, `aws_iam_role_policy.${label}_execution`, {
        name: "start-tasks",
        role: this.execution.id,
        policy: policyDocument(
          { Sid: "SignInToEcr", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
          {
            Sid: "PullImage",
            Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            Resource: [props.imageRepositoryArn],
          },
          {
            Sid: "WriteLog",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: [`${props.logGroup.arn}:*`],
          },
          ...(secretArns.length > 0
            ? [
                { Sid: "ReadSecrets", Action: ["secretsmanager:GetSecretValue"], Resource: secretArns },
                // Amazon ECS Developer Guide, "Amazon ECS task execution IAM role", Secrets Manager permissions.
                ...keyStatements(keys?.secrets, "read", "DecryptSecrets", "secretsmanager"),
              ]
            : []),
        ),
      }),
    );
  }

  grantTask(...statements: Statement[]): void {
    this.policies.push(
      new IamRolePolicy(this, `aws_iam_role_policy.${this.node.id}_task`, {
        name: "run",
        role: this.task.id,
        policy: policyDocument(...statements),
      }),
    );
  }
}
