/** A point in time as Logstash 7.16 keeps it: to the millisecond. */
export class Timestamp {
  constructor(readonly milliseconds: number) {}

  toString(): string {
    return new Date(this.milliseconds).toISOString();
  }

  toJSON(): string {
    return this.toString();
  }
}

export type Value = null | boolean | number | string | Timestamp | readonly Value[] | Fields;
export interface Fields {
  readonly [name: string]: Value;
}
type Mutable = Record<string, Value>;

/** The interpreter does not know what Logstash does here. */
export class NotKnown extends Error {}

/** Logstash's worker ends with an exception here: the pipeline stops, and reads the event again when it is back. */
export class PipelineCrash extends Error {}

/** What a filter's own `rescue` catches. */
export class FilterError extends Error {}

export function isFields(value: Value | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Timestamp);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/**
 * An event within Logstash. Source of each operation: logstash-core 7.16.3, org.logstash.Event, Accessors, FieldReference and
 * StringInterpolation.
 */
export class LogstashEvent {
  private readonly data: Mutable;
  private metadata: Mutable = {};

  constructor(fields: Fields, timestamp: Timestamp) {
    this.data = { "@version": "1", ...structuredCloneOf(fields), "@timestamp": timestamp };
  }

  get(reference: string): Value {
    const { root, path } = this.resolve(reference);
    return path.reduce<Value>((value, key) => child(value, key), root);
  }

  includes(reference: string): boolean {
    const { root, path } = this.resolve(reference);
    const parent = path.slice(0, -1).reduce<Value>((value, key) => child(value, key), root);
    const key = path.at(-1);
    return key === undefined || (isFields(parent) ? Object.hasOwn(parent, key) : child(parent, key) !== null);
  }

  /**
   * Sets a field, and the objects on the way to it.
   *
   * @throws FilterError where the place is within a text, number or the like, or `@timestamp` would be none
   */
  set(reference: string, value: Value): void {
    const { root, path } = this.resolve(reference);
    const key = path.at(-1);
    if (key === undefined) {
      if (!isFields(value)) {
        throw new FilterError("@metadata takes an object only");
      }
      this.metadata = structuredCloneOf(value) as Mutable;
      return;
    }
    if (root === this.data && path.length === 1 && key === "@timestamp" && !(value instanceof Timestamp)) {
      throw new FilterError("@timestamp takes a time only");
    }
    let target: Value = root;
    for (const step of path.slice(0, -1)) {
      let next: Value = child(target, step);
      if (next === null) {
        next = {};
        put(target, step, next);
      }
      target = next;
    }
    put(target, key, structuredCloneOf(value));
  }

  remove(reference: string): Value {
    const value = this.get(reference);
    const { root, path } = this.resolve(reference);
    const key = path.at(-1);
    if (key === undefined) {
      this.metadata = {};
      return value;
    }
    const parent = path.slice(0, -1).reduce<Value>((each, step) => child(each, step), root);
    if (isFields(parent)) {
      delete (parent as Mutable)[key];
    } else if (isList(parent)) {
      throw new NotKnown(`removing ${reference} from a list`);
    }
    return value;
  }

  /**
   * Adds a tag, once.
   *
   * @throws PipelineCrash where `tags` is neither text nor a list: Event#existingTag casts it, and no filter rescues that
   */
  tag(tag: string): void {
    const tags = this.get("tags");
    if (tags !== null && typeof tags !== "string" && !isList(tags)) {
      throw new PipelineCrash(`tags is ${JSON.stringify(tags)}: Logstash cannot add ${tag}`);
    }
    const list = tags === null ? [] : isList(tags) ? tags : [tags];
    if (!list.includes(tag)) {
      this.set("tags", [...list, tag]);
    }
  }

  get timestamp(): Timestamp {
    return this.data["@timestamp"] as Timestamp;
  }

  set timestamp(timestamp: Timestamp) {
    this.data["@timestamp"] = timestamp;
  }

  /** Fills `%{field}`, `%{[a][b]}` and `%{+Joda format}`. What is not there stays as it is written. */
  format(template: string): string {
    return template.replace(/%\{([^}]*)\}/g, (whole, name: string) => {
      if (name.startsWith("+")) {
        return formatTime(this.timestamp, name.slice(1));
      }
      const value = this.get(name);
      return value === null ? whole : textOf(value);
    });
  }

  /** The event as an output gets it: without `@metadata`. */
  toDocument(): Fields {
    return JSON.parse(JSON.stringify(this.data)) as Fields;
  }

  private resolve(reference: string): { root: Mutable; path: readonly string[] } {
    const [first = "", ...rest] = pathOf(reference);
    return first === "@metadata" ? { root: this.metadata, path: rest } : { root: this.data, path: [first, ...rest] };
  }
}

/**
 * The names on the way to a field: `a` and `[a][b]`.
 *
 * @throws FilterError where FieldReference's strict parser refuses the reference
 */
export function pathOf(reference: string): readonly string[] {
  if (reference === "") {
    throw new NotKnown("a reference to a field without a name");
  }
  if (!/[[\]]/.test(reference)) {
    return [reference];
  }
  if (!/^(\[[^[\]]+\])+$/.test(reference)) {
    throw new FilterError(`Invalid FieldReference: ${reference}`);
  }
  return reference.slice(1, -1).split("][");
}

function child(value: Value, key: string): Value {
  if (isList(value)) {
    const index = /^-?\d+$/.test(key) ? Number(key) : Number.NaN;
    return value.at(index < -value.length ? value.length : index) ?? null;
  }
  return isFields(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

function put(target: Value, key: string, value: Value): void {
  if (isList(target)) {
    throw new NotKnown(`setting ${key} in a list`);
  }
  if (!isFields(target)) {
    throw new FilterError(`Could not set field '${key}' on '${target}'`);
  }
  (target as Mutable)[key] = value;
}

function structuredCloneOf<T extends Value>(value: T): T {
  if (isList(value)) {
    return value.map(structuredCloneOf) as unknown as T;
  }
  if (isFields(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, structuredCloneOf(each)]),
    ) as unknown as T;
  }
  return value;
}

/** A value in a text: an object as JSON, a list with commas. Source: StringInterpolation and KeyNode. */
export function textOf(value: Value): string {
  if (isList(value)) {
    return value
      .map((each) => {
        if (isFields(each)) {
          return `{${Object.entries(each)
            .map(([key, item]) => `${key}=${item}`)
            .join(", ")}}`;
        }
        return each === null ? "" : textOf(each);
      })
      .join(",");
  }
  return isFields(value) ? JSON.stringify(value) : String(value);
}

/** Letters of Joda's DateTimeFormat, in UTC. Here the year of the era is the year. */
function formatTime({ milliseconds }: Timestamp, pattern: string): string {
  const [year = "", month = "", day = "", hour = "", minute = "", second = ""] = new Date(milliseconds)
    .toISOString()
    .split(/[-T:.]/);
  const fields: Record<string, string> = {
    YYYY: year,
    yyyy: year,
    MM: month,
    dd: day,
    HH: hour,
    mm: minute,
    ss: second,
  };
  return pattern.replace(/([A-Za-z])\1*|'/g, (letters) => {
    const field = fields[letters];
    if (field === undefined) {
      throw new NotKnown(`${letters} in the time format ${pattern}`);
    }
    return field;
  });
}

/**
 * A time as Joda's ISODateTimeFormat.dateTimeParser reads it, null where that refuses it. A time without a zone is UTC: the
 * image's zone. Forms that no line of the API has (ordinal and week dates, a time alone) are not known here.
 *
 * @param separator `T`, or a blank for the four further patterns of the date filter's ISO8601
 */
export function parseTime(text: string, separator: "T" | " " = "T"): Timestamp | null {
  if (/^(T|\d{4}-(W|\d{3}$|\d{3}T)|[+-]|\d{5})/.test(text)) {
    throw new NotKnown(`the time ${text}`);
  }
  const zone = "(Z|[+-]\\d{2}(?::?\\d{2})?)?";
  const form =
    separator === "T"
      ? new RegExp(
          `^(\\d{4})(?:-(\\d{1,2})(?:-(\\d{1,2}))?)?(?:T(?:(\\d{1,2})(?::(\\d{1,2})(?::(\\d{1,2})(?:[.,](\\d+))?)?)?)?${zone})?$`,
        )
      : new RegExp(`^(\\d{4})-(\\d{1,2})-(\\d{1,2}) (\\d{1,2}):(\\d{1,2}):(\\d{1,2})[.,](\\d{1,3})${zone}$`);
  const found = form.exec(text);
  if (!found) {
    return null;
  }
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const fraction = Math.floor(Number(`0.${found[7] ?? "0"}`) * 1000);
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second, fraction);
  const read = new Date(milliseconds);
  const exact =
    read.getUTCFullYear() === year &&
    read.getUTCMonth() === month - 1 &&
    read.getUTCDate() === day &&
    read.getUTCHours() === hour &&
    read.getUTCMinutes() === minute &&
    read.getUTCSeconds() === second;
  return exact ? new Timestamp(milliseconds - offsetOf(found[8])) : null;
}

function offsetOf(zone: string | undefined): number {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? "") ?? [];
  return sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
