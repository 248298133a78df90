import * as v from "valibot";
import { didYouMean, type Problem } from "./problems";

/**
 * How problems travel through valibot: a schema's message is what it allows; a rule's issue carries
 * what is allowed as `expected` and the fix as its message. `toProblems` reads both back.
 */
export interface Finding {
  /** Keys from the object that is checked to the value at fault. */
  readonly path: readonly (string | number)[];
  /** By default the value at the path. */
  readonly value?: unknown;
  readonly allowed: string;
  readonly fix: string;
}

/** One value against one rule; not run on a value of the wrong type. `accepts` returns true, or how to fix the value. */
export function rule<T>(allowed: string, accepts: (value: T) => true | string): v.RawCheckAction<T> {
  return v.rawCheck(({ dataset, addIssue }) => {
    if (dataset.typed) {
      const verdict = accepts(dataset.value);
      if (verdict !== true) {
        addIssue({ expected: allowed, message: verdict });
      }
    }
  });
}

/** A string that `accepts` takes. */
export function text(allowed: string, accepts: (value: string) => true | string) {
  return v.pipe(v.string(allowed), v.description(allowed), rule(allowed, accepts));
}

/** A number that `accepts` takes; `why` is what is allowed with its reasons. */
export function number(allowed: string, accepts: (value: number) => true | string, why = allowed) {
  return v.pipe(v.number(allowed), v.description(allowed), rule(why, accepts));
}

/** A string of this form; `fix` may name the right spelling. */
export function pattern(allowed: string, form: RegExp, fix: string | ((value: string) => string)) {
  return text(allowed, (value) => form.test(value) || (typeof fix === "string" ? fix : fix(value)));
}

/** One of these values. */
export function oneOf<const T extends string | number>(options: readonly T[]) {
  const allowed = options.map((option) => JSON.stringify(option)).join(", ");
  return v.pipe(
    v.picklist(options, (issue) => allowed + suggestion(issue.input, options)),
    v.description(allowed),
  );
}

/** The part of a schema's message that says which option was meant. */
export function suggestion(value: unknown, options: readonly (string | number)[]): string {
  if (value === undefined) {
    return "";
  }
  if (typeof value === "string" && options.some((option) => typeof option === "number" && String(option) === value)) {
    return `${hintMark}write ${value} without quotation marks`;
  }
  const hint = options.every((option) => typeof option === "string") ? didYouMean(value, options.map(String)) : "";
  return hint === "" ? `${hintMark}use one of these` : `${hintMark}${hint}`;
}

/** Separates, in a schema's message, what is allowed from a fix of its own. */
const hintMark = "\n";

/**
 * A whole number in a range. What is allowed is told from the range: as a whole number of `unit`, or in the words of a
 * function of the two limits.
 */
export function integer(
  minimum: number,
  maximum: number,
  unit?: string | ((minimum: number, maximum: number) => string),
): v.GenericSchema<number> {
  const allowed =
    typeof unit === "function"
      ? unit(minimum, maximum)
      : `a whole number${unit === undefined ? "" : ` of ${unit}`} from ${minimum} to ${maximum}`;
  return number(allowed, (value) => {
    if (Number.isInteger(value) && value >= minimum && value <= maximum) {
      return true;
    }
    const near = Math.min(maximum, Math.max(minimum, Math.round(value)));
    return `use ${Number.isFinite(near) ? near : minimum}`;
  });
}

/** A version that is raised by hand, up to 2^53 - 1. */
export const version = integer(1, Number.MAX_SAFE_INTEGER, (minimum) => `a whole number, ${minimum} or more`);

export const flag = v.pipe(v.boolean("true or false"), v.description("true or false"));

/** Null, or what `schema` takes. */
export function orNull<T>(schema: v.GenericSchema<T>, allowed: string): v.GenericSchema<T | null> {
  return v.pipe(v.nullable(schema), v.description(allowed));
}

/** A list; `allowed` is what the report says of a missing or mistyped one. */
export function listOf<T>(item: v.GenericSchema<T>, allowed: string): v.GenericSchema<readonly T[]> {
  return v.pipe(v.array(item, allowed), v.description(allowed)) as v.GenericSchema<readonly T[]>;
}

/** An object of any keys, each with such a value; not a list, date or other built-in. */
export function mapOf<T>(value: v.GenericSchema<T>, allowed: string): v.GenericSchema<Readonly<Record<string, T>>> {
  return v.pipe(
    v.custom<Record<string, T>>((map) => Object.prototype.toString.call(map) === "[object Object]", allowed),
    v.record(v.string(), value, allowed) as v.GenericSchema<Record<string, T>>,
    v.description(allowed),
  );
}

/**
 * An object of exactly these fields, whose type keeps the documentation of each entry. Each unknown key is a problem;
 * `elsewhere` says where a known stray one belongs, and `fix` what to write where there is no such object.
 */
export function record<E extends v.ObjectEntries>(
  entries: E,
  elsewhere: Readonly<Record<string, string>> = {},
  fix?: string,
): v.GenericSchema<{ readonly [K in keyof E]: v.InferOutput<E[K]> }> {
  const keys = Object.keys(entries);
  const allowed = `an object with the fields ${keys.join(", ")}`;
  const missing = (key: unknown) => {
    const entry = entries[key as string];
    const description = (entry && v.getDescription(entry as v.GenericSchema)) ?? "the field is required";
    return description + hinted(entry && fixOf(entry as v.GenericSchema));
  };
  return v.pipe(
    v.looseObject(entries, (issue) => (issue.path ? missing(issue.path[0].key) : allowed + hinted(fix))),
    v.description(allowed),
    v.metadata({ fix }),
    v.rawCheck(({ dataset, addIssue }) => {
      const input: unknown = dataset.value;
      if (typeof input !== "object" || input === null) {
        return;
      }
      for (const [key, value] of Object.entries(input)) {
        if (!(key in entries)) {
          const hint = didYouMean(
            key,
            keys.filter((known) => !(known in input)),
          );
          addIssue({
            input: value,
            expected: `only the fields ${keys.join(", ")}`,
            message: elsewhere[key] ?? (hint === "" ? "remove the unknown field" : `unknown field: ${hint}`),
            path: [{ type: "object", origin: "key", input: input as Record<string, unknown>, key, value }],
          });
        }
      }
    }),
  ) as unknown as v.GenericSchema<{ readonly [K in keyof E]: v.InferOutput<E[K]> }>;
}

function hinted(fix: string | undefined): string {
  return fix === undefined ? "" : hintMark + fix;
}

/** What a missing object's own schema says of how to mend it. */
function fixOf(schema: v.GenericSchema): string | undefined {
  return (v.getMetadata(schema) as { fix?: string }).fix;
}

type Found = Finding | false | undefined;

/** A rule across the fields of an object, or across the elements of a list. */
export interface CrossRule<T> {
  /** Paths from the object to the fields that it reads, such as `network.vpcCidrBlock`; by default the whole value. */
  readonly reads?: readonly string[];
  /** What is wrong, with paths from the object; false and undefined say that nothing is. */
  readonly find: (value: T) => Found | readonly Found[];
}

/** A schema and the rules across what it takes. They run where `across` is, after every field has been checked by itself. */
export function ruled<T>(schema: v.GenericSchema<T>, ...rules: readonly CrossRule<T>[]): v.GenericSchema<T> {
  return v.pipe(schema, v.metadata({ rules }));
}

/** No value stands in the list twice; `list` is what the fix calls it. */
export function distinct(allowed: string, list: string, otherwise = "remove it"): CrossRule<readonly string[]> {
  return {
    find: (values) =>
      repeated(values).map(({ index, value, first }) => ({
        path: [index],
        allowed,
        fix: `${otherwise}: ${list}[${first}] is ${value} already`,
      })),
  };
}

/** No value of the list lies in another of it. */
export function apart(
  allowed: string,
  list: string,
  contains: (outer: string, inner: string) => boolean,
): CrossRule<readonly string[]> {
  return {
    find: (values) =>
      values.map((value, index) => {
        const other = values.findIndex(
          (candidate, at) => at !== index && contains(candidate, value) && (at < index || !contains(value, candidate)),
        );
        const fix = `remove it: ${list}[${other}], ${values[other]}, covers it`;
        return other !== -1 && { path: [index], allowed, fix };
      }),
  };
}

/** Values that stand in a list before, with where. */
export function repeated(values: readonly string[]): { index: number; value: string; first: number }[] {
  return values.flatMap((value, index) => {
    const first = values.indexOf(value);
    return first < index ? [{ index, value, first }] : [];
  });
}

/** The rules across fields of everything in the schema, and then its own, with paths from the root on. */
function rulesIn(schema: v.GenericSchema, keys: readonly string[] = []): BoundRule[] {
  const { rules = [] } = v.getMetadata(schema) as { rules?: readonly CrossRule<unknown>[] };
  const { wrapped } = schema as { wrapped?: v.GenericSchema };
  return [
    ...(wrapped === undefined ? [] : rulesIn(wrapped, keys)),
    ...Object.entries(entriesOf(schema)).flatMap(([key, entry]) => rulesIn(entry, [...keys, key])),
    ...rules.map(({ reads = [""], find }) => ({
      reads: reads.map((path) => [...keys, ...(path === "" ? [] : [path])].join(".")),
      find: (root: unknown) => {
        const value = valueAt(root, keys);
        const found = value === null || value === undefined ? [] : [find(value)].flat();
        return found.flatMap((finding) =>
          finding ? [{ value: valueAt(value, finding.path), ...finding, path: [...keys, ...finding.path] }] : [],
        );
      },
    })),
  ];
}

/** A rule with paths from the root on. */
interface BoundRule {
  readonly reads: readonly string[];
  readonly find: (root: unknown) => Required<Finding>[];
}

function valueAt(root: unknown, keys: readonly (string | number)[]): unknown {
  return keys.reduce((object, key) => (object as Record<string | number, unknown> | null | undefined)?.[key], root);
}

/** The fields of an object's schema; none of any other. */
export function entriesOf(schema: v.GenericSchema): Readonly<Record<string, v.GenericSchema>> {
  return (schema as { entries?: Record<string, v.GenericSchema> }).entries ?? {};
}

/**
 * The schema with its rules across fields, and those of everything in it, run. Each runs whatever else is wrong, unless a
 * field that it reads is wrong by itself. What they find comes in the order of the schema's fields.
 */
export function across<T>(schema: v.GenericSchema<T>): v.GenericSchema<T> {
  const rules = rulesIn(schema);
  const order = Object.keys(entriesOf(schema));
  const place = ({ path }: Finding) => order.indexOf(String(path[0]));
  const check = v.rawCheck<T>(({ dataset, addIssue }) => {
    const broken = (dataset.issues ?? []).map((issue) => formatPath(keysOf(issue)));
    const runnable = rules.filter(({ reads }) => !reads.some((path) => broken.some((other) => touches(path, other))));
    const findings = runnable.flatMap(({ find }) => find(dataset.value));
    for (const { path, value, allowed, fix } of findings.sort((a, b) => place(a) - place(b))) {
      const items = path.map((key) => ({ type: "unknown", origin: "value", input: undefined, key, value }) as const);
      addIssue({
        input: value,
        expected: allowed,
        message: fix,
        path: items as [v.IssuePathItem, ...v.IssuePathItem[]],
      });
    }
  });
  return v.pipe(schema, check);
}

function touches(a: string, b: string): boolean {
  return a === b || b === "" || isInside(a, b) || isInside(b, a);
}

function isInside(inner: string, outer: string): boolean {
  return inner.startsWith(outer) && (inner[outer.length] === "." || inner[outer.length] === "[");
}

/** Every problem of a value, in the order of the schema's fields, rules across fields last. */
export function problemsOf(schema: v.GenericSchema, input: unknown, source: string, root = ""): Problem[] {
  const result = v.safeParse(schema, input);
  return (result.issues ?? []).map((issue) => toProblem(issue, source, root));
}

function toProblem(issue: v.BaseIssue<unknown>, source: string, root: string): Problem {
  const keys = keysOf(issue);
  const base = { source, path: formatPath(keys, root) || "(the whole)", value: issue.input };
  if (issue.kind === "validation") {
    return { ...base, allowed: issue.expected ?? "", fix: issue.message };
  }
  const [allowed = "", hint] = issue.message.split(hintMark);
  if (issue.input === undefined) {
    return {
      ...base,
      allowed,
      fix: hint ?? (keys.length === 0 ? "export the literal" : `add the field ${keys.at(-1)}`),
    };
  }
  return { ...base, allowed, fix: hint ?? retype(issue) };
}

/** How to turn a value of the wrong type into one of the right type. */
function retype({ input, expected }: v.BaseIssue<unknown>): string {
  if (expected === "string" && typeof input === "number") {
    return `write "${input}", in quotation marks`;
  }
  const quoted =
    (expected === "number" && typeof input === "string" && input.trim() !== "" && Number.isFinite(Number(input))) ||
    (expected === "boolean" && (input === "true" || input === "false"));
  if (quoted) {
    return `write ${input} without quotation marks`;
  }
  const found = input === null ? "null" : Array.isArray(input) ? "the list" : `the ${typeof input}`;
  return `replace ${found} by what is allowed`;
}

function keysOf(issue: v.BaseIssue<unknown>): (string | number)[] {
  return (issue.path ?? []).map((item) => item.key as string | number);
}

/** `network.allowedIps[0]`, `adopted.keep["aws_lb.main"].name`. */
export function formatPath(keys: readonly (string | number)[], root = ""): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") {
      return `${path}[${key}]`;
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
      return `${path}[${JSON.stringify(key)}]`;
    }
    return path === "" ? key : `${path}.${key}`;
  }, root);
}
