import type { Values } from "./state-file";

/** The parts of `terraform providers schema -json` that are read here. */
export interface ProviderSchemas {
  readonly provider_schemas?: Readonly<
    Record<string, { readonly resource_schemas?: Readonly<Record<string, { readonly block: BlockSchema }>> }>
  >;
}

export interface BlockSchema {
  readonly attributes?: Readonly<Record<string, AttributeSchema>>;
  readonly block_types?: Readonly<Record<string, { readonly nesting_mode: string; readonly block: BlockSchema }>>;
}

interface AttributeSchema {
  readonly type?: unknown;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
}

/** The schema of each resource type. */
export function resourceSchemas(schemas: ProviderSchemas): ReadonlyMap<string, BlockSchema> {
  return new Map(
    Object.values(schemas.provider_schemas ?? {}).flatMap((provider) =>
      Object.entries(provider.resource_schemas ?? {}).map(([type, { block }]) => [type, block] as const),
    ),
  );
}

/** Whether a configuration may set the argument to a value that a state holds: neither computed nor secret. */
export function isKeepable(block: BlockSchema, name: string): boolean {
  // `id` is optional in the schemas of the provider, and refused in a configuration.
  if (name === "id" || name === "tags_all") {
    return false;
  }
  const attribute = block.attributes?.[name];
  if (!attribute) {
    return block.block_types?.[name] !== undefined && name !== "timeouts";
  }
  return Boolean(attribute.required || attribute.optional) && !attribute.sensitive && !attribute.write_only;
}

/** The value of an argument as a configuration has it: without what the provider computes or left empty. */
export function asArgument(block: BlockSchema, name: string, value: unknown): unknown {
  const nested = block.block_types?.[name];
  if (!nested) {
    return value;
  }
  const pruned = (Array.isArray(value) ? value : [value]).map((element) => pruneBlock(nested.block, element as Values));
  return nested.nesting_mode === "single" ? pruned[0] : pruned;
}

function pruneBlock(block: BlockSchema, value: Values): Values {
  return Object.fromEntries(
    Object.entries(value ?? {})
      .filter(([name, member]) => isKeepable(block, name) && (block.attributes?.[name]?.required || !isUnset(member)))
      .map(([name, member]) => [name, asArgument(block, name, member)]),
  );
}

function isUnset(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Whether a value says nothing: null, false, 0, empty text, or a collection of such. */
export function isEmptyValue(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.every(isEmptyValue);
  }
  if (typeof value === "object" && value !== null) {
    return Object.values(value).every(isEmptyValue);
  }
  return value === undefined || value === null || value === false || value === 0 || value === "" || value === "0";
}
