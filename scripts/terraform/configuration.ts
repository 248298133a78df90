/** An expression of a configuration, as `terraform show -json` has it: constant, or what it refers to. */
export interface Expression {
  /** Absent where the expression refers to anything. */
  readonly constantValue?: unknown;
  /**
   * What it refers to, longest first: `aws_vpc.skymanuals.id` and `aws_vpc.skymanuals`, `var.environment`, `data.aws_region.x`.
   * Empty for a constant.
   */
  readonly references: readonly string[];
}

/** A resource or data source as the configuration declares it: once, whatever its `count`. */
export interface ConfiguredResource {
  /** Without index, such as `aws_subnet.private` or `module.x.aws_vpc.main`. */
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  /** Key in `providers`, such as `aws` or `aws.us_east_1`. */
  readonly provider: string;
  /**
   * Arguments by path inside the resource, indices included for repeated blocks: `vpc_id`, `ingress[0].security_groups`. A list
   * or map that one expression makes is one argument.
   */
  readonly arguments: Readonly<Record<string, Expression>>;
  /** Everything that its arguments, `count` and `for_each` refer to, each once. */
  readonly references: readonly string[];
  readonly dependsOn: readonly string[];
}

export interface Configuration {
  readonly resources: readonly ConfiguredResource[];
  /** Arguments of the provider blocks, by their key. */
  readonly providers: Readonly<Record<string, Readonly<Record<string, Expression>>>>;
  readonly outputs: Readonly<Record<string, Expression>>;
  /** Declared variables of the root module and their defaults; undefined where one has none. */
  readonly variables: Readonly<Record<string, { readonly default: unknown; readonly sensitive: boolean }>>;
}

interface ModuleDocument {
  readonly resources?: readonly {
    readonly address: string;
    readonly mode: "managed" | "data";
    readonly type: string;
    readonly name: string;
    readonly provider_config_key?: string;
    readonly expressions?: unknown;
    readonly count_expression?: unknown;
    readonly for_each_expression?: unknown;
    readonly depends_on?: readonly string[];
  }[];
  readonly outputs?: Readonly<Record<string, { readonly expression?: unknown }>>;
  readonly variables?: Readonly<Record<string, { readonly default?: unknown; readonly sensitive?: boolean }>>;
  readonly module_calls?: Readonly<Record<string, { readonly module?: ModuleDocument }>>;
}

/** The `configuration` of `terraform show -json PLAN`; the parts that are read here. */
export interface ConfigurationDocument {
  readonly provider_config?: Readonly<Record<string, { readonly expressions?: unknown }>>;
  readonly root_module?: ModuleDocument;
}

export function parseConfiguration({ provider_config = {}, root_module = {} }: ConfigurationDocument): Configuration {
  return {
    resources: resourcesOf(root_module, ""),
    providers: mapValues(provider_config, ({ expressions }) => argumentsOf(expressions)),
    outputs: mapValues(root_module.outputs ?? {}, ({ expression }) => toExpression(expression ?? {})),
    variables: mapValues(root_module.variables ?? {}, ({ default: otherwise, sensitive = false }) => ({
      default: otherwise,
      sensitive,
    })),
  };
}

function resourcesOf(module: ModuleDocument, prefix: string): ConfiguredResource[] {
  const own = (module.resources ?? []).map((resource): ConfiguredResource => {
    const arguments_ = argumentsOf(resource.expressions);
    const repetition = [resource.count_expression, resource.for_each_expression].filter(isObject).map(toExpression);
    return {
      address: `${prefix}${resource.address}`,
      mode: resource.mode,
      type: resource.type,
      name: resource.name,
      provider: resource.provider_config_key ?? "",
      arguments: arguments_,
      references: [...new Set([...Object.values(arguments_), ...repetition].flatMap(({ references }) => references))],
      dependsOn: resource.depends_on ?? [],
    };
  });
  const called = Object.entries(module.module_calls ?? {}).flatMap(([name, { module: child = {} }]) =>
    resourcesOf(child, `${prefix}module.${name}.`),
  );
  return [...own, ...called];
}

/** Blocks are nested objects, repeated ones lists of these; an expression is an object with one of two members. */
function argumentsOf(expressions: unknown, path = ""): Record<string, Expression> {
  if (Array.isArray(expressions)) {
    return Object.assign({}, ...expressions.map((item, index) => argumentsOf(item, `${path}[${index}]`)));
  }
  if (!isObject(expressions)) {
    return {};
  }
  if ("constant_value" in expressions || "references" in expressions) {
    return { [path]: toExpression(expressions) };
  }
  return Object.assign(
    {},
    ...Object.entries(expressions).map(([name, value]) => argumentsOf(value, path ? `${path}.${name}` : name)),
  );
}

function toExpression(expression: object): Expression {
  const { constant_value, references = [] } = expression as {
    readonly constant_value?: unknown;
    readonly references?: readonly string[];
  };
  // In JSON syntax Terraform gives the text of a template as its constant value, beside what it refers to.
  return constant_value === undefined || references.length > 0
    ? { references }
    : { constantValue: constant_value, references };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
