import { createHash } from "node:crypto";
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { Facts, ObjectVersion } from "./chain";

/** What an object may be. */
export interface Rules {
  /** Media types without parameters, in lower case. */
  readonly contentTypes: readonly string[];
  readonly maximumBytes: number;
}

type Findings = Pick<Facts, "verdict" | "problems" | "size" | "contentType" | "sha256">;

/** Bytes at the beginning that tell what a content is. */
const headBytes = 1024;

/**
 * Reads a version once, as a stream, and holds it against the rules.
 * @throws S3ServiceException unless the version, or its bucket, is gone
 */
export async function inspect(s3: S3Client, object: ObjectVersion, rules: Rules): Promise<Findings> {
  const { bucket: Bucket, key: Key, versionId: VersionId } = object;
  let response: GetObjectCommandOutput;
  try {
    response = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  } catch (problem) {
    if (problem instanceof S3ServiceException && ["NoSuchKey", "NoSuchVersion"].includes(problem.name)) {
      return {
        verdict: "rejected",
        problems: ["the version was deleted before it could be read"],
        size: null,
        contentType: null,
        sha256: null,
      };
    }
    throw problem;
  }
  const { Body, ContentLength: size = 0, ContentType: contentType = "binary/octet-stream", ContentEncoding } = response;
  const body = Body as AsyncIterable<Uint8Array> & { destroy(): void };
  const problems: string[] = [];
  const mediaType = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  if (!rules.contentTypes.includes(mediaType)) {
    problems.push(`content type ${contentType}; allowed: ${rules.contentTypes.join(", ")}`);
  }
  if (size > rules.maximumBytes) {
    body.destroy();
    problems.push(`${size} bytes; at most ${rules.maximumBytes}`);
    return { verdict: "rejected", problems, size, contentType, sha256: null };
  }
  const hash = createHash("sha256");
  const head: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    if (read < headBytes) {
      head.push(chunk);
    }
    read += chunk.length;
  }
  if (read !== size) {
    throw new Error(`read ${read} of ${size} bytes of ${Key}`);
  }
  const form = formOf(mediaType, ContentEncoding);
  if (form !== undefined && !begins(form, Buffer.concat(head).subarray(0, headBytes))) {
    problems.push(`the content does not begin as ${form} does`);
  }
  const verdict = problems.length === 0 ? "accepted" : "rejected";
  return { verdict, problems, size, contentType, sha256: hash.digest("hex") };
}

/** What the stored bytes are: those of an encoded object are the encoding's, and but for gzip nothing is known of them. */
function formOf(mediaType: string, contentEncoding = ""): string | undefined {
  // aws-chunked tells how the object was sent; some clients leave it behind.
  const encodings = contentEncoding
    .toLowerCase()
    .split(",")
    .map((encoding) => encoding.trim())
    .filter((encoding) => !["", "identity", "aws-chunked"].includes(encoding));
  if (encodings.length === 0) {
    return mediaType;
  }
  return encodings.at(-1) === "gzip" ? "application/gzip" : undefined;
}

const startsWith = (text: string) => (head: Buffer) => head.subarray(0, text.length).toString("latin1") === text;
const text = (head: Buffer) => !head.includes(0);
/** After white space and a byte order mark. */
const startsWithOneOf = (characters: string) => (head: Buffer) => {
  const first = head
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart()[0];
  return first !== undefined && characters.includes(first);
};

/** How contents of a type begin; nothing is known of other types. */
const beginnings: Readonly<Record<string, (head: Buffer) => boolean>> = {
  "application/gzip": startsWith("\x1f\x8b"),
  "application/json": startsWithOneOf('{["tfn-0123456789'),
  // Readers accept the header anywhere in the first 1024 bytes (ISO 32000-1, implementation note 13).
  "application/pdf": (head) => head.includes("%PDF-"),
  "application/xml": startsWithOneOf("<"),
  "application/zip": startsWith("PK"),
  "image/jpeg": startsWith("\xff\xd8\xff"),
  "image/png": startsWith("\x89PNG\r\n\x1a\n"),
  "image/svg+xml": startsWithOneOf("<"),
  "image/webp": (head) => startsWith("RIFF")(head) && head.subarray(8, 12).toString("latin1") === "WEBP",
  "text/csv": text,
  "text/html": text,
  "text/markdown": text,
  "text/plain": text,
  "text/xml": startsWithOneOf("<"),
};

function begins(mediaType: string, head: Buffer): boolean {
  return beginnings[mediaType]?.(head) ?? true;
}
