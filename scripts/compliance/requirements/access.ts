import { attribute, jsonDocument, type Planned, statements } from "../planned";
import { each, type Finding, needs, type Requirement, refersTo, states } from "../requirement";
import { admitsGroupsOnly } from "./network";

const source = "Setup guide, Security Considerations, Access Control";

export const access: readonly Requirement[] = [
  {
    id: "access.least-privilege",
    title: "No role may do everything",
    source,
    promise: "IAM roles med least privilege principle",
    serves: ["AC 120-78B"],
    inAccount: "What each role has used: IAM's last accessed information, and the findings of Access Analyzer.",
    checks: [
      "iam_inline_policy_no_administrative_privileges",
      "iam_customer_attached_policy_no_administrative_privileges",
      "iam_aws_attached_policy_no_administrative_privileges",
    ],
    judge: (planned) => ({
      findings: [
        ...each(planned.of("aws_iam_role_policy", "aws_iam_policy"), "aws_iam_role_policy", "policies", (policy) => [
          narrow(policy),
        ]),
        ...planned
          .of("aws_iam_role_policy_attachment")
          .map((one) =>
            needs(
              one,
              "policy_arn",
              "no policy of administrators",
              (value) => !/\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/.test(String(value ?? "")),
            ),
          ),
      ],
    }),
  },
  {
    id: "access.task-roles",
    title: "Tasks reach AWS by roles of their own",
    source,
    promise: "ECS task roles för AWS service access",
    serves: [],
    inAccount: "That no access key of a user is in a task's configuration.",
    checks: ["ecs_task_definitions_no_environment_secrets"],
    judge: (planned) => ({
      findings: each(planned.of("aws_ecs_task_definition"), "aws_ecs_task_definition", "task definitions", (one) => {
        const variables = containersOf(one).flatMap(({ environment }) => environment.map(({ name }) => name));
        const keys = variables.filter((name) =>
          /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)$|PASSWORD|SECRET|TOKEN$/i.test(name),
        );
        return [
          refersTo(one, "task_role_arn", "a role of the stack", (to) => to.startsWith("aws_iam_role.")),
          states(
            one,
            "container_definitions.environment",
            keys.length > 0 ? keys.join(", ") : `${variables.length} variables, no secret or key among their names`,
            "no access key, password or token in clear",
            containersOf(one).length > 0 && keys.length === 0,
          ),
        ];
      }),
    }),
  },
  {
    id: "access.database",
    title: "The database is reached from security groups only",
    source,
    promise: "Database access via security groups only",
    serves: ["AC 120-78B"],
    inAccount: "Which users exist in the database, and what they may do there.",
    checks: ["rds_instance_no_public_access"],
    judge: (planned) => ({
      findings: [
        ...admitsGroupsOnly(planned, "aws_security_group.rds"),
        ...admitsGroupsOnly(planned, "aws_security_group.redis"),
        ...each(planned.of("aws_db_instance"), "aws_db_instance", "a database", (one) => [
          refersTo(one, "vpc_security_group_ids", "aws_security_group.rds", (to) => to === "aws_security_group.rds"),
        ]),
      ],
    }),
  },
  {
    id: "access.api-tokens",
    title: "The API has the key by which it checks tokens",
    source,
    promise: "API authentication med JWT tokens",
    serves: ["AC 120-78B"],
    inAccount: "That the API refuses a request without a valid token: the application does it, and no plan shows it.",
    checks: [],
    judge: (planned) => ({
      findings: each(
        planned.at("aws_ecs_task_definition.api"),
        "aws_ecs_task_definition.api",
        "the API's task",
        (one) => {
          const [api] = containersOf(one).filter(({ name }) => name === "api");
          const secret = api?.secrets.find(({ name }) => name === "JWT_SECRET")?.valueFrom;
          const expiry = api?.environment.find(({ name }) => name === "JWT_EXPIRES_IN")?.value;
          return [
            states(
              one,
              "container_definitions.secrets.JWT_SECRET",
              secret === undefined ? "absent" : secret.replace(/^\$\{|\}?:.*$|\}$/g, ""),
              "a secret of Secrets Manager",
              secret?.includes("secretsmanager") === true,
            ),
            states(
              one,
              "container_definitions.environment.JWT_EXPIRES_IN",
              expiry ?? "absent",
              "an end of each token",
              expiry !== undefined && expiry !== "",
            ),
          ];
        },
      ),
    }),
  },
];

/** An action of everything, or of a whole service on every resource. */
function narrow(policy: Planned): Finding {
  const needed = "no action of everything, none of a whole service on every resource";
  const read = statements(policy);
  if (read === undefined) {
    return states(policy, "policy", attribute(policy, "policy").text, `${needed}; the plan does not tell it`, false);
  }
  const wide = read.filter(
    ({ effect, actions, notActions, resources }) =>
      effect === "Allow" &&
      (notActions.length > 0 ||
        actions.includes("*") ||
        (resources.includes("*") && actions.some((action) => action.endsWith(":*")))),
  );
  return states(
    policy,
    "policy",
    wide.length > 0
      ? wide.map(({ sid, actions }) => sid || actions.join(", ")).join("; ")
      : `${read.length} statements`,
    needed,
    wide.length === 0,
  );
}

interface Container {
  readonly name: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly logConfiguration: {
    readonly logDriver?: string;
    readonly options?: Readonly<Record<string, string>>;
  };
}

/** The containers of a task definition; none where the plan does not tell them. */
export function containersOf(task: Planned): Container[] {
  const document = jsonDocument(task, "container_definitions");
  return Array.isArray(document)
    ? document.map((container: Partial<Container>) => ({
        name: container.name ?? "",
        environment: container.environment ?? [],
        secrets: container.secrets ?? [],
        logConfiguration: container.logConfiguration ?? {},
      }))
    : [];
}
