/**
 * Reads `${jsonencode(...)}` as cdktf renders it: objects with `"key" = value`, lists, strings, numbers, booleans, null.
 * What Terraform would evaluate stays as text: the reference `aws_vpc.main.arn` reads as `"${aws_vpc.main.arn}"`, and a
 * template keeps its `${...}`.
 *
 * @throws Error with the rest of the text where it is not of that form
 */
export function parseJsonencode(expression: string): unknown {
  const match = /^\$\{jsonencode\((.*)\)\}$/s.exec(expression);
  if (!match?.[1]) {
    throw new Error(`no \${jsonencode(...)}: ${expression}`);
  }
  const reader = new Reader(match[1]);
  const value = reader.value();
  reader.end();
  return value;
}

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

class Reader {
  private position = 0;

  constructor(private readonly text: string) {}

  value(): unknown {
    this.skipSpace();
    switch (this.text[this.position]) {
      case "{":
        return Object.fromEntries(this.items("{", () => this.entry()));
      case "[":
        return this.items("[", () => this.value());
      case '"':
        return this.template() ?? this.expression();
      default:
        return this.expression();
    }
  }

  end(): void {
    this.skipSpace();
    if (this.position < this.text.length) {
      throw this.unexpected();
    }
  }

  private items<T>(open: string, item: () => T): T[] {
    const items: T[] = [];
    this.expect(open);
    while (!this.take(closing[open] as string)) {
      items.push(item());
      if (!this.take(",") && this.peek() !== closing[open]) {
        throw this.unexpected();
      }
    }
    return items;
  }

  private entry(): [string, unknown] {
    this.skipSpace();
    const key = this.string();
    this.expect("=");
    return [key, this.value()];
  }

  /** A string with interpolations, if it is the whole value. */
  private template(): string | undefined {
    const start = this.position;
    const raw = this.quoted();
    if ([",", "]", "}", undefined].includes(this.peek())) {
      return unescapeText(raw);
    }
    this.position = start;
    return undefined;
  }

  private string(): string {
    return unescapeText(this.quoted());
  }

  /** The text between the quotation marks, with `${...}` as it stands. */
  private quoted(): string {
    this.expect('"');
    const start = this.position;
    while (this.text[this.position] !== '"') {
      if (this.position >= this.text.length) {
        throw this.unexpected();
      }
      if (this.text[this.position] === "\\") {
        this.position += 2;
      } else if (this.text.startsWith("${", this.position)) {
        this.position += 1;
        this.balanced();
      } else {
        this.position += 1;
      }
    }
    this.position += 1;
    return this.text.slice(start, this.position - 1);
  }

  /** Literal, or what only Terraform can evaluate. */
  private expression(): unknown {
    const start = this.position;
    while (this.position < this.text.length && !",]})".includes(this.text[this.position] as string)) {
      const char = this.text[this.position] as string;
      if (char === '"') {
        this.quoted();
      } else if (char in closing) {
        this.balanced();
      } else {
        this.position += 1;
      }
    }
    const raw = this.text.slice(start, this.position).trim();
    if (raw === "") {
      throw this.unexpected();
    }
    return /^(true|false|null|-?\d+(\.\d+)?)$/.test(raw) ? JSON.parse(raw) : `\${${raw}}`;
  }

  /** From an opening bracket past its closing one. */
  private balanced(): void {
    const close = closing[this.text[this.position] as string];
    this.position += 1;
    while (this.text[this.position] !== close) {
      if (this.position >= this.text.length) {
        throw this.unexpected();
      }
      const char = this.text[this.position] as string;
      if (char === '"') {
        this.quoted();
      } else if (char in closing) {
        this.balanced();
      } else {
        this.position += 1;
      }
    }
    this.position += 1;
  }

  private peek(): string | undefined {
    this.skipSpace();
    return this.text[this.position];
  }

  private take(char: string): boolean {
    if (this.peek() !== char) {
      return false;
    }
    this.position += 1;
    return true;
  }

  private expect(char: string): void {
    if (!this.take(char)) {
      throw this.unexpected();
    }
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.position] ?? "")) {
      this.position += 1;
    }
  }

  private unexpected(): Error {
    return new Error(`unexpected: ${this.text.slice(this.position, this.position + 60) || "end of text"}`);
  }
}

/** Outside interpolations; within them Terraform's own quotation marks stand unescaped. */
function unescapeText(raw: string): string {
  return raw.replace(/\\(.)/g, (_, char: string) => ({ n: "\n", t: "\t", r: "\r" })[char] ?? char);
}
