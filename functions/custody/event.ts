import type { ObjectVersion, Reconciled } from "./chain";

/** An object that S3 took. */
export interface NewObject {
  readonly object: ObjectVersion;
  readonly uploader: string;
  readonly eventTime: string;
  /** Only where no message of S3 named it. */
  readonly reconciled?: Reconciled;
}

/** What the reconciliation sends about a version that no record names. */
export interface ReconciliationMessage {
  readonly source: typeof reconciliationSource;
  readonly object: ObjectVersion;
  /** ISO 8601, UTC. */
  readonly lastModified: string;
  readonly reconciled: Reconciled;
}

/** Tells a message of the reconciliation from one of S3. */
export const reconciliationSource = "custody.reconciliation";

interface Notification {
  readonly source?: unknown;
  readonly Event?: unknown;
  readonly Records?: readonly {
    readonly eventSource?: unknown;
    readonly eventName?: unknown;
    readonly eventTime?: unknown;
    readonly userIdentity?: { readonly principalId?: unknown };
    readonly s3?: {
      readonly bucket?: { readonly name?: unknown };
      readonly object?: { readonly key?: unknown; readonly versionId?: unknown };
    };
  }[];
}

/**
 * The new objects that a message from S3 names, or the one that the reconciliation found; none in S3's test message.
 * @throws Error where it is no message of either about objects that were created in `bucket`, with versions
 */
export function newObjects(body: string, bucket: string): NewObject[] {
  const notification = parse(body);
  if (notification.Event === "s3:TestEvent") {
    return [];
  }
  if (notification.source === reconciliationSource) {
    return [reconciledObject(notification, bucket)];
  }
  if (!Array.isArray(notification.Records) || notification.Records.length === 0) {
    throw new Error("not a notification of S3: no Records");
  }
  return notification.Records.map((record) => {
    const name = text(record, "eventName");
    if (record.eventSource !== "aws:s3" || !name.startsWith("ObjectCreated:")) {
      throw new Error(`not the creation of an object: ${String(record.eventSource)} ${name}`);
    }
    const from = text(record, "s3.bucket.name");
    if (from !== bucket) {
      throw new Error(`from the bucket ${from}, not ${bucket}`);
    }
    return {
      object: { bucket, key: decodeKey(text(record, "s3.object.key")), versionId: text(record, "s3.object.versionId") },
      uploader: text(record, "userIdentity.principalId"),
      eventTime: text(record, "eventTime"),
    };
  });
}

function reconciledObject(message: unknown, bucket: string): NewObject {
  const from = text(message, "object.bucket");
  if (from !== bucket) {
    throw new Error(`from the bucket ${from}, not ${bucket}`);
  }
  return {
    object: { bucket, key: text(message, "object.key"), versionId: text(message, "object.versionId") },
    // S3 lists versions without who put them.
    uploader: "unknown",
    eventTime: text(message, "lastModified"),
    reconciled: {
      foundAt: text(message, "reconciled.foundAt"),
      reason: text(message, "reconciled.reason") as Reconciled["reason"],
    },
  };
}

function parse(body: string): Notification {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (problem) {
    throw new Error(`not a notification of S3: ${(problem as Error).message}`);
  }
  if (value === null || typeof value !== "object") {
    throw new Error("not a notification of S3: not an object");
  }
  return value;
}

function text(record: unknown, path: string): string {
  const value = path
    .split(".")
    .reduce<unknown>((parent, name) => (parent as Record<string, unknown> | undefined)?.[name], record);
  if (typeof value !== "string" || value === "") {
    throw new Error(`not a notification of S3: no ${path}`);
  }
  return value;
}

/** Keys come as in the query of a URL (S3 User Guide, "Event message structure"). */
export function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll("+", " "));
}
