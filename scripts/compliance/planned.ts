import { parseJsonencode } from "../terraform/jsonencode";
import type { SubmittedPlan } from "./submitted-plan";

/** A managed resource that will exist after the apply of a plan. */
export interface Planned {
  /** With index, such as `aws_subnet.private[0]`. */
  readonly address: string;
  readonly type: string;
  /** The plan's file. */
  readonly plan: string;
  /** Without what only the apply will tell. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Arguments as the configuration has them: `{constant_value?, references?}` at the leaves, blocks as lists. */
  readonly expressions: Readonly<Record<string, unknown>>;
  readonly sensitive: unknown;
}

/** An attribute of a plan: its value, or what it refers to where only the apply will tell. */
export interface Attribute {
  /** Undefined where the plan does not tell it. */
  readonly value: unknown;
  /** Addresses without index, such as `aws_kms_key.logs`; what the argument refers to. */
  readonly references: readonly string[];
  /** For a reader; `absent` where there is neither. Sensitive values are not in it. */
  readonly text: string;
}

/** All resources of the plans that are judged together. */
export class PlannedResources {
  readonly all: readonly Planned[];
  readonly environment: string;

  constructor(plans: readonly SubmittedPlan[]) {
    this.environment = String(
      plans.map(({ plan }) => plan.variables.environment).find((name) => name !== undefined) ?? "",
    );
    this.all = plans.flatMap(({ file, plan, document }) => {
      const configured = new Map(
        (document.configuration?.root_module?.resources ?? []).map(({ address, expressions }) => [
          address,
          (expressions ?? {}) as Planned["expressions"],
        ]),
      );
      return plan.planned.resources
        .filter(({ mode }) => mode === "managed")
        .map(({ address, type, values, sensitive }) => ({
          address,
          type,
          plan: file,
          values,
          expressions: configured.get(withoutIndex(address)) ?? {},
          sensitive,
        }));
    });
  }

  of(...types: readonly string[]): Planned[] {
    return this.all.filter(({ type }) => types.includes(type));
  }

  /** The resource at an address, or all instances of it where the address has no index. */
  at(address: string): Planned[] {
    return this.all.filter((one) => one.address === address || withoutIndex(one.address) === address);
  }

  /** Resources of a type whose argument refers to `target`, or has its name where that is known. */
  pointingAt(target: Planned, type: string, argument: string, name?: unknown): Planned[] {
    return this.of(type).filter((one) => {
      const { references, value } = attribute(one, argument);
      return references.includes(withoutIndex(target.address)) || (name !== undefined && value === name);
    });
  }
}

export function withoutIndex(address: string): string {
  return address.replace(/\[[^\]]*\]$/, "");
}

/** An attribute by its path inside the resource: `rule[0].status`. */
export function attribute(resource: Planned, path: string): Attribute {
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  const value = descend(resource.values, keys);
  const expression = expressionAt(resource.expressions, keys);
  const references = [
    ...new Set(
      (expression.references ?? []).flatMap((reference) => {
        const parts = reference.replace(/\[.*?\]/g, "").split(".");
        return /^(var|data|local|count|each|path|module|ephemeral)$/.test(parts[0] ?? "")
          ? []
          : [parts.slice(0, 2).join(".")];
      }),
    ),
  ];
  const isSecret = containsTrue(descend(resource.sensitive, keys));
  const known = value !== undefined && value !== null && value !== "";
  const text = isSecret
    ? "(sensitive)"
    : known
      ? shown(value)
      : references.length > 0
        ? references.join(", ")
        : value === undefined || value === null
          ? "absent"
          : '""';
  return { value: value ?? undefined, references, text };
}

/** A JSON document of an argument: the planned text, or the `jsonencode(...)` that will make it; undefined where neither is read. */
export function jsonDocument(resource: Planned, argument: string): unknown {
  const value = resource.values[argument];
  const expression = expressionAt(resource.expressions, [argument]).constant_value;
  try {
    return typeof value === "string"
      ? JSON.parse(value)
      : typeof expression === "string"
        ? parseJsonencode(expression)
        : undefined;
  } catch {
    return undefined;
  }
}

/** Statements of an IAM policy, each with lists in place of single values. */
export interface Statement {
  readonly effect: string;
  readonly sid: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly principal: unknown;
  readonly condition: unknown;
}

/** The statements of a policy's argument; undefined where the plan does not tell them. */
export function statements(resource: Planned, argument = "policy"): Statement[] | undefined {
  const document = jsonDocument(resource, argument) as { readonly Statement?: unknown } | undefined;
  if (typeof document !== "object" || document === null || document.Statement === undefined) {
    return undefined;
  }
  return list(document.Statement).map((one) => {
    const statement = one as Record<string, unknown>;
    return {
      effect: String(statement.Effect),
      sid: String(statement.Sid ?? ""),
      actions: list(statement.Action).map(String),
      notActions: list(statement.NotAction).map(String),
      resources: list(statement.Resource).map(String),
      principal: statement.Principal,
      condition: statement.Condition,
    };
  });
}

function list(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

function descend(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (holder, key) =>
      typeof holder === "object" && holder !== null ? (holder as Record<string, unknown>)[key] : undefined,
    value,
  );
}

interface ExpressionDocument {
  readonly constant_value?: unknown;
  readonly references?: readonly string[];
}

/** A list or map that one expression makes is one argument: its references are those of each of its parts. */
function expressionAt(expressions: unknown, keys: readonly string[]): ExpressionDocument {
  let holder = expressions;
  for (const key of keys) {
    if (typeof holder !== "object" || holder === null || "references" in holder || "constant_value" in holder) {
      break;
    }
    holder = (holder as Record<string, unknown>)[key];
  }
  return typeof holder === "object" && holder !== null && ("references" in holder || "constant_value" in holder)
    ? (holder as ExpressionDocument)
    : {};
}

function containsTrue(value: unknown): boolean {
  return value === true || (typeof value === "object" && value !== null && Object.values(value).some(containsTrue));
}

const longest = 60;

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
