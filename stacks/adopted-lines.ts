import type { TerraformResource } from "cdktf";
import type { Adopted } from "../environments/environment";
import { didYouMean, type Problem } from "../environments/validation/problems";
import { type Finding, formatPath } from "../environments/validation/rules";
import { switchesOff } from "../facts/protections";

/** What Terraform decides about a resource, and no provider. Source: Terraform, "Meta-arguments". */
const metaArguments = ["count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection"];

/** Arguments that the provider computes, or that need no line. */
const computed = ["id", "tags_all"];

/**
 * What is wrong with lines that somebody wrote by hand, against the finished stack: `terraform validate` would name lines of
 * cdk.tf.json, and `apply` would destroy what was moved to an index that is not there.
 * @param resources of the stack, by their addresses
 */
export function adoptedLineProblems(
  { keep, moved }: Adopted,
  resources: ReadonlyMap<string, TerraformResource>,
  source: string,
): Problem[] {
  const kept = Object.entries(keep).flatMap(([address, values]) => {
    const resource = resources.get(address);
    return resource === undefined
      ? []
      : Object.entries(values).flatMap(([argument, value]) =>
          keptProblems(resource, argument, value, resources).map((finding) => ({
            ...finding,
            path: ["keep", address, argument],
            value,
          })),
        );
  });
  const indexed = moved.flatMap(({ to }, index) => {
    const resource = resources.get(to.replace(/\[.*\]$/, ""));
    return (resource ? indexProblems(resource, to) : []).map((finding) => ({
      ...finding,
      path: ["moved", index, "to"],
      value: to,
    }));
  });
  return [...kept, ...indexed].map(({ path, ...problem }) => ({
    source,
    path: formatPath(["adopted", ...path]),
    ...problem,
  }));
}

type Verdict = Pick<Finding, "allowed" | "fix">;

function keptProblems(
  resource: TerraformResource,
  argument: string,
  value: unknown,
  resources: ReadonlyMap<string, TerraformResource>,
): Verdict[] {
  const type = resource.terraformResourceType;
  const [name = argument] = argument.split(".");
  if (metaArguments.includes(name)) {
    const protection = name === "lifecycle" ? "; protection.preventDestroy says what Terraform may destroy" : "";
    return [
      {
        allowed: `an argument of ${type}: ${name} is Terraform's own, and the stack's`,
        fix: `remove the line${protection}`,
      },
    ];
  }
  const ours = argumentsOf(resource);
  const known = Object.keys(ours).filter((each) => !computed.includes(each));
  if (!known.includes(name)) {
    return [{ allowed: `an argument of ${type}`, fix: didYouMean(name, known) || "remove the line" }];
  }
  if (switchesOff(name, ours[name], value)) {
    const field = `${JSON.stringify(ours[name] ?? false)}, which the environment's protection says`;
    return [{ allowed: field, fix: "remove the line, or change protection" }];
  }
  return textsIn(value).flatMap((text) => templateProblems(text, resources));
}

/** By Terraform's names: every argument that the provider's resource has, undefined where it is not set. */
function argumentsOf(resource: TerraformResource): Readonly<Record<string, unknown>> {
  // Protected in the declaration only; it names all arguments of the type.
  return (resource as unknown as { synthesizeAttributes(): Record<string, unknown> }).synthesizeAttributes();
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** `${` and `%{` begin an expression, unless their sign stands twice. */
function templateProblems(text: string, resources: ReadonlyMap<string, TerraformResource>): Verdict[] {
  return [...text.matchAll(/(?<!\$)\$\{|(?<!%)%\{/g)].slice(0, 1).flatMap((match) => {
    const inside = expressionAt(text, match.index + 2);
    const missing = /(?<![\w.])(aws_[a-z0-9_]+\.[A-Za-z_][\w-]*)/.exec(inside ?? "")?.[1];
    const isExpression = inside !== undefined && match[0] === "${" && !/^\s*[\w-]+:/.test(inside);
    if (isExpression && (missing === undefined || resources.has(missing))) {
      return [];
    }
    return isExpression
      ? [
          {
            allowed: "an expression that names resources of this stack",
            fix: didYouMean(missing, resources.keys()) || `remove ${missing}`,
          },
        ]
      : [
          {
            allowed: `text, in which ${match[0]} begins an expression of Terraform`,
            fix: `write ${match[0][0]}${match[0]}${inside ?? "..."}} where it is meant as it stands, such as a variable of a policy`,
          },
        ];
  });
}

/** What stands between the brace before `start` and the one that closes it. */
function expressionAt(text: string, start: number): string | undefined {
  let open = 1;
  for (let at = start; at < text.length; at += 1) {
    open += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
    if (open === 0) {
      return text.slice(start, at);
    }
  }
  return undefined;
}

/** An object that is moved to an instance that the resource does not have is destroyed. */
function indexProblems(resource: TerraformResource, to: string): Verdict[] {
  const address = to.replace(/\[.*\]$/, "");
  const index = to.slice(address.length + 1, -1);
  const counted = resource.count === undefined ? undefined : Number(resource.count);
  if (index === "") {
    return [];
  }
  if (counted === undefined && resource.forEach === undefined) {
    return [{ allowed: `${address}, which is one: it has neither count nor for_each`, fix: `write ${address}` }];
  }
  if (counted !== undefined && (!/^\d+$/.test(index) || Number(index) >= counted)) {
    return [
      {
        allowed: counted === 1 ? `${address}[0]` : `${address}[0] to ${address}[${counted - 1}]`,
        fix: "choose one of these, or list the object under adopted.removed",
      },
    ];
  }
  return [];
}
