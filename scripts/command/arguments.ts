import { parseArgs } from "node:util";
import { findEnvironment, loadEnvironments } from "../../environments";
import { didYouMean, formatValue, InvalidInput, type Problem } from "../../environments/validation/problems";

/** Where an argument stands, as the problems of a command name it. */
const source = "command line";

/** Why a value is not allowed: what is, and a hint for this value. */
export type Refusal = Pick<Problem, "allowed"> & Partial<Pick<Problem, "fix">>;

/** An option of a command. A boolean that is not given is false, and an option with `multiple` an empty list. */
export interface OptionDescription {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  readonly default?: string;
  /** It must be given. */
  readonly required?: boolean;
  /** What the value is called in the usage, such as `DIR`; absent for a boolean. */
  readonly placeholder?: string;
  /** Without its name, as the usage shows it; may have several lines. */
  readonly description: string;
  /** Judges one value that was given; undefined where it is allowed. */
  readonly check?: (value: string) => Refusal | undefined;
}

/** An argument without a name, by its place. */
export interface PositionalDescription {
  readonly name: string;
  readonly description: string;
  /** What may be given, for the message where it is missing. */
  readonly allowed: string | (() => string);
  /** The value where none is given. Without it, and without `optional`, the argument must be given. */
  readonly default?: string;
  readonly optional?: boolean;
  /** Judges the value that was given; undefined where it is allowed. */
  readonly check?: (value: string) => Refusal | undefined;
}

type OptionDescriptions = Readonly<Record<string, OptionDescription>>;

/** Everything that the usage, the parser and the messages of a command are made from. */
export interface ArgumentsDescription {
  /** Name of the npm script, such as `deploy:local`. */
  readonly name: string;
  readonly description: string;
  readonly positionals: readonly PositionalDescription[];
  /** The command's own options. Every command also has those of `commonOptions`. */
  readonly options: OptionDescriptions;
  /** Text below the options. */
  readonly notes?: string;
  /** Judges what fits together only in part; it is called where each argument by itself is allowed. */
  readonly check?: (parsed: ParsedArguments) => readonly Problem[];
}

/** Arguments by their names, as typed as a check over all of them needs. */
export interface ParsedArguments {
  readonly options: Readonly<Record<string, unknown>>;
  readonly positionals: Readonly<Record<string, string | undefined>>;
}

/** The options that every command has. */
export const commonOptions = {
  verbose: { type: "boolean", description: "show where an error comes from" },
  help: { type: "boolean", description: "show this text" },
} as const satisfies OptionDescriptions;

/** `--json`, for commands whose result a machine may read. */
export const jsonOption = {
  json: { type: "boolean", description: "one JSON document on stdout" },
} as const satisfies OptionDescriptions;

/** `--port`, a TCP port. Read it with `Number`. */
export const portOption = {
  port: {
    type: "string",
    placeholder: "N",
    description: "port on 127.0.0.1 (default 4780; 0: any that is free)",
    check: (value: string) =>
      /^\d+$/.test(value) && Number(value) <= 65_535
        ? undefined
        : { allowed: "a whole number, 1 to 65535, or 0 for any port that is free" },
  },
} as const satisfies OptionDescriptions;

/** `--directory`, the folder of a local run. */
export const directoryOption = {
  directory: {
    type: "string",
    placeholder: "DIR",
    description: "folder of the emulator and its states (default .local)",
  },
} as const satisfies OptionDescriptions;

/** The environment as an argument by its place; without `default` it must be given. */
export function environmentArgument<const D extends { readonly default?: string; readonly optional?: boolean }>(
  rest: D,
) {
  return {
    name: "environment",
    description: "name of an environment, such as development",
    allowed: environmentNames,
    check: refuseEnvironment,
    ...rest,
  } as const;
}

function environmentNames(): string {
  return loadEnvironments()
    .environments.map(({ name }) => name)
    .join(", ");
}

/**
 * Judges the name of an environment.
 *
 * @throws InvalidInput where the environments themselves have problems
 */
export function refuseEnvironment(name: string): Refusal | undefined {
  const { environments } = loadEnvironments();
  try {
    findEnvironment(name, environments);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInput && error.problems[0]) {
      return error.problems[0];
    }
    throw error;
  }
}

/** Wrong arguments: a line for each, and how the command is called. Nothing has been done when it is thrown. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(
    readonly problems: readonly Problem[],
    usage: string,
  ) {
    super([...problems.map(formatArgumentProblem), "", usage].join("\n"));
  }
}

/** A problem of an argument. */
export function argumentProblem(path: string, value: unknown, { allowed, fix = "" }: Refusal): Problem {
  return { source, path, value, allowed, fix };
}

/** `environment "developmnt" is not allowed; allowed: development, production; did you mean "development"?` */
export function formatArgumentProblem({ path, value, allowed, fix }: Problem): string {
  const found = value === undefined ? `${path} is missing` : `${path} ${formatValue(value)} is not allowed`;
  return [found, allowed && `allowed: ${allowed}`, fix].filter(Boolean).join("; ");
}

/** What `--help` prints, and what follows the problems of wrong arguments; no final newline. */
export function usageOf({ name, description, positionals, options, notes }: ArgumentsDescription): string {
  const own = positionals.map((positional) =>
    isRequired(positional) ? `<${positional.name}>` : `[${positional.name}]`,
  );
  const rows = [
    ...positionals.map((positional): [string, string] => [
      positional.name,
      positional.default === undefined
        ? positional.description
        : `${positional.description} (default ${positional.default})`,
    ]),
    ...Object.entries<OptionDescription>({ ...options, ...commonOptions }).map(
      ([option, { placeholder, description }]): [string, string] => [
        `--${option}${placeholder ? ` ${placeholder}` : ""}`,
        description,
      ],
    ),
  ];
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.map(
    ([left, right]) => `  ${left.padEnd(width)}${right.replaceAll("\n", `\n${" ".repeat(width + 2)}`)}`,
  );
  return [
    `Usage: npm run ${name} -- ${[...own, "[options]"].join(" ")}`,
    "",
    description,
    "",
    ...lines,
    ...(notes ? ["", notes] : []),
  ].join("\n");
}

function isRequired(positional: PositionalDescription): boolean {
  return positional.default === undefined && positional.optional !== true;
}

/** Values of the options of a description, those of every command included. */
export type OptionValues<O extends OptionDescriptions> = {
  readonly [N in keyof (O & typeof commonOptions)]: OptionValue<(O & typeof commonOptions)[N]>;
};

type OptionValue<O> = O extends { readonly type: "boolean" }
  ? boolean
  : O extends { readonly multiple: true }
    ? readonly string[]
    : O extends { readonly required: true } | { readonly default: string }
      ? string
      : string | undefined;

/** Values of the positionals of a description; a string where one is required or has a default. */
export type PositionalValues<P extends readonly PositionalDescription[]> = {
  readonly [Q in P[number] as Q["name"]]: Q extends { readonly optional: true } ? string | undefined : string;
};

/**
 * Reads the arguments of a command. Nothing is judged where `--help` is among them.
 *
 * @throws UsageError with every problem: options and arguments that do not exist, that are missing, that lack a value, and
 * values that are not allowed
 * @throws InvalidInput where an environment is asked for and the environments themselves have problems
 */
export function parseArguments<const D extends ArgumentsDescription>(
  description: D,
  args: readonly string[],
): { readonly options: OptionValues<D["options"]>; readonly positionals: PositionalValues<D["positionals"]> } {
  const options: OptionDescriptions = { ...description.options, ...commonOptions };
  // Not strict: the parser would stop at the first problem.
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const problems: Problem[] = [];
  const values = new Map<string, (string | true)[]>();
  const given: string[] = [];
  let afterUnknown = false;
  for (const token of tokens) {
    if (token.kind === "option") {
      problems.push(...optionProblems(token, options));
      values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? true]);
    } else if (token.kind === "positional" && !afterUnknown) {
      given.push(token.value);
    }
    // What follows an unknown option may be its value.
    afterUnknown = token.kind === "option" && !Object.hasOwn(options, token.name);
  }
  for (const [name, { required, placeholder = "VALUE", description: meaning }] of Object.entries(options)) {
    if (required && !values.has(name)) {
      problems.push(argumentProblem(`--${name}`, undefined, { allowed: `--${name} ${placeholder}`, fix: meaning }));
    }
  }
  problems.push(...positionalProblems(description.positionals, given));

  const result: ParsedArguments = {
    options: Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, optionValue(option, values.get(name) ?? [])]),
    ),
    positionals: Object.fromEntries(
      description.positionals.map(({ name, default: otherwise }, index) => [name, given[index] ?? otherwise]),
    ),
  };
  if (result.options.help !== true) {
    const all = problems.length > 0 ? problems : (description.check?.(result) ?? []);
    if (all.length > 0) {
      throw new UsageError(all, usageOf(description));
    }
  }
  return result as unknown as ReturnType<typeof parseArguments<D>>;
}

function optionValue(
  { type, multiple, default: otherwise }: OptionDescription,
  given: readonly (string | true)[],
): unknown {
  if (type === "boolean") {
    return given.length > 0;
  }
  return multiple ? given : (given.at(-1) ?? otherwise);
}

function positionalProblems(positionals: readonly PositionalDescription[], given: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  for (const [index, positional] of positionals.entries()) {
    const value = given[index];
    if (value === undefined) {
      if (isRequired(positional)) {
        problems.push(argumentProblem(positional.name, undefined, { allowed: allowedOf(positional) }));
      }
      continue;
    }
    const refusal = positional.check?.(value);
    if (refusal) {
      problems.push(argumentProblem(positional.name, value, refusal));
    }
  }
  const allowed =
    positionals.length === 0 ? "options only" : `at most ${positionals.map(({ name }) => name).join(" and ")}`;
  const surplus = given.slice(positionals.length);
  return [...problems, ...surplus.map((value) => argumentProblem("argument", value, { allowed }))];
}

function allowedOf({ allowed }: PositionalDescription): string {
  return typeof allowed === "string" ? allowed : allowed();
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function optionProblems({ name, rawName, value, inlineValue }: OptionToken, options: OptionDescriptions): Problem[] {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) {
    const known = Object.keys(options).map((known) => `--${known}`);
    return [argumentProblem("option", rawName, { allowed: known.join(", "), fix: didYouMean(rawName, known) })];
  }
  if (option.type === "boolean") {
    return inlineValue ? [argumentProblem(rawName, value, { allowed: `${rawName} without a value` })] : [];
  }
  const form = `${rawName} ${option.placeholder ?? "VALUE"}`;
  if (value === undefined || (inlineValue === false && value.startsWith("-"))) {
    return [argumentProblem(`the value of ${rawName}`, undefined, { allowed: form })];
  }
  const refusal = option.check?.(value);
  return refusal ? [argumentProblem(rawName, value, refusal)] : [];
}
