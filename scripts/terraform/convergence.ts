import type { Plan, PlanAction } from "./plan";

/** A difference that a second plan is known to show always. */
export interface NotConverging {
  /** Full address, with index. */
  readonly address: string;
  /** Path of the attribute, such as `tags.Name`. */
  readonly attribute: string;
  readonly reason: string;
}

/** Something that a plan right after an apply would still change. */
export interface Difference {
  /** Address of the resource, or `output.<name>`. */
  readonly address: string;
  readonly action: PlanAction;
  /** Path inside the resource; empty where the whole resource is created, deleted, moved or imported. */
  readonly attribute: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Why it is to be expected; undefined: it is not. */
  readonly reason: string | undefined;
}

/** What the plan would change, each compared with the exceptions; a creation or deletion is never excepted. */
export function remainingDifferences(plan: Plan, exceptions: readonly NotConverging[]): Difference[] {
  const reasonFor = (address: string, attribute: string) =>
    exceptions.find((exception) => exception.address === address && exception.attribute === attribute)?.reason;
  const resources = plan.changes.flatMap(
    ({ address, previousAddress, action, differences, importId }): Difference[] => {
      if (action === "no-op" || action === "read") {
        const whole = { address, action, attribute: "", reason: undefined };
        return [
          ...(previousAddress ? [{ ...whole, before: `at ${previousAddress}`, after: `at ${address}` }] : []),
          ...(importId ? [{ ...whole, before: null, after: `import of ${importId}` }] : []),
        ];
      }
      return differences.length === 0 || (action !== "update" && action !== "replace")
        ? [{ address, action, attribute: "", before: null, after: null, reason: undefined }]
        : differences.map((difference) => ({
            address,
            action,
            ...difference,
            reason: action === "update" ? reasonFor(address, difference.attribute) : undefined,
          }));
    },
  );
  const outputs = plan.outputs.map(
    ({ attribute, before, after }): Difference => ({
      address: `output.${attribute}`,
      action: "update",
      attribute: "",
      before,
      after,
      reason: undefined,
    }),
  );
  return [...resources, ...outputs];
}

/** `aws_lb.main: tags.Name: "a" -> "b"` */
export function formatDifference({ address, action, attribute, before, after }: Difference): string {
  if (!attribute && before === null && after === null) {
    return `${address}: to ${action}`;
  }
  const values = `${formatValue(before)} -> ${formatValue(after)}`;
  return `${address}: ${attribute ? `${attribute}: ` : ""}${values}${action === "replace" ? " (replaces)" : ""}`;
}

function formatValue(value: unknown): string {
  const text = typeof value === "string" && /^\(|^at |^import of /.test(value) ? value : JSON.stringify(value ?? null);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
