/** Where the log archive keeps what, and in which form: the delivery writes it, and the table reads it. */

/** The delivery stream from CloudWatch Logs to the archive, its roles and its own log. */
export function logArchiveName(prefix: string): string {
  return `${prefix}-log-archive`;
}

/** The database of Glue's catalog, without the hyphens that Athena would want in quotation marks. */
export function logArchiveDatabase(prefix: string): string {
  return `${prefix.replaceAll("-", "_")}_archive`;
}

/** The folder of the archived log events, in which a folder `day=2026-11-25/` holds what arrived on that day, UTC. */
export const archivedLogsFolder = "logs/";

/** The folder of what Firehose could not read, by Firehose's own name of the failure and by day. */
export const undeliveredLogsFolder = "undelivered/";

/** The partition of the table. A Java date pattern, for Firehose and for Athena's partition projection. */
export const archiveDay = { name: "day", pattern: "yyyy-MM-dd" } as const;

/**
 * The members of a line, as CloudWatch Logs writes them for its subscribers, with their types in Athena. An object is gzip of such
 * lines, each with one or more events of one log stream. Source: Amazon CloudWatch Logs User Guide, "Subscription filters with Amazon
 * Data Firehose".
 */
export const archivedLogColumns = [
  { name: "messageType", type: "string", comment: "DATA_MESSAGE; CONTROL_MESSAGE is CloudWatch's test" },
  { name: "owner", type: "string", comment: "The account of the log group" },
  { name: "logGroup", type: "string", comment: "The log group" },
  { name: "logStream", type: "string", comment: "The log stream" },
  { name: "subscriptionFilters", type: "array<string>", comment: "The filters that let the events through" },
  {
    name: "logEvents",
    type: "array<struct<id:string,timestamp:bigint,message:string>>",
    comment: "The events: CloudWatch's id, milliseconds since 1970, the line",
  },
] as const;

/**
 * Seconds and MiB after which Firehose writes what it holds, whichever comes first: its largest, so that objects are few. Source: Amazon
 * Data Firehose API Reference, BufferingHints.
 */
export const archiveBuffer = { seconds: 900, mebibytes: 128 } as const;
