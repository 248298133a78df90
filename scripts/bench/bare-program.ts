import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { type Binding, Bindings } from "./bindings";
import { type Json, type JsonObject, type Stack, withoutMetadata } from "./synthesized";

/** Blocks that the program makes by classes of cdktf or the provider; it adds all others as they are. */
const boundKinds = new Set(["//", "terraform", "provider", "variable", "output", "data", "resource"]);
/** Arguments of a variable that cdktf 0.21 has no binding for, or crashes on (`default: null`). */
const unboundOfVariable = new Set(["ephemeral"]);

/** Writes the bare program for these stacks into `folder`. An earlier one goes. */
export function writeBareProgram(root: string, folder: string, stacks: readonly Stack[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "main.ts"), bareProgram(root, stacks));
}

/**
 * A cdktf program with no constructs of ours that synthesizes these stacks: for each block one instance of its class,
 * every argument a literal, in the order of the synthesized JSON. What has no class is added as an override.
 *
 * @param root the project's folder, for the types of cdktf and the provider
 * @throws Error where a block or argument has no counterpart in the bindings
 */
export function bareProgram(root: string, stacks: readonly Stack[]): string {
  const bodies = stacks.map(({ json }) => withoutMetadata(json) as JsonObject);
  const bindings = new Bindings(root, bodies.flatMap(blocksOf));
  const imports = new Map<string, Set<string>>([["cdktf", new Set(["App", "TerraformStack", "Token"])]]);
  const use = (block: string): Binding => {
    const binding = bindings.of(block);
    imports.set(binding.module, (imports.get(binding.module) ?? new Set()).add(binding.className));
    return binding;
  };
  const writer = new Writer(bindings, use);
  const code = stacks.map(({ name }, index) => writer.stack(name, bodies[index] as JsonObject));
  return [
    ...[...imports].map(([module, names]) => `import { ${[...names].sort().join(", ")} } from ${quote(module)};`),
    "",
    "const app = new App({ stackTraces: false });",
    ...code.map((body) => `{\n${body}\n}`),
    "app.synth();",
    "",
  ].join("\n");
}

/** The kinds of blocks of a stack that have a class, as `Bindings` names them. */
function blocksOf(json: JsonObject): string[] {
  const { terraform } = json as { terraform: JsonObject };
  return [
    ...Object.keys((terraform.backend ?? {}) as JsonObject).map((type) => `backend.${type}`),
    ...Object.keys((json.provider ?? {}) as JsonObject).map((type) => `provider.${type}`),
    ...["data", "resource"].flatMap((kind) =>
      Object.keys((json[kind] ?? {}) as JsonObject).map((type) => `${kind}.${type}`),
    ),
    ...["variable", "output"].filter((kind) => kind in json),
  ];
}

class Writer {
  constructor(
    private readonly bindings: Bindings,
    private readonly use: (block: string) => Binding,
  ) {}

  stack(name: string, json: JsonObject): string {
    const { required_version, backend, required_providers: _, ...otherSettings } = json.terraform as JsonObject;
    return [
      `const stack = new TerraformStack(app, ${quote(name)});`,
      ...(required_version === undefined
        ? []
        : [`stack.addOverride("terraform.required_version", ${quote(required_version)});`]),
      ...this.backend((backend ?? {}) as JsonObject),
      ...Object.entries(otherSettings).map(([key, value]) => `stack.addOverride("terraform.${key}", ${quote(value)});`),
      ...this.providers((json.provider ?? {}) as JsonObject),
      ...entries(json.variable).map(([label, config]) => this.variable(label, config)),
      ...this.blocks(json),
      ...entries(json.output).map(([label, config]) => this.make("output", label, config, `output.${label}`)),
      ...Object.entries(json)
        .filter(([kind]) => !boundKinds.has(kind))
        .map(([kind, value]) => `stack.addOverride(${quote(kind)}, ${quote(value)});`),
    ].join("\n");
  }

  private backend(backends: JsonObject): string[] {
    if (Object.keys(backends).length === 0) {
      return [`stack.addOverride("terraform.backend", undefined);`];
    }
    return entries(backends).map(([type, settings]) => {
      const { className, config } = this.use(`backend.${type}`);
      const [known, unknown] = partition(
        settings,
        (key) => this.bindings.property(config, camelCase(key)) !== undefined,
      );
      const overrides = Object.entries(unknown).map(([key, value]) => `.addOverride(${quote(key)}, ${quote(value)})`);
      return `new ${className}(stack, ${this.value(known, config, `backend.${type}`)})${overrides.join("")};`;
    });
  }

  private providers(providers: JsonObject): string[] {
    return Object.entries(providers).flatMap(([type, configurations]) =>
      (configurations as JsonObject[]).map((settings) => {
        const name = settings.alias === undefined ? type : `${type}.${settings.alias}`;
        const { className, config } = this.use(`provider.${type}`);
        const id = name.replace(".", "_");
        return `const ${providerVariable(name)} = new ${className}(stack, ${quote(id)}, ${this.value(settings, config, name)});`;
      }),
    );
  }

  private variable(label: string, settings: JsonObject): string {
    const [unbound, known] = partition(
      settings,
      (key, value) => unboundOfVariable.has(key) || (key === "default" && value === null),
    );
    const { className, config } = this.use("variable");
    const { type, ...others } = known;
    const literal = this.object(others, config, `variable.${label}`, [`type: ${quote(type)}`]);
    const overrides = Object.entries(unbound).map(([key, value]) => `.addOverride(${quote(key)}, ${quote(value)})`);
    return [
      `const var_${label} = new ${className}(stack, ${quote(`var_${label}`)}, ${literal});`,
      `var_${label}.overrideLogicalId(${quote(label)});`,
      ...overrides.map((override) => `var_${label}${override};`),
    ].join("\n");
  }

  /** Data sources and resources, those that others name in `depends_on` before these. */
  private blocks(json: JsonObject): string[] {
    const blocks = new Map<string, { block: string; label: string; config: JsonObject }>();
    for (const kind of ["data", "resource"]) {
      for (const [type, labels] of entries(json[kind])) {
        for (const [label, config] of entries(labels)) {
          const address = kind === "data" ? `data.${type}.${label}` : `${type}.${label}`;
          blocks.set(address, { block: `${kind}.${type}`, label, config });
        }
      }
    }
    const written = new Set<string>();
    const lines: string[] = [];
    const write = (address: string, from: readonly string[]): void => {
      const found = blocks.get(address);
      if (!found) {
        throw new Error(`${from.at(-1)} depends on ${address}, which the stack does not have`);
      }
      if (from.includes(address)) {
        throw new Error(`${[...from, address].join(" depends on ")}`);
      }
      if (written.has(address)) {
        return;
      }
      for (const dependency of (found.config.depends_on ?? []) as string[]) {
        write(dependency, [...from, address]);
      }
      written.add(address);
      lines.push(this.make(found.block, found.label, found.config, address));
    };
    for (const address of blocks.keys()) {
      write(address, []);
    }
    return lines;
  }

  /** One instance, with its address set: ids of siblings differ, labels of different types need not. */
  private make(block: string, label: string, settings: JsonObject, address: string): string {
    const { className, config } = this.use(block);
    const id = address.replaceAll(".", "_");
    const { provider, depends_on: dependencies, ...others } = settings;
    const references = [
      ...(provider === undefined ? [] : [`provider: ${providerVariable(provider as string)}`]),
      ...(dependencies === undefined
        ? []
        : [`dependsOn: [${(dependencies as string[]).map((name) => name.replaceAll(".", "_")).join(", ")}]`]),
    ];
    const literal = this.object(others, config, address, references);
    return `const ${id} = new ${className}(stack, ${quote(id)}, ${literal});\n${id}.overrideLogicalId(${quote(label)});`;
  }

  /** A literal of a type of the bindings from Terraform's JSON. */
  private value(json: Json, type: ts.Type, path: string): string {
    // Arguments that the bindings leave untyped take Terraform's own names.
    if (this.bindings.isAny(type)) {
      return quote(json);
    }
    if (Array.isArray(json)) {
      const item = this.bindings.item(type) ?? type;
      return `[${json.map((value, index) => this.value(value, item, `${path}[${index}]`)).join(", ")}]`;
    }
    if (typeof json === "object" && json !== null) {
      return this.object(json, type, path);
    }
    if (typeof json === "string") {
      return this.string(json, type);
    }
    return quote(json);
  }

  private object(json: JsonObject, type: ts.Type, path: string, more: readonly string[] = []): string {
    const own = this.bindings.mapValue(type);
    const properties = Object.entries(json)
      // The bindings write null for every argument of a nested list that is not given.
      .filter(([, value]) => value !== null)
      .map(([key, value]) => {
        if (own) {
          return `${quote(key)}: ${this.value(value, own, `${path}.${key}`)}`;
        }
        // cdktf renames it, because constructs have a method of that name.
        const name = key === "equals" ? "equalTo" : camelCase(key);
        const property = this.bindings.property(type, name);
        if (!property) {
          throw new Error(`${path}.${key}: the bindings have no argument ${name}`);
        }
        return `${name}: ${this.value(value, property, `${path}.${key}`)}`;
      });
    return `{ ${[...properties, ...more].join(", ")} }`;
  }

  /** An expression where a number, a flag or a list is asked for is a token. */
  private string(text: string, type: ts.Type): string {
    if (this.bindings.has(type, ts.TypeFlags.StringLike)) {
      return quote(text);
    }
    if (this.bindings.has(type, ts.TypeFlags.NumberLike)) {
      return `Token.asNumber(${quote(text)})`;
    }
    if (this.bindings.item(type)) {
      return `Token.asList(${quote(text)})`;
    }
    return `Token.asAny(${quote(text)})`;
  }
}

function providerVariable(name: string): string {
  return `provider_${name.replace(".", "_")}`;
}

function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function quote(value: unknown): string {
  return JSON.stringify(value);
}

function entries(value: Json | undefined): [string, JsonObject][] {
  return Object.entries((value ?? {}) as Record<string, JsonObject>);
}

function partition(object: JsonObject, test: (key: string, value: Json) => boolean): [JsonObject, JsonObject] {
  const pairs = Object.entries(object);
  return [
    Object.fromEntries(pairs.filter(([key, value]) => test(key, value))),
    Object.fromEntries(pairs.filter(([key, value]) => !test(key, value))),
  ];
}
