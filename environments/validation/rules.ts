import * as v from "valibot";
import { didYouMean, type Problem } from "./problems";

/**
 * How problems travel through valibot: a schema's message is what it allows; a rule's issue carries
 * what is allowed as `expected` and the fix as its message. `toProblems` reads both back.
 */
export interface Finding {
  /** Keys from the object that is checked to the value at fault. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
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
  if (typeof value === "string" && options.some((option) => typeof option === "number" && String(option) === value)) {
    return `${hintMark}write ${value} without quotation marks`;
  }
  const hint = options.every((option) => typeof option === "string") ? didYouMean(value, options.map(String)) : "";
  return hint === "" ? `${hintMark}use one of these` : `${hintMark}${hint}`;
}

/** Separates, in a schema's message, what is allowed from a fix of its own. */
const hintMark = "\n";

/** A whole number in a range; without `maximum`, up to 2^53 - 1. */
export function integer(allowed: string, minimum: number, maximum: number = Number.MAX_SAFE_INTEGER) {
  return v.pipe(
    v.number(allowed),
    v.description(allowed),
    rule(allowed, (value) => {
      if (Number.isInteger(value) && value >= minimum && value <= maximum) {
        return true;
      }
      const near = Math.min(maximum, Math.max(minimum, Math.round(value)));
      return `use ${Number.isFinite(near) ? near : minimum}`;
    }),
  );
}

export const flag = v.pipe(v.boolean("true or false"), v.description("true or false"));

/** Null, or what `schema` takes. */
export function orNull<S extends v.GenericSchema>(schema: S, allowed: string) {
  return v.pipe(v.nullable(schema), v.description(allowed));
}

/** A list; `description` is what the report says of a missing or mistyped one. */
export function listOf<S extends v.GenericSchema>(item: S, allowed: string) {
  return v.pipe(v.array(item, allowed), v.description(allowed));
}

/** An object of any keys, each with such a value; not a list, date or other built-in. */
export function mapOf<T>(value: v.GenericSchema<T>, allowed: string): v.GenericSchema<Record<string, T>> {
  return v.pipe(
    v.custom<Record<string, T>>((map) => Object.prototype.toString.call(map) === "[object Object]", allowed),
    v.record(v.string(), value, allowed) as v.GenericSchema<Record<string, T>>,
    v.description(allowed),
  );
}

/** An object of exactly these fields. Each unknown key is a problem; `elsewhere` says where a known stray one belongs. */
export function record<const E extends v.ObjectEntries>(entries: E, elsewhere: Readonly<Record<string, string>> = {}) {
  const keys = Object.keys(entries);
  const allowed = `an object with the fields ${keys.join(", ")}`;
  const missing = (key: unknown) => {
    const entry = entries[key as string];
    return (entry && v.getDescription(entry as v.GenericSchema)) ?? "the field is required";
  };
  return v.pipe(
    v.looseObject(entries, (issue) => (issue.path ? missing(issue.path[0].key) : allowed)),
    v.description(allowed),
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
  );
}

/** A rule across fields. */
export interface CrossRule<T> {
  /** Paths of the fields that it reads, such as `network.vpcCidrBlock`. */
  readonly reads: readonly string[];
  readonly find: (value: T) => readonly Finding[];
}

/** Rules across fields. Each runs whatever else is wrong, unless a field that it reads is wrong by itself. */
export function across<T>(rules: readonly CrossRule<T>[]): v.RawCheckAction<T> {
  return v.rawCheck(({ dataset, addIssue }) => {
    const broken = (dataset.issues ?? []).map((issue) => formatPath(keysOf(issue)));
    const runnable = rules.filter(({ reads }) => !reads.some((path) => broken.some((other) => touches(path, other))));
    for (const { path, value, allowed, fix } of runnable.flatMap(({ find }) => find(dataset.value as T))) {
      const items = path.map((key) => ({ type: "unknown", origin: "value", input: undefined, key, value }) as const);
      addIssue({
        input: value,
        expected: allowed,
        message: fix,
        path: items as [v.IssuePathItem, ...v.IssuePathItem[]],
      });
    }
  });
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
    return { ...base, allowed, fix: keys.length === 0 ? "export the literal" : `add the field ${keys.at(-1)}` };
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
