import { ConfigurationError, type PluginNode, type ValueNode } from "./configuration";
import {
  FilterError,
  isFields,
  isList,
  type LogstashEvent,
  NotKnown,
  parseTime,
  Timestamp,
  textOf,
  type Value,
} from "./event";
import { Grok } from "./grok";
import { RubyExpression } from "./regular-expressions";

export type Filter = (event: LogstashEvent) => void;

/** Makes a filter of a clause, as Logstash does when it starts. Settings and filters that are not known here are an error. */
export function makeFilter(plugin: PluginNode, now: () => number): Filter {
  const settings = new Settings(plugin);
  const make = makers[plugin.name];
  if (make === undefined) {
    throw new ConfigurationError(`line ${plugin.line}: the filter ${plugin.name} is not known to the interpreter`);
  }
  const matched = decorations(settings);
  const filter = make(settings, matched, now);
  settings.refuseOthers();
  return filter;
}

/** The settings of a plugin: each is read once, and what nobody read is not known. */
export class Settings {
  private readonly read = new Set<string>();
  private readonly values = new Map<string, ValueNode>();

  constructor(readonly plugin: PluginNode) {
    for (const { name, value, line } of plugin.attributes) {
      const before = this.values.get(name);
      if (before !== undefined && (before.kind !== "hash" || value.kind !== "hash")) {
        throw new ConfigurationError(`line ${line}: ${plugin.name} has ${name} twice`);
      }
      // Logstash merges hashes: logstash-core/lib/logstash/compiler/lscl.rb, Plugin#expr_attributes.
      this.values.set(
        name,
        before?.kind === "hash" && value.kind === "hash"
          ? { ...value, value: [...before.value, ...value.value] }
          : value,
      );
    }
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || value.kind === "string" || value.kind === "bareword") {
      return value?.value;
    }
    throw this.wrong(name, "a text");
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.value(name);
    if (value === undefined) {
      return undefined;
    }
    const list = value.kind === "array" ? value.value : [value];
    return list.map((item) => {
      if (item.kind !== "string" && item.kind !== "bareword") {
        throw this.wrong(name, "a list of texts");
      }
      return item.value;
    });
  }

  /** Pairs in the order in which they are written. */
  hash(name: string): readonly (readonly [string, string])[] | undefined {
    const value = this.value(name);
    if (value === undefined) {
      return undefined;
    }
    if (value.kind !== "hash") {
      throw this.wrong(name, "a hash");
    }
    const names = value.value.map((entry) => entry.name);
    if (new Set(names).size < names.length) {
      throw new ConfigurationError(`line ${value.line}: ${this.plugin.name} has a key of ${name} twice`);
    }
    return value.value.map((entry) => {
      if (entry.value.kind !== "string" && entry.value.kind !== "bareword") {
        throw this.wrong(name, "a hash of texts");
      }
      return [entry.name, entry.value.value];
    });
  }

  ignore(...names: readonly string[]): void {
    for (const name of names) {
      this.read.add(name);
    }
  }

  refuseOthers(): void {
    for (const name of this.values.keys()) {
      if (!this.read.has(name)) {
        throw new ConfigurationError(
          `line ${this.plugin.line}: the setting ${name} of ${this.plugin.name} is not known to the interpreter`,
        );
      }
    }
  }

  private value(name: string): ValueNode | undefined {
    this.read.add(name);
    return this.values.get(name);
  }

  private wrong(name: string, wanted: string): ConfigurationError {
    return new ConfigurationError(`line ${this.plugin.line}: ${name} of ${this.plugin.name} must be ${wanted}`);
  }
}

/** What every filter does with an event that it matched. Source: logstash-core, filters/base.rb and util/decorators.rb. */
function decorations(settings: Settings): Filter {
  const fields = settings.hash("add_field") ?? [];
  const removed = settings.texts("remove_field") ?? [];
  const tags = settings.texts("add_tag") ?? [];
  return (event) => {
    for (const [field, template] of fields) {
      const name = event.format(field);
      const value = event.format(template);
      event.set(name, event.includes(name) ? [...listOf(event.get(name)), value] : value);
    }
    for (const field of removed) {
      event.remove(event.format(field));
    }
    if (tags.length > 0) {
      event.set("tags", [...listOf(event.get("tags")), ...tags.map((tag) => event.format(tag))]);
    }
  };
}

function listOf(value: Value): readonly Value[] {
  return value === null ? [] : isList(value) ? value : [value];
}

const makers: Readonly<Record<string, (settings: Settings, matched: Filter, now: () => number) => Filter>> = {
  json,
  grok,
  date,
  mutate,
};

/** logstash-filter-json 3.2.0. */
function json(settings: Settings, matched: Filter, now: () => number): Filter {
  const source = settings.text("source");
  const target = settings.text("target");
  const onFailure = settings.texts("tag_on_failure") ?? ["_jsonparsefailure"];
  if (source === undefined) {
    throw new ConfigurationError(`line ${settings.plugin.line}: json needs a source`);
  }
  const fail = (event: LogstashEvent) => {
    for (const tag of onFailure) {
      event.tag(tag);
    }
  };
  const read = (event: LogstashEvent, text: Value): void => {
    const parsed = parseJson(text);
    if (target !== undefined) {
      event.set(target, parsed);
      matched(event);
      return;
    }
    if (!isFields(parsed)) {
      throw new FilterError("a JSON value that is no object needs a target");
    }
    const { "@timestamp": time = null, ...fields } = parsed;
    for (const [name, value] of Object.entries(fields)) {
      event.set(name, value);
    }
    if (time !== null && time !== false) {
      const read = typeof time === "string" ? parseTime(time) : null;
      event.timestamp = read ?? new Timestamp(now());
      if (read === null) {
        event.tag("_timestampparsefailure");
        event.set("_@timestamp", typeof time === "string" ? time : textOf(time));
      }
    }
    matched(event);
  };
  return (event) => {
    const text = event.get(source);
    if (text !== null && text !== false) {
      rescue(
        () => read(event, text),
        () => fail(event),
      );
    }
  };
}

function rescue(action: () => void, handle: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof FilterError)) {
      throw error;
    }
    handle();
  }
}

function parseJson(text: Value): Value {
  if (typeof text !== "string") {
    throw new FilterError("no text");
  }
  if (text.trim() === "") {
    throw new NotKnown("JSON of a blank text");
  }
  let parsed: Value;
  try {
    parsed = JSON.parse(text) as Value;
  } catch {
    if (/[}\]]\s*[{[]\s*["\d{[\]}]/.test(text) && isSequence(text)) {
      throw new NotKnown("JSON values one after the other");
    }
    throw new FilterError("no JSON");
  }
  if (JSON.stringify(parsed, (_, value) => (isUnsafe(value) ? null : value)) !== JSON.stringify(parsed)) {
    throw new NotKnown("JSON with an integer beyond 2^53");
  }
  return parsed;
}

function isUnsafe(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
}

function isSequence(text: string): boolean {
  try {
    JSON.parse(`[${text.replace(/([}\]])\s*(?=[{[])/g, "$1,")}]`);
    return true;
  } catch {
    return false;
  }
}

/** logstash-filter-grok 4.4.1. */
function grok(settings: Settings, matched: Filter): Filter {
  const match = (settings.hash("match") ?? []).map(([field, pattern]) => ({ field, grok: new Grok(pattern) }));
  const overwrite = settings.texts("overwrite") ?? [];
  const onFailure = settings.texts("tag_on_failure") ?? ["_grokparsefailure"];
  return (event) => {
    for (const { field, grok } of match) {
      const input = event.get(field);
      if (isList(input) || isFields(input)) {
        throw new NotKnown(`grok of ${JSON.stringify(input)}`);
      }
      const captures = grok.match(input === null ? "" : textOf(input));
      if (captures) {
        for (const [name, value] of captures.filter(([, value]) => value !== "")) {
          const before = event.get(name);
          if (overwrite.includes(name) || before === null) {
            event.set(name, value);
          } else if (isList(before) || typeof before === "string") {
            event.set(name, [...listOf(before), value]);
          }
        }
        matched(event);
        return;
      }
    }
    for (const tag of onFailure) {
      event.tag(tag);
    }
  };
}

/** logstash-filter-date 3.1.14. */
function date(settings: Settings, matched: Filter): Filter {
  const [field, ...formats] = settings.texts("match") ?? [];
  const onFailure = settings.texts("tag_on_failure") ?? ["_dateparsefailure"];
  const unknown = formats.filter((format) => format !== "ISO8601");
  if (field === undefined || formats.length === 0 || unknown.length > 0) {
    throw new ConfigurationError(
      `line ${settings.plugin.line}: date needs a field and the format ISO8601 in match; other formats are not known to the interpreter`,
    );
  }
  return (event) => {
    const value = event.get(field);
    if (value === null) {
      return;
    }
    const time = typeof value === "string" ? (parseTime(value) ?? parseTime(value, " ")) : null;
    if (time !== null) {
      event.timestamp = time;
      matched(event);
      return;
    }
    for (const tag of onFailure) {
      event.tag(tag);
    }
  };
}

/** logstash-filter-mutate 3.5.6. Its operations run in this order, in whatever order they are written. */
function mutate(settings: Settings, matched: Filter): Filter {
  const rename = settings.hash("rename") ?? [];
  const replace = settings.hash("replace") ?? [];
  const convert = settings.hash("convert") ?? [];
  const gsub = chunks(settings.texts("gsub") ?? [], settings.plugin.line);
  const copy = settings.hash("copy") ?? [];
  for (const [field, type] of convert) {
    if (type !== "boolean") {
      throw new ConfigurationError(`line ${settings.plugin.line}: converting ${field} to ${type} is not known`);
    }
  }
  const operate = (event: LogstashEvent): void => {
    for (const [from, to] of rename) {
      const [source, target] = [event.format(from), event.format(to)];
      if (event.includes(source)) {
        event.set(target, event.remove(source));
      }
    }
    for (const [field, template] of replace) {
      event.set(field, event.format(template));
    }
    for (const [field] of convert) {
      const value = event.get(field);
      if (isList(value)) {
        event.set(
          field,
          value.map((each) => (each === null ? each : toBoolean(each))),
        );
      } else if (value !== null && !isFields(value)) {
        event.set(field, toBoolean(value));
      }
    }
    for (const { field, expression, replacement } of gsub) {
      const value = event.get(field);
      if (typeof value === "string") {
        event.set(field, expression.replaceAll(value, event.format(replacement)));
      } else if (isList(value)) {
        throw new NotKnown(`gsub of the list ${field}`);
      }
    }
    for (const [source, target] of copy) {
      const value = event.get(source);
      if (value !== null) {
        event.set(target, value);
      }
    }
    matched(event);
  };
  return (event) =>
    rescue(
      () => operate(event),
      () => event.tag("_mutate_error"),
    );
}

function chunks(texts: readonly string[], line: number) {
  if (texts.length % 3 !== 0 || texts.some((text, index) => index % 3 === 1 && text.includes("%{"))) {
    throw new ConfigurationError(
      `line ${line}: gsub needs field, expression and replacement for each, and no %{ in an expression`,
    );
  }
  return Array.from({ length: texts.length / 3 }, (_, index) => {
    const [field = "", expression = "", replacement = ""] = texts.slice(index * 3, index * 3 + 3);
    return { field, expression: new RubyExpression(expression), replacement };
  });
}

function toBoolean(value: Value): Value {
  const text = textOf(value);
  if (/^(true|t|yes|y|1|1.0)$/im.test(text)) {
    return true;
  }
  return text === "" || /^(false|f|no|n|0|0.0)$/im.test(text) ? false : value;
}
