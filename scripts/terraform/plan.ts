import { isDeepStrictEqual } from "node:util";
import { type Configuration, type ConfigurationDocument, parseConfiguration } from "./configuration";
import { type TerraformOptions, terraformJson } from "./run";
import { parseValues, type ResourceValues, type Values, type ValuesDocument } from "./values";

export type PlanAction = "no-op" | "create" | "read" | "update" | "replace" | "delete" | "forget";

/** One value that a plan changes. */
export interface AttributeDifference {
  /** Path inside the resource: `tags.Name`, `ingress[0].cidr_blocks`. */
  readonly attribute: string;
  readonly before: unknown;
  /** `(known after apply)` where only the apply will tell; `(sensitive)` in both where Terraform marks it so. */
  readonly after: unknown;
}

export interface ResourceChange {
  readonly address: string;
  /** Where the object was in the state, if a `moved` block moves it. */
  readonly previousAddress: string | undefined;
  readonly type: string;
  readonly action: PlanAction;
  /** Terraform's own word, such as `replace_because_tainted`, `delete_because_no_resource_config`. */
  readonly reason: string | undefined;
  /** Attributes whose change forces a replacement. */
  readonly causes: readonly string[];
  readonly importId: string | undefined;
  readonly differences: readonly AttributeDifference[];
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  /** What only the apply will tell, in the form of `after`: `{ arn: true, tags: {} }`. */
  readonly afterUnknown: unknown;
}

export interface Plan {
  /** All managed resources of the plan, unchanged ones included. */
  readonly changes: readonly ResourceChange[];
  readonly create: readonly ResourceChange[];
  readonly update: readonly ResourceChange[];
  readonly replace: readonly ResourceChange[];
  readonly delete: readonly ResourceChange[];
  /** Leaves the state and goes on existing (`removed` blocks). */
  readonly forget: readonly ResourceChange[];
  /** Taken into the state by an `import` block; also listed under its action. */
  readonly import: readonly ResourceChange[];
  /** Has a new address; also listed under its action. */
  readonly moved: readonly ResourceChange[];
  /** Outputs with a new value; `attribute` is the output's name. */
  readonly outputs: readonly AttributeDifference[];
  /** Values of the root module's variables, defaults included; those of an override are here. Sensitive ones are in clear. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Everything as it will be after the apply, unchanged resources included, as far as the plan tells. */
  readonly planned: Values;
  /** What the configuration says, and what refers to what. */
  readonly configuration: Configuration;
  /**
   * Resources as they are before the apply, after the refresh, and the data sources that the plan has read. Outputs are not
   * among them: those of Terraform's prior state have their new value where the plan knows it.
   */
  readonly prior: readonly ResourceValues[];
}

/** The parts of `terraform show -json PLAN` (format version 1.x) that are read here. */
export interface PlanDocument {
  /** When the plan was made, RFC 3339 in UTC; Terraform 1.5 and newer. */
  readonly timestamp?: string;
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly previous_address?: string;
    readonly mode: "managed" | "data";
    readonly type: string;
    readonly action_reason?: string;
    readonly change: ChangeDocument;
  }[];
  readonly output_changes?: Readonly<Record<string, ChangeDocument>>;
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly planned_values?: ValuesDocument;
  readonly configuration?: ConfigurationDocument;
  readonly prior_state?: { readonly values?: ValuesDocument };
}

interface ChangeDocument {
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  readonly importing?: { readonly id?: string };
}

/**
 * Reads a saved plan.
 *
 * @throws TerraformError where Terraform cannot
 */
export async function readPlan(planFile: string, options: TerraformOptions): Promise<Plan> {
  return parsePlan(await terraformJson<PlanDocument>(["show", "-json", planFile], options));
}

export function parsePlan(document: PlanDocument): Plan {
  const changes = (document.resource_changes ?? [])
    .filter(({ mode }) => mode === "managed")
    .map((resource): ResourceChange => {
      const { change } = resource;
      return {
        address: resource.address,
        previousAddress: resource.previous_address,
        type: resource.type,
        action: planAction(change.actions),
        reason: resource.action_reason,
        causes: (change.replace_paths ?? []).map(formatPath),
        importId: change.importing?.id,
        differences: change.before && change.after ? differences(change) : [],
        before: (change.before ?? null) as ResourceChange["before"],
        after: (change.after ?? null) as ResourceChange["after"],
        afterUnknown: change.after_unknown ?? {},
      };
    });
  const having = (action: PlanAction) => changes.filter((change) => change.action === action);
  return {
    changes,
    create: having("create"),
    update: having("update"),
    replace: having("replace"),
    delete: having("delete"),
    forget: having("forget"),
    import: changes.filter(({ importId }) => importId !== undefined),
    moved: changes.filter(({ previousAddress }) => previousAddress !== undefined),
    outputs: Object.entries(document.output_changes ?? {})
      .filter(([, change]) => planAction(change.actions) !== "no-op")
      .map(([name, change]) => ({ attribute: name, ...rootDifference(change) })),
    variables: Object.fromEntries(Object.entries(document.variables ?? {}).map(([name, { value }]) => [name, value])),
    planned: parseValues(document.planned_values ?? {}),
    configuration: parseConfiguration(document.configuration ?? {}),
    prior: parseValues(document.prior_state?.values ?? {}).resources,
  };
}

/** Whether applying the plan would do nothing at all. */
export function isEmpty(plan: Plan): boolean {
  return (
    plan.outputs.length === 0 &&
    plan.import.length === 0 &&
    plan.moved.length === 0 &&
    plan.changes.every(({ action }) => action === "no-op" || action === "read")
  );
}

/** `nothing to change`, or `97 to create, 2 to update` */
export function describePlan(plan: Plan): string {
  const parts = [
    [plan.create, "create"],
    [plan.update, "update"],
    [plan.replace, "replace"],
    [plan.delete, "delete"],
    [plan.forget, "forget"],
    [plan.import, "import"],
    [plan.moved, "move"],
    [plan.outputs, "outputs to change"],
  ] as const;
  const text = parts
    .filter(([changes]) => changes.length > 0)
    .map(([changes, verb]) => (verb.includes(" ") ? `${changes.length} ${verb}` : `${changes.length} to ${verb}`))
    .join(", ");
  return text || "nothing to change";
}

function planAction(actions: readonly string[]): PlanAction {
  if (actions.length > 1) {
    return actions.includes("forget") ? "forget" : "replace";
  }
  return (actions[0] ?? "no-op") as PlanAction;
}

const unknown = "(known after apply)";
const sensitive = "(sensitive)";

function rootDifference(change: ChangeDocument): Pick<AttributeDifference, "before" | "after"> {
  if (change.before_sensitive || change.after_sensitive) {
    return { before: sensitive, after: sensitive };
  }
  return { before: change.before ?? null, after: change.after_unknown ? unknown : (change.after ?? null) };
}

function differences(change: ChangeDocument): AttributeDifference[] {
  const found: AttributeDifference[] = [];
  compare(
    [],
    change.before,
    change.after,
    change.after_unknown,
    [change.before_sensitive, change.after_sensitive],
    found,
  );
  return found;
}

function compare(
  path: readonly (string | number)[],
  before: unknown,
  after: unknown,
  afterUnknown: unknown,
  marks: readonly [unknown, unknown],
  found: AttributeDifference[],
): void {
  if (!containsTrue(afterUnknown) && isDeepStrictEqual(before, after)) {
    return;
  }
  const attribute = formatPath(path);
  if (marks.includes(true)) {
    found.push({ attribute, before: sensitive, after: sensitive });
  } else if (afterUnknown === true) {
    found.push({ attribute, before, after: unknown });
  } else if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(child(afterUnknown))]);
    for (const key of keys) {
      compare(
        [...path, Array.isArray(before) ? Number(key) : key],
        child(before)[key] ?? null,
        child(after)[key] ?? null,
        child(afterUnknown)[key],
        [child(marks[0])[key], child(marks[1])[key]],
        found,
      );
    }
  } else {
    found.push({ attribute, before: before ?? null, after: after ?? null });
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function child(value: unknown): Record<string, unknown> {
  return isContainer(value) ? (value as Record<string, unknown>) : {};
}

function containsTrue(value: unknown): boolean {
  return value === true || (isContainer(value) && Object.values(value).some(containsTrue));
}

function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${part}` : part),
    "",
  );
}
