import { type Fields, isFields, isList, type Value } from "./event";

/** A field of an index template: with `properties` an object. */
export interface Mapping {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Mapping>>;
  readonly dynamic?: boolean | "strict" | "true" | "false";
  readonly ignore_above?: number;
  readonly ignore_malformed?: boolean;
}

/** Bytes of the longest term that Lucene takes (Elasticsearch Reference 7.10, "ignore_above"). */
const longestTerm = 32766;

/**
 * What an index of this mapping would refuse of the document, and what would add a field to it; nothing where it takes the
 * document as it is. Source: Elasticsearch Reference 7.10, "Field data types", "dynamic", "ignore_malformed" (which is no help
 * against objects) and "Object" (a dot in a name is a path).
 */
export function mappingProblems(document: Fields, mapping: Mapping): string[] {
  return problemsOf(document, mapping, "", mapping.dynamic ?? true);
}

function problemsOf(
  fields: Fields,
  mapping: Mapping,
  prefix: string,
  dynamic: NonNullable<Mapping["dynamic"]>,
): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const [first = "", ...rest] = name.split(".");
    const path = `${prefix}${first}`;
    const field = mapping.properties?.[first];
    const inner = rest.length > 0 ? { [rest.join(".")]: value } : value;
    if (field === undefined) {
      return value === null || dynamic === false || dynamic === "false"
        ? []
        : [`${prefix}${name} would become a new field`];
    }
    if (field.properties) {
      const objects = valuesOf(inner);
      return objects.flatMap((each) =>
        isFields(each)
          ? problemsOf(each, field, `${path}.`, field.dynamic ?? dynamic)
          : [`${path} is an object, and got ${shown(each)}`],
      );
    }
    if (rest.length > 0) {
      return [`${path} is a ${field.type}, and ${prefix}${name} would be within it`];
    }
    return valuesOf(value)
      .filter((each) => !takes(field, each))
      .map((each) => `${path} is a ${field.type}, and got ${shown(each)}`);
  });
}

/** The values of a list, however deep: to an index a list is its values, and nothing is none. */
function valuesOf(value: Value): readonly Value[] {
  return isList(value) ? value.flatMap(valuesOf) : value === null ? [] : [value];
}

function takes(field: Mapping, value: Value): boolean {
  if (isFields(value)) {
    return false;
  }
  const text = String(value);
  switch (field.type) {
    case "text":
      return true;
    case "keyword":
      return text.length > (field.ignore_above ?? Number.POSITIVE_INFINITY) || Buffer.byteLength(text) <= longestTerm;
    case "boolean":
      return ["true", "false", ""].includes(text);
    case "long":
      return field.ignore_malformed === true || /^-?\d+(\.\d+)?$/.test(text);
    case "date":
      return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?)?$|^-?\d{1,13}$/.test(text);
    default:
      throw new Error(`the type ${field.type} is not known here`);
  }
}

function shown(value: Value): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
