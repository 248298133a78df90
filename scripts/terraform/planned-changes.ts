import type { AttributeDifference, Plan, ResourceChange } from "./plan";

/** One resource that an apply of a plan changes. */
export interface PlannedChange {
  readonly address: string;
  readonly action: "delete" | "replace" | "update" | "forget" | "create";
  /** Arguments whose change forces the replacement. */
  readonly causes: readonly string[];
  /** What changes, of an update or a replacement; sensitive values are not told. */
  readonly arguments: readonly AttributeDifference[];
}

const signs = { delete: "-", replace: "-/+", update: "~", forget: ".", create: "+" } as const;

/** Every change but those of outputs: first what is lost, last what is new. */
export function plannedChanges(plan: Plan): PlannedChange[] {
  const of = (action: PlannedChange["action"], changes: readonly ResourceChange[]) =>
    changes.map(({ address, causes, differences }) => ({ address, action, causes, arguments: differences }));
  return (Object.keys(signs) as PlannedChange["action"][]).flatMap((action) => of(action, plan[action]));
}

/**
 * A line for each change, and one for each argument of an update or that forces a replacement. Beyond `maximum` lines the rest
 * is counted.
 */
export function formatPlannedChanges(changes: readonly PlannedChange[], maximum = 30): string[] {
  const lines: string[] = [];
  for (const [index, change] of changes.entries()) {
    const own = linesOf(change);
    if (lines.length > 0 && lines.length + own.length > maximum) {
      return [...lines, `  ... and ${countsOf(changes.slice(index))}`];
    }
    const cut = own.slice(0, maximum);
    lines.push(...cut, ...(cut.length < own.length ? [`      ... ${own.length - cut.length} more arguments`] : []));
  }
  return lines;
}

function linesOf({ address, action, causes, arguments: differences }: PlannedChange): string[] {
  const head = `  ${signs[action].padEnd(3)} ${address}`;
  if (action === "update") {
    return [head, ...differences.map(formatArgument)];
  }
  if (action === "replace") {
    const forcing = differences.filter(({ attribute }) => causes.some((cause) => isWithin(attribute, cause)));
    return [
      `${head}  replaced${causes.length > 0 ? `, because of ${causes.join(", ")}` : ""}`,
      ...forcing.map(formatArgument),
    ];
  }
  return [head];
}

/** `tags.Name` and `ingress[0].from_port` are within `tags` and `ingress`. */
function isWithin(attribute: string, cause: string): boolean {
  return attribute === cause || attribute.startsWith(`${cause}.`) || attribute.startsWith(`${cause}[`);
}

const longestValue = 60;

function formatArgument({ attribute, before, after }: AttributeDifference): string {
  return `        ${attribute}: ${shortened(before)} -> ${shortened(after)}`;
}

/** As JSON; Terraform's own words for a value, which are no text of the resource, as they are. */
function shortened(value: unknown): string {
  const isWord = value === "(known after apply)" || value === "(sensitive)";
  const text = isWord ? value : (JSON.stringify(value) ?? String(value));
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text;
}

function countsOf(changes: readonly PlannedChange[]): string {
  return (Object.keys(signs) as PlannedChange["action"][])
    .map((action) => ({ action, count: changes.filter((change) => change.action === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ action, count }) => `${count} more to ${action}`)
    .join(", ");
}
