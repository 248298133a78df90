import { runSimulation, type Simulation } from "@cloud-copilot/iam-simulate";
import { Evaluator } from "./expressions";
import { parseJsonencode } from "./jsonencode";
import type { Block, Resource, Statement, Synthesized } from "./synth";

/** A request to AWS. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  /** Condition keys. Default: by TLS. */
  readonly context?: Readonly<Record<string, string>>;
}

interface Policy {
  /** The resource that holds it. */
  readonly address: string;
  readonly document: { readonly Statement: readonly Statement[] };
}

/** By type: the argument that holds a policy, and where that policy is attached. */
const policyArguments: Readonly<Record<string, { readonly argument: string; readonly attachedTo?: string }>> = {
  aws_cloudwatch_log_resource_policy: { argument: "policy_document" },
  aws_ecr_repository_policy: { argument: "policy", attachedTo: "repository" },
  aws_elasticsearch_domain: { argument: "access_policies" },
  aws_iam_policy: { argument: "policy" },
  aws_iam_role: { argument: "assume_role_policy" },
  aws_iam_role_policy: { argument: "policy", attachedTo: "role" },
  aws_kms_key: { argument: "policy" },
  aws_s3_bucket_policy: { argument: "policy", attachedTo: "bucket" },
  aws_secretsmanager_secret_policy: { argument: "policy", attachedTo: "secret_arn" },
  aws_sns_topic_policy: { argument: "policy", attachedTo: "arn" },
  aws_sqs_queue_policy: { argument: "policy", attachedTo: "queue_url" },
  aws_vpc_endpoint: { argument: "policy" },
};

/** The policies of a stack, evaluated as IAM does: what the roles may, with the resources' own policies. */
export class Permissions {
  readonly evaluator: Evaluator;

  constructor(readonly stack: Synthesized) {
    this.evaluator = new Evaluator(stack);
  }

  /** Every policy document that the stack holds, as it is after an apply. */
  policies(): Policy[] {
    return this.stack.resources().flatMap((resource) => this.policyOf(resource) ?? []);
  }

  /**
   * @throws Error if the request is none that AWS knows
   */
  async allows(role: string, call: Call): Promise<boolean> {
    const { context = { "aws:SecureTransport": "true" } } = call;
    // What IAM knows of every request of a role: the role's own ARN, not that of its session.
    const known = { ...context, "aws:PrincipalArn": this.evaluator.arn(role) };
    return this.simulate(this.principal(role), this.identityPolicies(role), { ...call, context: known });
  }

  /** Whether an AWS service such as `ecs-tasks.amazonaws.com` may take the role. */
  trusts(role: string, service: string): boolean {
    const document = this.policyOf(this.find(role))?.document;
    return (document?.Statement ?? []).some(
      ({ Effect, Action, Principal }) =>
        Effect === "Allow" &&
        [Action].flat().includes("sts:AssumeRole") &&
        [(Principal as { Service?: string | string[] }).Service ?? []].flat().includes(service),
    );
  }

  private async simulate(
    principal: string,
    identityPolicies: Simulation["identityPolicies"],
    { action, resource, context }: Call,
  ): Promise<boolean> {
    const accountId = this.evaluator.evaluate("${data.aws_caller_identity.current.account_id}");
    const resourcePolicy = this.resourcePolicy(resource);
    const everything = { Effect: "Allow", Action: "*", Resource: "*" };
    const result = await runSimulation(
      {
        request: {
          principal,
          action,
          resource: { resource, accountId },
          contextVariables: { ...context },
        },
        identityPolicies,
        serviceControlPolicies: [
          {
            orgIdentifier: "r-root",
            policies: [{ name: "FullAWSAccess", policy: { Version: "2012-10-17", Statement: [everything] } }],
          },
        ],
        resourceControlPolicies: [],
        ...(resourcePolicy ? { resourcePolicy } : {}),
      },
      {},
    );
    if (result.resultType === "error") {
      throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
    }
    return result.overallResult === "Allowed";
  }

  private principal(role: string): string {
    const [, account, name] = /^arn:aws:iam::(\d+):role\/(.*)$/.exec(this.evaluator.arn(role)) ?? [];
    return `arn:aws:sts::${account}:assumed-role/${name}/session`;
  }

  private identityPolicies(role: string): Simulation["identityPolicies"] {
    const attached = this.stack
      .resources("aws_iam_role_policy_attachment")
      .filter(({ config }) => String(config.role).includes(`${role}.`));
    if (attached.length > 0) {
      throw new Error(`${attached[0]?.address}: policies of roles are inline, so that they are read here`);
    }
    return this.stack
      .resources("aws_iam_role_policy")
      .filter(({ config }) => [`\${${role}.id}`, `\${${role}.name}`].includes(String(config.role)))
      .map((resource) => ({ name: resource.address, policy: this.policyOf(resource)?.document }));
  }

  /** The policy of the resource with this ARN, or of the bucket or domain that it lies in. */
  private resourcePolicy(arn: string): Policy["document"] | undefined {
    const found = this.stack.resources().filter((resource) => {
      const { argument, attachedTo } = policyArguments[resource.type] ?? {};
      if (!argument || !resource.config[argument] || /^aws_(iam|vpc|cloudwatch)_/.test(resource.type)) {
        return false;
      }
      const target = attachedTo
        ? /\$\{(\w+\.\w+)\.\w+\}/.exec(String(resource.config[attachedTo]))?.[1]
        : resource.address;
      if (!target) {
        throw new Error(`${resource.address}: ${attachedTo} names no resource of the stack`);
      }
      const own = this.evaluator.arn(target);
      return arn === own || arn.startsWith(`${own}/`);
    });
    if (found.length > 1) {
      throw new Error(`${arn}: several policies: ${found.map(({ address }) => address).join(", ")}`);
    }
    return found[0] && this.policyOf(found[0])?.document;
  }

  private policyOf({ address, type, config }: Resource): Policy | undefined {
    const argument = policyArguments[type]?.argument;
    const text = argument && config[argument];
    if (!text) {
      return undefined;
    }
    return { address, document: this.evaluator.evaluate(parseJsonencode(String(text))) as Policy["document"] };
  }

  private find(address: string): Resource {
    const [type = "", label = ""] = address.split(".");
    return { address, type, label, config: this.stack.resource(address) as Block };
  }
}
