import { join } from "node:path";
import * as ts from "typescript";
import * as v from "valibot";
import { accountSchema, environmentSchema } from "../../environments/schema";
import { entriesOf } from "../../environments/validation/rules";

/** One field of an environment or an account, as its schema has it. */
export interface Field {
  /** Keys from the whole to the field; `[]` stands for each element of a list. */
  readonly path: readonly string[];
  /** The documentation of the schema's entry, which editors show on the literal; empty where there is none. */
  readonly meaning: string;
  readonly allowed: string;
  /** Where the field exists in one of several forms only: the value of `type` in that form. */
  readonly form?: string;
  /** Whether the field is an object, whose fields follow. */
  readonly isObject: boolean;
}

type Schema = v.GenericSchema & {
  readonly wrapped?: Schema;
  readonly item?: Schema;
  readonly options?: readonly Schema[];
  readonly literal?: string;
};

/** The fields of environments and of accounts, in the order of their schemas. Takes about a second: it reads types. */
export function describeFields(): { environment: Field[]; account: Field[] } {
  const file = join(__dirname, "../../environments/environment.ts");
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    strict: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source as ts.Node) as ts.Symbol);
  const typeOf = (name: string) => {
    const symbol = exported.find((candidate) => candidate.name === name) as ts.Symbol;
    return checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
  };
  return {
    environment: fieldsOf(environmentSchema as Schema, typeOf("Environment"), checker),
    account: fieldsOf(accountSchema as Schema, typeOf("Account"), checker),
  };
}

/** The fields below a value, told by its schema and its type together. */
function fieldsOf(
  schema: Schema,
  type: ts.Type,
  checker: ts.TypeChecker,
  path: readonly string[] = [],
  form?: string,
): Field[] {
  if (schema.wrapped) {
    return fieldsOf(schema.wrapped, checker.getNonNullableType(type), checker, path, form);
  }
  if (schema.item) {
    const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number) as ts.Type;
    return fieldsOf(schema.item, element, checker, [...path, "[]"], form);
  }
  if (schema.options && schema.type === "variant") {
    return schema.options.flatMap((option) => {
      const name = (entriesOf(option).type as Schema).literal;
      const forms = (type as ts.UnionType).types;
      const own = forms.find((each) => literalOf(each, checker) === name) as ts.Type;
      return fieldsOf(option, own, checker, path, name);
    });
  }
  return Object.entries(entriesOf(schema)).flatMap(([key, entry]) => {
    const property = type.getProperty(key) as ts.Symbol;
    const below = fieldsOf(entry as Schema, checker.getTypeOfSymbol(property), checker, [...path, key], form);
    const meaning = ts.displayPartsToString(property.getDocumentationComment(checker)).replace(/\s+/g, " ");
    const allowed = allowedOf(entry as Schema);
    const isObject = below.length > 0 && below.every((field) => field.path[path.length + 1] !== "[]");
    return [{ path: [...path, key], meaning, allowed, ...(form === undefined ? {} : { form }), isObject }, ...below];
  });
}

function literalOf(type: ts.Type, checker: ts.TypeChecker): unknown {
  const property = type.getProperty("type");
  return property && (checker.getTypeOfSymbol(property) as ts.StringLiteralType).value;
}

/** What the schema's messages allow; of a list, each element too. */
function allowedOf(schema: Schema): string {
  const own = v.getDescription(schema) ?? (schema.literal === undefined ? "" : JSON.stringify(schema.literal));
  const element = schema.item && Object.keys(entriesOf(schema.item)).length === 0 ? allowedOf(schema.item) : "";
  return element === "" ? own : `${own}. Each: ${element}`;
}
