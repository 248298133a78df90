import type { Plan, PlanDocument, ResourceChange } from "../terraform/plan";
import { connectionArguments, describeRule, destination, lostRoutes, lostRules } from "./connections";
import { reasonOf } from "./departures";
import { interruptionOf } from "./interruptions";
import { containsTrue, isNewRevision } from "./keep";
import type { Objects } from "./references";
import { type OurResource, splitAddress } from "./root";
import type { Values } from "./state-file";

/** What the first apply does with the lines in place. */
export interface Outcome {
  readonly created: readonly string[];
  readonly changed: readonly ChangedInPlace[];
  /** New revisions of task definitions: the one replacement that is always allowed. */
  readonly revisions: readonly Replacement[];
  readonly replaced: readonly Replacement[];
  readonly destroyed: readonly Destruction[];
  readonly forgotten: readonly string[];
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  /** Why it must not be applied: replacements, destructions and losses that nobody allowed. */
  readonly refused: readonly string[];
}

export interface ChangedInPlace {
  readonly address: string;
  /** Empty where only the provider's default tags are added. */
  readonly attributes: readonly {
    readonly attribute: string;
    readonly before: unknown;
    readonly after: unknown;
    readonly reason: string | undefined;
  }[];
  /** What may notice the change. */
  readonly interruption: string | undefined;
}

export interface Replacement {
  readonly address: string;
  readonly causes: readonly string[];
}

export interface Destruction {
  readonly address: string;
  readonly cause: string;
}

export interface OutcomeInput {
  readonly plan: Plan;
  readonly document: PlanDocument;
  readonly root: ReadonlyMap<string, OurResource>;
  readonly objects: Objects;
  readonly replaceable: ReadonlySet<string>;
  readonly destroyable: ReadonlySet<string>;
}

export function outcomeOf(input: OutcomeInput): Outcome {
  const { plan, replaceable, destroyable } = input;
  const revisions = plan.replace.filter(({ type }) => isNewRevision(type)).map(replacement);
  const replaced = plan.replace.filter(({ type }) => !isNewRevision(type)).map(replacement);
  const destroyed = [
    ...plan.delete.map(({ address, reason }) => ({ address, cause: (reason ?? "deleted").replaceAll("_", " ") })),
    ...plan.update.flatMap((change) => losses(input, change)),
  ];
  const allows = (allowed: ReadonlySet<string>, address: string) =>
    allowed.has(address) || allowed.has(splitAddress(address).resource);
  return {
    created: plan.create.map(({ address }) => address),
    changed: plan.update.map(inPlace),
    revisions,
    replaced,
    destroyed,
    forgotten: plan.forget.map(({ address, previousAddress }) => previousAddress ?? address),
    moved: plan.moved
      .filter(({ action }) => action !== "forget")
      .map(({ address, previousAddress }) => ({ from: previousAddress as string, to: address })),
    refused: [
      ...replaced
        .filter(({ address }) => !allows(replaceable, address))
        .map(({ address, causes }) => `${address} would be replaced: ${causes.join(", ")}`),
      ...destroyed
        .filter(({ address }) => !allows(destroyable, address))
        .map(({ address, cause }) => `${address} would be destroyed: ${cause}`),
    ],
  };
}

function replacement({ address, causes, reason }: ResourceChange): Replacement {
  return { address, causes: causes.length > 0 ? causes : [(reason ?? "").replaceAll("_", " ")] };
}

function inPlace({ address, type, differences }: ResourceChange): ChangedInPlace {
  const { resource } = splitAddress(address);
  const own = differences.filter(({ attribute }) => !attribute.startsWith("tags_all"));
  const attributes = own.map(({ attribute, before, after }) => {
    const path = attribute.replace(/\[\d+\]/g, "");
    const reason = reasonOf(resource, path) ?? reasonOf(resource, path.split(".")[0] as string);
    return { attribute, before, after, reason };
  });
  const interruption = attributes.map(({ attribute }) => interruptionOf(type, attribute)).find(Boolean);
  return { address, attributes, interruption };
}

/** Rules and routes that a change in place takes away. */
function losses({ document, root, objects }: OutcomeInput, { address, type }: ResourceChange): Destruction[] {
  const change = document.resource_changes?.find((candidate) => candidate.address === address)?.change;
  const ours = root.get(splitAddress(address).resource)?.arguments;
  return (connectionArguments[type] ?? []).flatMap((argument): Destruction[] => {
    const before = (change?.before as Values | null)?.[argument];
    const configured = ours?.[argument];
    const unknown = (change?.after_unknown as Values | undefined)?.[argument];
    const after = containsTrue(unknown) ? configured : (change?.after as Values | null)?.[argument];
    if (!Array.isArray(after)) {
      return [];
    }
    if (argument === "route") {
      return lostRoutes(before, after).map((route) => ({
        address,
        cause: `it loses the route to ${destination(route)}`,
      }));
    }
    return lostRules(before, after, objects).map((rule) => ({
      address,
      cause: `it loses a security group rule: ${describeRule(argument, rule)}`,
    }));
  });
}
