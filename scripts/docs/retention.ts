import { accounts, environments } from "../../environments";
import type { Account, Environment } from "../../environments/environment";
import { isPilotLight } from "../../environments/recovery";
import { type Kept, type Period, retentionTable } from "../../facts/retention-table";

const introduction = `# How long records are kept

This page is made by \`npm run docs\` from \`facts/retention-table.ts\`. \`npm test -- retention\` reads every synthesized stack, and fails
where a record could end earlier than its row says, or is not locked as it says. It changes each row's resources on purpose to see that.

**Seven years are SkyManuals' own policy.** No text of EASA or FAA that was read for this page says seven. They cover the fixed periods
that were read: 5 years for records of security events (IS.D.OR.245(a)(4) of Delegated Regulation (EU) 2022/1645), 3 years for
maintenance records (145.A.55(a)(3)), 1 year or until superseded (14 CFR 91.417(b)(1), 135.439(b)(1)). Whether the airline's side,
IS.I.OR.245 of Implementing Regulation (EU) 2023/203, says the same, a person has to check: its text was not read.

**They do not cover a period that begins with an event.** These run

- until 5 years after an approval lost its validity: IS.D.OR.245(a)(2);
- until 5 years after a contract of managed activities was amended or terminated: IS.D.OR.245(a)(3);
- with the aircraft, when it is sold: status records, 14 CFR 91.417(b)(3) and 135.439(b)(3).

What counts from the day on which it was written may delete such a record too early. Keep it elsewhere, or put a legal hold on the
version of its chunk, which outlives every rule of this page where the bucket has Object Lock.

The best text on copies in another place is AMC1 21.B.55(a), CAMO.B.220(a) and BOP.ADD.205, in one wording: at least one backup,
updated within 24 hours of any new entry, in a different location, protected from alteration. The first two bind authorities, the third
balloon operators: for SkyManuals it is an analogy.
`;

const explanation = `A field in the table is one of [the environment's file](environments.md). S3 deletes an object on the midnight
UTC after its time is over. Where \`protection.forceDestroy\` is true, \`terraform destroy\` deletes everything, whatever is locked under
GOVERNANCE.

**Production expires chunks in use** as long as \`storage.currentChunks\` is \`expire\`, the documented value: a manual that nobody
changed for seven years is hidden while it is read. \`keep\` ends that, in place.

**Chunks are not locked.** Object Lock cannot be put on the documented bucket by Terraform without replacing it, and a chunk may be
deleted by the API. What was deleted is kept as a superseded version; the chain of custody, which is locked, says what it was.
`;

const titles: Readonly<Record<Kept["stack"], string>> = {
  environment: "Environments",
  account: "Accounts",
  state: "Terraform's states",
};

/** docs/retention.md: every kind of record, and how long each shipped environment keeps it. */
export function retentionPage(): string {
  const kinds = (Object.keys(titles) as Kept["stack"][]).filter((kind) =>
    retentionTable.some(({ stack }) => stack === kind),
  );
  return [introduction, ...kinds.flatMap((kind) => [`## ${titles[kind]}\n`, table(kind)]), explanation].join("\n");
}

function table(kind: Kept["stack"]): string {
  const columns: readonly (Environment | Account)[] = {
    environment: environments.filter((each) => !isPilotLight(each)),
    account: accounts,
    state: [],
  }[kind];
  const heading = [
    "record",
    "where",
    ...(columns.length > 0 ? columns.map(({ name }) => name) : ["how long"]),
    "lock",
    "the clock starts",
    "asked for by",
  ];
  const rows = retentionTable
    .filter(({ stack }) => stack === kind)
    .map((row) => [
      row.record,
      place(row),
      ...(columns.length > 0
        ? columns.map((each) => (isAbsent(row, each) ? "none" : shown(row.period, each)))
        : [shown(row.period)]),
      row.lock ? `\`${row.lock.mode}\`, for \`${row.lock.days}\`` : "none",
      row.clock,
      row.askedBy,
    ]);
  return `${[heading, heading.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

function isAbsent({ absentWhere }: Kept, environment: Environment | Account): boolean {
  return absentWhere !== undefined && (fieldOf(absentWhere.field, environment) === null) === absentWhere.isNull;
}

function fieldOf(field: string, environment?: Environment | Account): unknown {
  return field
    .split(".")
    .reduce<unknown>((holder, key) => (holder as Record<string, unknown> | null | undefined)?.[key], environment);
}

function place({ where, expiry, period }: Kept): string {
  const folder = expiry.by === "rules" && expiry.folder !== undefined ? `, below \`${expiry.folder}\`` : "";
  const field = typeof period === "object" && "field" in period ? `; \`${period.field}\`` : "";
  return `\`${where}\`${folder}${field}`;
}

function shown(period: Period, environment?: Environment | Account): string {
  if (period === "kept") {
    return "for ever";
  }
  if (typeof period === "number") {
    return days(period);
  }
  if ("last" in period) {
    return `the last ${period.last}`;
  }
  const value = fieldOf(period.field, environment);
  const meant = period.values?.[String(value)] ?? value;
  return meant === null || meant === 0 ? "none" : meant === "kept" ? "for ever" : days(Number(meant));
}

function days(count: number): string {
  return count === 1 ? "a day" : `${count} days`;
}
