import { readFileSync } from "node:fs";
import { type FindOption, loadWASM, OnigScanner, OnigString, type Syntax } from "vscode-oniguruma";

/**
 * Regular expressions as Ruby has them, by Oniguruma. Logstash runs on JRuby, whose engine (Joni) is a port of Oniguruma:
 * possessive quantifiers, atomic groups, look-behind and the anchors of lines mean the same.
 */
export class RubyExpression {
  readonly groups: readonly (string | null)[];
  private readonly scanner: OnigScanner;

  /** @param dotMatchesNewline Ruby's Regexp::MULTILINE */
  constructor(
    readonly source: string,
    { dotMatchesNewline = false }: { readonly dotMatchesNewline?: boolean } = {},
  ) {
    this.groups = groupsOf(source);
    this.scanner = new OnigScanner([source], {
      options: [...asciiClasses, ...(dotMatchesNewline ? [multiline] : [])],
      syntax: ruby,
    });
  }

  match(text: string): RubyMatch | null {
    return this.matchFrom(text, text, 0);
  }

  test(text: string): boolean {
    return this.match(text) !== null;
  }

  /** Ruby's String#gsub with a string as replacement. */
  replaceAll(text: string, replacement: string): string {
    const parts: string[] = [];
    let position = 0;
    // Encoded once for all matches.
    const encoded = new OnigString(text);
    try {
      for (let start = 0; start <= text.length; ) {
        const match = this.matchFrom(text, encoded, start);
        if (!match) {
          break;
        }
        parts.push(text.slice(position, match.index), fill(replacement, match));
        position = match.end;
        start = match.end > match.index ? match.end : match.end + 1;
      }
    } finally {
      encoded.dispose();
    }
    return parts.join("") + text.slice(position);
  }

  private matchFrom(text: string, encoded: string | OnigString, start: number): RubyMatch | null {
    const found = this.scanner.findNextMatchSync(encoded, start);
    const whole = found?.captureIndices[0];
    if (!found || !whole) {
      return null;
    }
    const captures = found.captureIndices.map(({ start: from, end }) => text.slice(from, end));
    return { index: whole.start, end: whole.end, captures };
  }
}

export interface RubyMatch {
  readonly index: number;
  readonly end: number;
  /** The whole match, then the groups by number. A group that took no part is empty: nothing here tells the two apart. */
  readonly captures: readonly string[];
}

/** Escapes of a replacement in Ruby: `\1` to `\9` and `\0` a group, `\\` a backslash. */
function fill(replacement: string, { captures }: RubyMatch): string {
  return replacement.replace(/\\(.?)/gs, (_, escaped: string) => {
    if (/[0-9]/.test(escaped)) {
      return captures[Number(escaped)] ?? "";
    }
    if (escaped === "\\") {
      return "\\";
    }
    throw new Error(`the replacement ${replacement} has an escape that this interpreter does not know: \\${escaped}`);
  });
}

/** The names of a pattern's groups in their order, or null for each where they have none. With named ones Ruby captures no others. */
function groupsOf(source: string): (string | null)[] {
  const text = source.replace(/\\./gs, "__").replace(/\[\^?\]?[^\]]*\]/g, "_");
  const named = [...text.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name = ""]) => name);
  const unnamed = [...text.matchAll(/\((?!\?)/g)];
  return named.length > 0 ? named : unnamed.map(() => null);
}

// Numbers of vscode-oniguruma's constant enumerations, which a module of its own cannot read.
const ruby = 10 as Syntax;
const multiline = 4 as FindOption;
/** \w, \d and \s are ASCII's in Ruby. */
const asciiClasses = [15, 16, 17] as FindOption[];

/** Loads the engine, once for a process. It has to be there before the first expression is made. */
export function loadEngine(): Promise<void> {
  loaded ??= loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer as ArrayBuffer);
  return loaded;
}
let loaded: Promise<void> | undefined;
