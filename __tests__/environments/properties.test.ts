import fc from "fast-check";
import { validateEnvironments } from "../../environments";
import type { Environment } from "../../environments/environment";
import { accountOf, environmentArbitrary } from "./arbitrary";
import { keysOf, withValue } from "./edit";

function problemsOf(environment: Environment) {
  return validateEnvironments([environment], [accountOf(environment)]);
}

test("every generated environment is valid", () => {
  fc.assert(
    fc.property(environmentArbitrary, (environment) => {
      expect(problemsOf(environment)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** Paths of all fields; a workspace is one, since either of its two forms is a field short of the other. */
function fieldsOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value) || path === "backend.workspace") {
    return [path];
  }
  return [
    ...(path === "" ? [] : [path]),
    ...Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, path === "" ? key : `${path}.${key}`)),
  ];
}

const badValues: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom<unknown>(Number.NaN, -1, 0.5, "", " ", "\u0000", "../../etc", () => "function", new Date(0)),
);

test("one field replaced by nonsense is refused under its own path", () => {
  fc.assert(
    fc.property(
      environmentArbitrary.chain((environment) =>
        fc.tuple(fc.constant(environment), fc.constantFrom(...fieldsOf(environment)), badValues),
      ),
      ([environment, path, value]) => {
        // 0.5 USD is a budget.
        fc.pre(!(["budget.limitUsd", "size.monthlyBudgetUsd"].includes(path) && value === 0.5));
        const mutated = withReplaced(environment, path, value);
        const reported = problemsOf(mutated).map((problem) => problem.path);
        expect(
          reported.some((found) => found === path || found.startsWith(`${path}.`) || found.startsWith(`${path}[`)),
        ).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test("one unknown field anywhere is refused under its own path", () => {
  fc.assert(
    fc.property(
      environmentArbitrary.chain((environment) =>
        fc.tuple(fc.constant(environment), fc.constantFrom("", ...objectsOf(environment))),
      ),
      ([environment, holder]) => {
        const path = holder === "" ? "surplus" : `${holder}.surplus`;
        const problems = problemsOf(withValue(environment, path, 1));
        expect(problems.map((problem) => problem.path)).toEqual([path]);
      },
    ),
  );
});

function objectsOf(environment: Environment): string[] {
  const at = (path: string) =>
    keysOf(path).reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], environment);
  return fieldsOf(environment).filter((path) => {
    const value = at(path);
    return typeof value === "object" && value !== null && !Array.isArray(value) && !/^adopted\./.test(path);
  });
}

/** As `withValue`, for values that structuredClone refuses. */
function withReplaced(environment: Environment, path: string, value: unknown): Environment {
  const copy = withValue(environment, path, value === undefined ? undefined : null);
  if (value !== undefined) {
    const keys = keysOf(path);
    const last = keys.pop() as string;
    const holder = keys.reduce<Record<string, unknown>>(
      (object, key) => object[key] as Record<string, unknown>,
      copy as unknown as Record<string, unknown>,
    );
    holder[last] = value;
  }
  return copy;
}
