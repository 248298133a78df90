import { ConfigurationError } from "./configuration";
import { RubyExpression } from "./regular-expressions";

/**
 * What the patterns of logstash-patterns-core 4.3.1 match, as far as this pipeline uses them. The image's Logstash 7.16.3 has this
 * release of them (Gemfile.jruby-2.5.lock.release), and without ECS compatibility the file patterns/legacy/grok-patterns.
 */
const patterns: Readonly<Record<string, string>> = {
  GREEDYDATA: ".*",
  HOUR: "(?:2[0-3]|[01]?[0-9])",
  ISO8601_TIMEZONE: "(?:Z|[+-]%{HOUR}(?::?%{MINUTE}))",
  MINUTE: "[0-5][0-9]",
  MONTHDAY: "(?:0[1-9]|[12][0-9]|3[01]|[1-9])",
  MONTHNUM: "(?:0?[1-9]|1[0-2])",
  SECOND: "(?:(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?)",
  TIMESTAMP_ISO8601: "%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?",
  WORD: "\\b\\w+\\b",
  YEAR: "(?>[0-9]{2}){1,2}",
};

/** A grok pattern, as jls-grok 0.11.5 compiles it: named captures only, and a dot matches newlines. */
export class Grok {
  private readonly expression: RubyExpression;

  /**
   * Compiles a pattern with those that it names.
   *
   * @throws ConfigurationError where a pattern is not defined above
   */
  constructor(pattern: string) {
    this.expression = new RubyExpression(expand(pattern), { dotMatchesNewline: true });
  }

  /** Pairs of field and text in the order of the captures, or null where the text does not match. */
  match(text: string): readonly (readonly [string, string])[] | null {
    const match = this.expression.match(text);
    return match && this.expression.groups.map((name, index) => [name as string, match.captures[index + 1] ?? ""]);
  }
}

function expand(pattern: string): string {
  return pattern.replace(/%\{([A-Z0-9_]+)(?::([\w@]+))?\}|%\{[^}]*\}/g, (whole, name?: string, field?: string) => {
    const known = name === undefined ? undefined : patterns[name];
    if (known === undefined) {
      throw new ConfigurationError(`the grok pattern ${whole} is not known`);
    }
    return field === undefined ? `(?:${expand(known)})` : `(?<${field}>${expand(known)})`;
  });
}
