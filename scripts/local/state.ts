import type { InventoryItem } from "./emulator";
import type { ResourceChange } from "./plan";
import { type TerraformOptions, terraformJson } from "./terraform";

/** A resource in a state. */
export interface StateResource {
  readonly address: string;
  readonly type: string;
  /** Created, but not to the end: Terraform would replace it. */
  readonly tainted: boolean;
  readonly values: Readonly<Record<string, unknown>>;
}

interface StateModule {
  readonly resources?: readonly {
    readonly address: string;
    readonly mode: string;
    readonly type: string;
    readonly tainted?: boolean;
    readonly values?: Readonly<Record<string, unknown>>;
  }[];
  readonly child_modules?: readonly StateModule[];
}

/** The parts of `terraform show -json` that are read here. */
export interface StateDocument {
  readonly values?: { readonly root_module: StateModule };
}

/** The managed resources of an initialized stack's state. */
export async function readState(options: TerraformOptions): Promise<StateResource[]> {
  return parseState(await terraformJson<StateDocument>(["show", "-json"], options));
}

export function parseState(document: StateDocument): StateResource[] {
  const collect = (module: StateModule): StateResource[] => [
    ...(module.resources ?? [])
      .filter(({ mode }) => mode === "managed")
      .map(({ address, type, tainted = false, values = {} }) => ({ address, type, tainted, values })),
    ...(module.child_modules ?? []).flatMap(collect),
  ];
  return document.values ? collect(document.values.root_module) : [];
}

/** What exists in the emulator and is in none of the states. */
export function outsideStates(
  inventory: readonly InventoryItem[],
  resources: readonly StateResource[],
): InventoryItem[] {
  const known = new Set(resources.flatMap(({ type, values }) => importIds(type, values).map((id) => `${type} ${id}`)));
  return inventory.filter(({ type, id }) => !known.has(`${type} ${id}`));
}

/** Attributes that the provider takes as import id where it is not `id`. */
const importAttributes = [
  "id",
  "arn",
  "name",
  "identifier",
  "domain_name",
  "bucket",
  "replication_group_id",
  "function_name",
  "url",
] as const;

type Values = Readonly<Record<string, unknown>>;

/** Import ids that are put together from several attributes, as the provider's documentation words them. */
const composedImportIds: Readonly<Record<string, (values: Values) => string>> = {
  aws_ecs_service: ({ cluster, name }) => `${String(cluster).split("/").at(-1)}/${name}`,
  aws_route_table_association: ({ subnet_id, gateway_id, route_table_id }) =>
    `${subnet_id || gateway_id}/${route_table_id}`,
  aws_route: ({ route_table_id, destination_cidr_block, destination_ipv6_cidr_block, destination_prefix_list_id }) =>
    `${route_table_id}_${destination_cidr_block || destination_ipv6_cidr_block || destination_prefix_list_id}`,
  aws_iam_role_policy: ({ role, name }) => `${role}:${name}`,
  aws_iam_role_policy_attachment: ({ role, policy_arn }) => `${role}/${policy_arn}`,
  aws_appautoscaling_target: ({ service_namespace, resource_id, scalable_dimension }) =>
    `${service_namespace}/${resource_id}/${scalable_dimension}`,
  aws_appautoscaling_policy: ({ service_namespace, resource_id, scalable_dimension, name }) =>
    `${service_namespace}/${resource_id}/${scalable_dimension}/${name}`,
  aws_appautoscaling_scheduled_action: ({ service_namespace, resource_id, scalable_dimension, name }) =>
    `${service_namespace}/${resource_id}/${scalable_dimension}/${name}`,
  // The name may have been given with a final dot, which is part of the provider's id then.
  aws_route53_record: ({ zone_id, fqdn, name, type }) =>
    `${zone_id}_${String(fqdn ?? name).replace(/\.$/, "")}_${type}`,
  aws_wafv2_web_acl: ({ id, name, scope }) => `${id}/${name}/${scope}`,
  aws_cloudwatch_log_metric_filter: ({ log_group_name, name }) => `${log_group_name}:${name}`,
  aws_cloudwatch_event_target: ({ rule, target_id }) => `${rule}/${target_id}`,
  aws_budgets_budget: ({ account_id, name }) => `${account_id}:${name}`,
};

/** Every form under which a resource may be listed in the inventory. */
export function importIds(type: string, values: Values): string[] {
  const composed = composedImportIds[type];
  return [
    ...importAttributes.map((attribute) => values[attribute]).filter((value) => typeof value === "string"),
    ...(composed ? [composed(values)] : []),
  ];
}

/** Something outside of the states, and the address that planned to create it, where that can be told. */
export interface Orphan extends InventoryItem {
  readonly address: string | undefined;
}

/**
 * Finds for each item the planned creation that it answers to: the one of its type with the same name, or else the
 * only one of its type.
 */
export function findAddresses(items: readonly InventoryItem[], creations: readonly ResourceChange[]): Orphan[] {
  const taken = new Set<string>();
  const byName = items.map((item) => {
    const matching = creations.filter(
      (creation) => creation.type === item.type && !taken.has(creation.address) && hasName(creation.after, item),
    );
    const address = matching.length === 1 ? matching[0]?.address : undefined;
    if (address) {
      taken.add(address);
    }
    return { ...item, address };
  });
  return byName.map((orphan) => {
    const alone = byName.filter(({ type, address }) => type === orphan.type && !address).length === 1;
    const left = creations.filter(({ type, address }) => type === orphan.type && !taken.has(address));
    return orphan.address || !alone || left.length !== 1 ? orphan : { ...orphan, address: left[0]?.address };
  });
}

const nameAttributes = [...importAttributes, "family", "cluster_id", "key", "group_name", "alarm_name", "display_name"];

function hasName(after: Values | null, { type, id, name }: InventoryItem): boolean {
  if (!after) {
    return false;
  }
  const wanted = new Set([id, name].filter(Boolean));
  const tags = (after.tags_all ?? after.tags) as Values | null | undefined;
  const prefix = after.name_prefix;
  return (
    [...nameAttributes.map((attribute) => after[attribute]), tags?.Name].some(
      (value) => typeof value === "string" && wanted.has(value),
    ) ||
    importIds(type, after).some((value) => wanted.has(value)) ||
    (typeof prefix === "string" && prefix !== "" && name.startsWith(prefix))
  );
}

/** Terraform configuration that takes the objects into the state; a comment where the address cannot be told. */
export function importBlocks(orphans: readonly Orphan[]): string {
  return orphans
    .map(({ address, type, id, name }) => {
      const block = `import {\n  to = ${address ?? `${type}.LABEL`}\n  id = ${JSON.stringify(id)}\n}`;
      return address ? block : `# ${type} "${name}": no planned resource answers to it\n${block.replace(/^/gm, "# ")}`;
    })
    .join("\n\n");
}
