import { isDeepStrictEqual } from "node:util";
import { switchesOff } from "../../facts/protections";
import type { PlanDocument } from "../terraform/plan";
import { connectionArguments, describeRule, destination, lostRoutes, lostRules } from "./connections";
import { departureReason } from "./departures";
import { byIndex, literal } from "./hcl";
import { asArgument, type BlockSchema, isEmptyValue, isKeepable } from "./provider-schema";
import { type Objects, resolve } from "./references";
import { instanceAddresses, type OurResource, splitAddress } from "./root";
import type { Values } from "./state-file";

/** Why an argument keeps the value of the state. */
export type KeepReason =
  | { readonly kind: "replaces" }
  | { readonly kind: "chosen" }
  /** Rules or routes that ours lacks, in words. */
  | { readonly kind: "lost"; readonly connections: readonly string[] }
  | { readonly kind: "needed"; readonly by: string };

/** An argument of ours that keeps the value of the state. */
export interface KeptArgument {
  /** Address of the resource, without an index. */
  readonly address: string;
  readonly argument: string;
  /** In Terraform JSON. */
  readonly value: unknown;
  readonly reason: KeepReason;
}

export interface KeepInput {
  /** `terraform show -json` of a plan of the adopted state. */
  readonly plan: PlanDocument;
  /** The stack that was planned. */
  readonly root: ReadonlyMap<string, OurResource>;
  readonly schemas: ReadonlyMap<string, BlockSchema>;
  /** Counterparts by the addresses of the plan. */
  readonly objects: Objects;
  /** Addresses that may be replaced; with or without an index. */
  readonly replaceable: ReadonlySet<string>;
  /** Addresses that may lose rules and routes; with or without an index. */
  readonly destroyable: ReadonlySet<string>;
}

type Change = NonNullable<PlanDocument["resource_changes"]>[number];

/** A new revision beside the old one: tasks go on until the service has moved. */
export function isNewRevision(type: string): boolean {
  return type === "aws_ecs_task_definition";
}

/**
 * Decides which arguments keep the value of the state. Three values meet: the documented one, the state's and ours. What
 * the state has as documented gives way to ours, unless that would replace the object; what somebody chose stays.
 */
export function keptArguments(input: KeepInput): KeptArgument[] {
  const changes = (input.plan.resource_changes ?? []).filter(({ mode }) => mode === "managed");
  const byResource = new Map<string, Map<string, Change>>();
  for (const change of changes) {
    const { resource } = splitAddress(change.address);
    byResource.set(resource, new Map(byResource.get(resource)).set(change.address, change));
  }
  const kept = [...byResource].flatMap(([address, instances]) => {
    const resource = input.root.get(address);
    const schema = input.schemas.get(instances.values().next().value?.type ?? "");
    return resource && schema && !isNewRevision(resource.type) ? ofResource(input, resource, schema, instances) : [];
  });
  return [...kept, ...keptTogether(kept, input, changes), ...rulePriority(input, changes)];
}

interface Verdict {
  readonly value: unknown;
  readonly reason: KeepReason;
}

function ofResource(
  input: KeepInput,
  resource: OurResource,
  schema: BlockSchema,
  instances: ReadonlyMap<string, Change>,
): KeptArgument[] {
  const addresses = instanceAddresses(resource);
  const names = new Set(
    [...instances.values()].flatMap(({ change }) =>
      Object.keys({ ...(change.before as Values), ...(change.after as Values) }),
    ),
  );
  return [...names].flatMap((argument): KeptArgument[] => {
    if (!isKeepable(schema, argument)) {
      return [];
    }
    const verdicts = addresses.map((address, index) => {
      const change = instances.get(address);
      return change && ofArgument(input, resource, schema, argument, change, index);
    });
    const first = verdicts.find((verdict) => verdict !== undefined);
    if (!first) {
      return [];
    }
    const ours = resource.arguments[argument] ?? null;
    const value = byIndex(verdicts.map((verdict) => (verdict ? verdict.value : ours)));
    const lost = verdicts.flatMap((verdict) => (verdict?.reason.kind === "lost" ? verdict.reason.connections : []));
    const reason =
      first.reason.kind === "lost" ? { kind: "lost" as const, connections: [...new Set(lost)] } : first.reason;
    return [{ address: resource.address, argument, value, reason }];
  });
}

/** The value that one instance keeps, or undefined: ours. */
function ofArgument(
  input: KeepInput,
  resource: OurResource,
  schema: BlockSchema,
  argument: string,
  { address, type, change }: Change,
  index: number,
): Verdict | undefined {
  const allowed = (addresses: ReadonlySet<string>) => addresses.has(address) || addresses.has(resource.address);
  if (connectionArguments[type]?.includes(argument)) {
    return allowed(input.destroyable) ? undefined : ofConnections(input, resource, argument, change, index);
  }
  const before = (change.before as Values | null)?.[argument];
  const after = (change.after as Values | null)?.[argument];
  const unknown = (change.after_unknown as Values | undefined)?.[argument];
  if (change.before == null || (isDeepStrictEqual(before, after) && !containsTrue(unknown))) {
    return undefined;
  }
  const ours = resource.arguments[argument];
  // A name instead of our prefix, or the reverse, is computed in the plan and kept in the state.
  if (
    argument === "name" &&
    !allowed(input.replaceable) &&
    change.replace_paths?.some(([name]) => name === "name_prefix")
  ) {
    const prefix = (change.before as Values).name_prefix;
    return prefix ? undefined : { value: literal(before), reason: { kind: "replaces" } };
  }
  // Computed anew because something else of the object changes.
  if (ours === undefined && containsTrue(unknown)) {
    return undefined;
  }
  if (containsTrue((change.before_sensitive as Values | undefined)?.[argument])) {
    return undefined;
  }

  if (change.replace_paths?.some(([name]) => name === argument)) {
    // It names an object that is to be replaced in this round, and stays in the next.
    const named = resolve(ours, input.objects, index);
    if (allowed(input.replaceable) || (named.values.length === 1 && named.values[0] === before)) {
      return undefined;
    }
    const empty = isEmptyValue(before) && typeof before !== "boolean" && typeof before !== "number";
    return { value: empty ? null : literal(asArgument(schema, argument, before)), reason: { kind: "replaces" } };
  }
  if (argument === "tags") {
    return ofTags(resource, change);
  }
  // The stack refuses such a line.
  if (switchesOff(argument, ours, before)) {
    return undefined;
  }

  const merged = merge({ input, resource: resource.address, schema, index }, argument, before, after, unknown, ours);
  return merged.kept ? { value: merged.value, reason: { kind: "chosen" } } : undefined;
}

interface MergeScope {
  readonly input: KeepInput;
  readonly resource: string;
  readonly schema: BlockSchema;
  readonly index: number;
}

/** Blocks whose members belong together: a bucket's policy admits one prefix. */
const wholeBlocks = new Set(["access_logs"]);

/** Ours with the members that somebody chose in their place; a block of which there is one is merged member by member. */
function merge(
  scope: MergeScope,
  path: string,
  before: unknown,
  after: unknown,
  unknown: unknown,
  ours: unknown,
): { readonly kept: boolean; readonly value: unknown } {
  const givesWay = { kept: false, value: ours };
  if (isDeepStrictEqual(before, after) && !containsTrue(unknown)) {
    return givesWay;
  }
  if (isEmptyValue(before) || sameJson(before, after) || departureReason(scope.resource, path, before) !== undefined) {
    return givesWay;
  }

  const name = path.split(".").at(-1) as string;
  const nested = scope.schema.block_types?.[name];
  const [block, ...others] = Array.isArray(before) ? before : [];
  const ourBlock = Array.isArray(ours) ? ours[0] : ours;
  if (
    nested &&
    !wholeBlocks.has(path) &&
    others.length === 0 &&
    typeof ourBlock === "object" &&
    ourBlock !== null &&
    !(Array.isArray(ours) && ours.length > 1)
  ) {
    const inner = { ...scope, schema: nested.block };
    let kept = false;
    const value: Record<string, unknown> = { ...ourBlock };
    for (const member of Object.keys(block as Values)) {
      if (!isKeepable(nested.block, member)) {
        continue;
      }
      const result = merge(
        inner,
        `${path}.${member}`,
        (block as Values)[member],
        element(after)?.[member],
        unknown === true || element(unknown)?.[member],
        value[member],
      );
      if (result.kept) {
        kept = true;
        value[member] = result.value;
      }
    }
    return { kept, value: [value] };
  }
  if (Array.isArray(before) && before.every((part) => typeof part !== "object")) {
    const resolved =
      Array.isArray(after) && !containsTrue(unknown) ? after : resolve(ours, scope.input.objects, scope.index).values;
    if (before.every((part) => resolved.includes(part))) {
      return givesWay;
    }
  }
  const resolved = resolve(ours, scope.input.objects, scope.index);
  if (
    ours !== undefined &&
    !resolved.incomplete &&
    resolved.values.length === 1 &&
    isDeepStrictEqual(resolved.values[0], before)
  ) {
    return givesWay;
  }
  return { kept: true, value: literal(asArgument(scope.schema, name, before)) };
}

function element(value: unknown): Values | undefined {
  return (Array.isArray(value) ? value[0] : value) as Values | undefined;
}

function sameJson(before: unknown, after: unknown): boolean {
  if (typeof before !== "string" || typeof after !== "string" || !/^[[{]/.test(before)) {
    return false;
  }
  try {
    return isDeepStrictEqual(JSON.parse(before), JSON.parse(after));
  } catch {
    return false;
  }
}

/** Tags that somebody added, or worded otherwise, stay beside ours; those of their provider's default_tags too. */
function ofTags(resource: OurResource, change: Change["change"]): Verdict | undefined {
  const { tags, tags_all: all } = change.before as Values;
  const { tags: ourTags, tags_all: ourAll } = (change.after ?? {}) as Values;
  const existing = { ...(all as Values), ...(tags as Values) };
  const ours = { ...(ourAll as Values), ...(ourTags as Values) };
  const kept = Object.entries(existing).filter(([name, value]) => ours[name] !== value);
  if (kept.length === 0 || typeof resource.arguments.tags === "string") {
    return undefined;
  }
  const value = { ...(resource.arguments.tags as Values), ...(literal(Object.fromEntries(kept)) as Values) };
  return { value, reason: { kind: "chosen" } };
}

/** Our rules or routes, and those of the state that would be lost. */
function ofConnections(
  { plan, objects }: KeepInput,
  resource: OurResource,
  argument: string,
  change: Change["change"],
  index: number,
): Verdict | undefined {
  const ours = resource.arguments[argument] ?? null;
  const configured = ours === null ? [] : ours;
  if (!Array.isArray(configured)) {
    return undefined;
  }
  // Without an argument of ours the provider leaves what is there.
  if (ours === null && change.before != null) {
    return undefined;
  }
  const unknown = (change.after_unknown as Values | undefined)?.[argument];
  const after = containsTrue(unknown) ? configured : ((change.after as Values | null)?.[argument] ?? configured);

  if (argument === "route") {
    // A new subnet reaches what the first one reaches.
    const before =
      change.before ?? previousTable(plan, resource, objects, index) ?? previousTable(plan, resource, objects, 0);
    const lost = lostRoutes((before as Values | undefined)?.route, after);
    return verdict(lost, lost.map(destination), configured);
  }
  const before = (change.before as Values | null)?.[argument] ?? defaultRules(resource, argument, plan, objects);
  const lost = lostRules(before, after, objects);
  return verdict(
    lost,
    lost.map((rule) => describeRule(argument, rule)),
    configured,
  );
}

function verdict(
  lost: readonly Values[],
  connections: readonly string[],
  ours: readonly unknown[],
): Verdict | undefined {
  if (lost.length === 0) {
    return undefined;
  }
  return {
    value: [...ours, ...lost.map((part) => literal(absentAsNull(part)))],
    reason: { kind: "lost", connections },
  };
}

/** Every member of a rule or route is set: the provider's form of these lists. */
function absentAsNull(part: Values): Values {
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      value === "" || (Array.isArray(value) && value.length === 0) ? null : value,
    ]),
  );
}

/** The table that a subnet uses before it gets one of its own. */
function previousTable(
  plan: PlanDocument,
  { label }: OurResource,
  objects: Objects,
  index: number,
): Values | undefined {
  const kind = label.startsWith("public") ? "public" : "private";
  const association = [...objects].find(
    ([address]) => address.startsWith(`aws_route_table_association.${kind}`) && address.endsWith(`[${index}]`),
  );
  const used = association?.[1].values.route_table_id;
  const found = plan.resource_changes?.find(
    ({ type, change }) =>
      type === "aws_route_table" && used !== undefined && (change.before as Values | null)?.id === used,
  );
  return found?.change.before as Values | undefined;
}

/** The rules that AWS gave the VPC's default group, where something in the state uses that group. */
function defaultRules(resource: OurResource, argument: string, plan: PlanDocument, objects: Objects): Values[] {
  const group = objects.get("aws_vpc.skymanuals")?.values.default_security_group_id;
  if (resource.type !== "aws_default_security_group" || typeof group !== "string") {
    return [];
  }
  const used = (plan.resource_changes ?? []).some(
    ({ type, change }) => type !== "aws_vpc" && JSON.stringify(change.before ?? "").includes(JSON.stringify(group)),
  );
  if (!used) {
    return [];
  }
  const all = {
    protocol: "-1",
    from_port: 0,
    to_port: 0,
    description: null,
    ipv6_cidr_blocks: null,
    prefix_list_ids: null,
    security_groups: null,
  };
  return [
    argument === "ingress"
      ? { ...all, cidr_blocks: null, self: true }
      : { ...all, cidr_blocks: ["0.0.0.0/0"], self: false },
  ];
}

/** Arguments that make sense only beside another that is kept. */
const together: readonly {
  readonly kept: string;
  readonly argument: string;
  readonly with: string;
  readonly arguments: readonly string[];
}[] = [
  // An origin without the secret header gets nothing but 403 from our listener.
  {
    kept: "aws_cloudfront_distribution.skymanuals",
    argument: "origin",
    with: "aws_lb_listener.api",
    arguments: ["port", "protocol", "certificate_arn", "ssl_policy", "default_action"],
  },
];

function keptTogether(
  kept: readonly KeptArgument[],
  { schemas }: KeepInput,
  changes: readonly Change[],
): KeptArgument[] {
  return together
    .filter((pair) => kept.some(({ address, argument }) => address === pair.kept && argument === pair.argument))
    .flatMap((pair) => {
      const change = changes.find(({ address }) => address === pair.with);
      const schema = schemas.get(change?.type ?? "");
      const before = change?.change.before as Values | null | undefined;
      if (!schema || !before) {
        return [];
      }
      return pair.arguments
        .filter((argument) => !kept.some((other) => other.address === pair.with && other.argument === argument))
        .map(
          (argument): KeptArgument => ({
            address: pair.with,
            argument,
            value: before[argument] ? literal(asArgument(schema, argument, before[argument])) : null,
            reason: { kind: "needed", by: `${pair.kept}: ${pair.argument}` },
          }),
        );
    });
}

/** Our listener rule steps aside for rules that stay on the listener. */
function rulePriority({ root, objects }: KeepInput, changes: readonly Change[]): KeptArgument[] {
  const listener = [...objects].find(([address]) => address === listenerAddress(root))?.[1].values.arn;
  const ours = root.get("aws_lb_listener_rule.cloudfront");
  const created = changes.some(({ address, change }) => address === ours?.address && change.before == null);
  if (!ours || !created || listener === undefined) {
    return [];
  }
  const taken = changes
    .filter(
      ({ type, change }) =>
        type === "aws_lb_listener_rule" && (change.before as Values | null)?.listener_arn === listener,
    )
    .map(({ change }) => Number((change.before as Values).priority));
  const wanted = Number(ours.arguments.priority);
  if (!taken.includes(wanted)) {
    return [];
  }
  let priority = wanted;
  while (taken.includes(priority)) {
    priority++;
  }
  return [
    {
      address: ours.address,
      argument: "priority",
      value: priority,
      reason: { kind: "needed", by: "rules that stay on the listener" },
    },
  ];
}

function listenerAddress(root: ReadonlyMap<string, OurResource>): string | undefined {
  const reference = root.get("aws_lb_listener_rule.cloudfront")?.arguments.listener_arn;
  return /^\$\{(.+)\.arn\}$/.exec(String(reference))?.[1];
}

/** Whether anything in a mark of a plan (`after_unknown`, `before_sensitive`) is set. */
export function containsTrue(value: unknown): boolean {
  return value === true || (typeof value === "object" && value !== null && Object.values(value).some(containsTrue));
}
