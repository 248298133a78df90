import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";

/** The answer of a domain, of whatever status. */
export interface Answer {
  readonly status: number;
  /** Parsed JSON; text where it is none. */
  readonly body: unknown;
}

export interface Body {
  readonly contentType: string;
  readonly text: string;
}

/** An Elasticsearch domain, spoken to over HTTP. */
export interface Domain {
  /**
   * @param path path and query, as they are sent
   * @throws Unavailable where nobody answers
   */
  send(method: string, path: string, body?: object | Body, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Nobody answers, or not yet. */
export class Unavailable extends Error {}

/** The domain answered, and did not do what it was asked. */
export class Refusal extends Error {
  constructor(
    readonly method: string,
    readonly path: string,
    readonly answer: Answer,
  ) {
    super(`${method} ${path}: the domain answers ${answer.status} ${JSON.stringify(answer.body)}`);
    this.name = "Refusal";
  }

  /** It may be otherwise in a moment: a policy that was written a moment ago does not hold everywhere, or a part starts. */
  get passes(): boolean {
    return [403, 429, 502, 503, 504].includes(this.answer.status);
  }
}

/** Headers of a request, with those that sign it. */
export type Sign = (
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
) => Promise<Record<string, string>>;

const timeoutMilliseconds = 60_000;

export class HttpDomain implements Domain {
  /**
   * @param url without a slash at its end
   * @param sign without it, requests are sent as they are
   */
  constructor(
    private readonly url: string,
    private readonly sign?: Sign,
  ) {}

  async send(
    method: string,
    path: string,
    body?: object | Body,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const url = new URL(this.url + path);
    const { contentType, text } = encoded(body);
    const unsigned = { ...headers, ...(contentType && { "content-type": contentType }) };
    const response = await fetch(url, {
      method,
      body: text,
      headers: this.sign ? await this.sign(method, url, unsigned, text) : unsigned,
      signal: AbortSignal.timeout(timeoutMilliseconds),
    }).catch((cause: Error) => {
      const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
      throw new Unavailable(`${url.host} does not answer: ${reason}`, { cause });
    });
    const answer = await response.text();
    return { status: response.status, body: parsed(answer) };
  }
}

function encoded(body: object | Body | undefined): { contentType?: string; text?: string } {
  if (body === undefined) {
    return {};
  }
  return "contentType" in body && "text" in body
    ? { contentType: String(body.contentType), text: String(body.text) }
    : { contentType: "application/json", text: JSON.stringify(body) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

class Sha256 {
  private hash: Hash | Hmac;

  constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = this.begin();
  }

  reset(): void {
    this.hash = this.begin();
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.hash.digest());
  }

  private begin(): Hash | Hmac {
    return this.secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(this.secret));
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === "string") {
    return Buffer.from(data);
  }
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(new Uint8Array(data));
}

/** Signs as the role that the environment's variables have a session of, as Lambda sets them. */
export function signer(environment: NodeJS.ProcessEnv): Sign {
  const { AWS_REGION: region = "", AWS_ACCESS_KEY_ID: accessKeyId = "" } = environment;
  const { AWS_SECRET_ACCESS_KEY: secretAccessKey = "", AWS_SESSION_TOKEN: sessionToken } = environment;
  const signature = new SignatureV4({
    service: "es",
    region,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    sha256: Sha256,
  });
  return async (method, url, headers, body) => {
    const signed = await signature.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers, host: url.host },
      body,
    });
    const { host: _host, ...rest } = signed.headers;
    return rest;
  };
}
