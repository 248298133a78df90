import { formatSeconds } from "../command/progress";

/** What is promised for the loss of a region: docs/recovery.md. */
export const objectives = {
  /** Recovery time objective: from the decision until users are served again. */
  recoverySeconds: 4 * 3600,
  /** Recovery point objective: the newest writes that may be missing. */
  pointSeconds: 3600,
} as const;

/** How long something takes on AWS, which an emulator cannot show. */
export interface Assumption {
  /** Of the drill's step that it stands for. */
  readonly step: StepId;
  readonly what: string;
  /** Seconds, at least and at most; null where AWS publishes none. */
  readonly range: { readonly least: number; readonly most: number } | null;
  /** Title of the document that says so, or where it was looked for. */
  readonly source: string;
}

/** The steps of a drill, in their order. */
export type StepId = "write" | "copy" | "lose" | "backup" | "deploy" | "row" | "chunks" | "chain" | "dns";

/** Those that count towards the recovery time: what happens after the region is lost. */
export const recoverySteps: readonly StepId[] = ["backup", "deploy", "row", "chunks", "chain", "dns"];

const none = "AWS publishes none";

/** What AWS takes for the recovery's steps. Each source was read in November 2026. */
export const recoveryAssumptions: readonly Assumption[] = [
  {
    step: "deploy",
    what: "restore of the database from replicated backups",
    range: { least: 30 * 60, most: 90 * 60 },
    source: `${none}. "Minutes to hours", and 30 to 90 minutes for a new instance, is what techwithdb.com claims without a measurement; restore testing of AWS Backup measures it`,
  },
  { step: "deploy", what: "creation of the cache and of the log store's domain", range: null, source: none },
  { step: "deploy", what: "start of the API's tasks on Fargate", range: null, source: none },
  { step: "deploy", what: "deployment of the CloudFront distribution", range: null, source: none },
  {
    step: "chain",
    what: "verification of the whole chain of custody",
    range: null,
    source: "docs/custody.md has the measured records a second; the length of the chain is the account's",
  },
  { step: "dns", what: "propagation of the changed record", range: null, source: none },
];

/** How old the newest data of the recovery region can be. */
export const pointAssumptions: readonly (Omit<Assumption, "step"> & { readonly data: "database" | "documents" })[] = [
  {
    data: "database",
    what: "transaction logs, uploaded by the database to S3",
    range: { least: 0, most: 5 * 60 },
    source: 'AWS re:Post, "Why are my RDS point-in-time restores failing": every 5 minutes',
  },
  {
    data: "database",
    what: "their copy into the recovery region",
    range: null,
    source: `Amazon RDS User Guide, "Replicating automated backups to another AWS Region": as soon as they are ready. ${none}`,
  },
  {
    data: "documents",
    what: "copies of chunks and custody records with S3 Replication Time Control",
    range: { least: 0, most: 15 * 60 },
    source:
      'Amazon S3 User Guide, "Meeting compliance requirements with S3 Replication Time Control": most within seconds, 99.99 % within 15 minutes',
  },
];

export interface Total {
  /** Seconds of the parts that have a figure, at most. */
  readonly known: number;
  /** Parts without a figure. */
  readonly unknown: readonly string[];
  readonly objective: number;
  /** false: the known parts alone are longer. null: they are not, and others have no figure. */
  readonly within: boolean | null;
}

/** Parts that follow each other, against an objective. */
export function totalOf(parts: readonly Pick<Assumption, "what" | "range">[], objective: number): Total {
  const known = parts.reduce((sum, { range }) => sum + (range?.most ?? 0), 0);
  const unknown = parts.filter(({ range }) => range === null).map(({ what }) => what);
  return { known, unknown, objective, within: known > objective ? false : unknown.length > 0 ? null : true };
}

/** `30 min to 90 min`, or that there is none. */
export function formatRange(range: Assumption["range"]): string {
  return range === null ? "no figure" : `${formatSeconds(range.least)} to ${formatSeconds(range.most)}`;
}
