/** A resource or data source with its values, as a state or a plan has it. */
export interface ResourceValues {
  /** With index, such as `aws_subnet.private[0]`. */
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  /** Number of `count`, key of `for_each`; undefined without both. */
  readonly index: number | string | undefined;
  /** Created, but not to the end: Terraform would replace it. */
  readonly tainted: boolean;
  /** In a plan an attribute that only the apply will tell is absent. Sensitive values are in clear. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Which of them are sensitive, in the form of the values: `{ password: true }`. */
  readonly sensitive: unknown;
}

/** An output; `value` is undefined where only the apply will tell. */
export interface OutputValue {
  readonly value: unknown;
  readonly sensitive: boolean;
}

export interface Values {
  /** Those of all modules. */
  readonly resources: readonly ResourceValues[];
  readonly outputs: Readonly<Record<string, OutputValue>>;
}

interface ModuleDocument {
  readonly resources?: readonly {
    readonly address: string;
    readonly mode: string;
    readonly type: string;
    readonly name?: string;
    readonly index?: number | string;
    readonly tainted?: boolean;
    readonly values?: Readonly<Record<string, unknown>>;
    readonly sensitive_values?: unknown;
  }[];
  readonly child_modules?: readonly ModuleDocument[];
}

/** `values` of a state and `planned_values` of a plan, as `terraform show -json` has them; the parts that are read here. */
export interface ValuesDocument {
  readonly outputs?: Readonly<Record<string, { readonly value?: unknown; readonly sensitive?: boolean }>>;
  readonly root_module?: ModuleDocument;
}

export function parseValues({ outputs = {}, root_module = {} }: ValuesDocument): Values {
  return {
    resources: resourcesOf(root_module),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, { value, sensitive = false }]) => [name, { value, sensitive }]),
    ),
  };
}

function resourcesOf(module: ModuleDocument): ResourceValues[] {
  return [
    ...(module.resources ?? []).map((resource) => ({
      address: resource.address,
      mode: resource.mode === "data" ? ("data" as const) : ("managed" as const),
      type: resource.type,
      name: resource.name ?? "",
      index: resource.index,
      tainted: resource.tainted ?? false,
      values: resource.values ?? {},
      sensitive: resource.sensitive_values ?? {},
    })),
    ...(module.child_modules ?? []).flatMap(resourcesOf),
  ];
}
