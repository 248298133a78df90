import { type Article, articles } from "../articles";
import type { PlannedResources } from "../planned";
import { type Finding, isDisposable, type Requirement } from "../requirement";
import { access } from "./access";
import { encryption } from "./encryption";
import { chunksKeptFor, databaseKeptFor, logsArchivedFor, records, reporting, trailKeptFor } from "./records";
import { copied, recovery } from "./recovery";

/** Days that cover any such period, leap days included. */
const periods = { months3: 92, year: 366, years3: 1096, years5: 1827 } as const;

interface Rule {
  readonly id: string;
  readonly article: Article;
  readonly title: string;
  readonly findings: (planned: PlannedResources) => readonly Finding[];
  readonly meaning: string;
  readonly inAccount: string;
  readonly decidedInAccount?: boolean;
}

const contents = "What a manual or record is, and which rule it falls under: the platform keeps all chunks alike.";

/** An analogy is a rule that binds others: authorities, or operators of balloons. */
const table: readonly Rule[] = [
  {
    id: "easa.is-d-or-245-a-4",
    article: "IS.D.OR.245(a)(4)",
    title: "Security records are kept for 5 years",
    findings: (planned) => [
      ...logsArchivedFor(planned, periods.years5),
      ...trailKeptFor(planned, periods.years5),
      ...databaseKeptFor(planned, periods.years5),
    ],
    meaning: "The clock starts when a record is written.",
    inAccount: "That processes, risks and incidents are recorded in the platform at all.",
  },
  {
    id: "easa.is-d-or-245-a-2",
    article: "IS.D.OR.245(a)(2)",
    title: "Records of an approval are kept until 5 years after it lapsed",
    findings: (planned) => chunksKeptFor(planned, periods.years5),
    meaning:
      "The clock starts at an event that no plan knows: a rule that counts from the creation of an object may delete it too early.",
    inAccount: "A person decides: which objects are such records, and that these are locked or held until the event.",
    decidedInAccount: true,
  },
  {
    id: "easa.is-d-or-245-a-3",
    article: "IS.D.OR.245(a)(3)",
    title: "Contracts are kept until 5 years after they ended",
    findings: (planned) => chunksKeptFor(planned, periods.years5),
    meaning: "As above: the clock starts when the contract is amended or terminated.",
    inAccount: "A person decides: the platform does not know contracts.",
    decidedInAccount: true,
  },
  {
    id: "easa.is-i-or-230",
    article: "IS.I.OR.230",
    title: "An incident is reported within 72 hours",
    findings: reporting,
    meaning: "The platform tells a person within minutes. The report itself is made by that person.",
    inAccount: "The time from the log line to the report: records of your own.",
    decidedInAccount: true,
  },
  {
    id: "easa.amc1-21-b-55-a",
    article: "AMC1 21.B.55(a)",
    title: "A backup in another place, at most a day old",
    findings: copied,
    meaning:
      "An analogy: the rule binds authorities (21.B, CAMO.B) and operators of balloons, and says best what a copy elsewhere is for.",
    inAccount: "That the copy is less than 24 hours behind: the replication's alarms.",
  },
  {
    id: "easa.amc2-bop-add-205",
    article: "AMC2 BOP.ADD.205",
    title: "An operator's records are kept for 5 years",
    findings: (planned) => chunksKeptFor(planned, periods.years5),
    meaning: "An analogy: the rule binds operators of balloons.",
    inAccount: contents,
  },
  {
    id: "easa.145-a-55",
    article: "145.A.55(a)(3)",
    title: "Maintenance records are kept for 3 years from release",
    findings: (planned) => chunksKeptFor(planned, periods.years3),
    meaning: "Where such records are stored. The release may be later than the object.",
    inAccount: contents,
  },
  {
    id: "faa.91-417-b-1",
    article: "14 CFR 91.417(b)(1)",
    title: "Maintenance records are kept for a year",
    findings: (planned) => chunksKeptFor(planned, periods.year),
    meaning:
      "Where such records are stored. Status records go with the aircraft when it is sold, which is for a person.",
    inAccount: contents,
  },
  {
    id: "faa.121-695-b",
    article: "14 CFR 121.695(b)",
    title: "Flight documents are kept for 3 months",
    findings: (planned) => chunksKeptFor(planned, periods.months3),
    meaning: "Where such documents are stored.",
    inAccount: contents,
  },
  {
    id: "faa.121-683-a-2",
    article: "14 CFR 121.683(a)(2)",
    title: "Crew records are kept for 6 months, those of pilots for 12",
    findings: (planned) => chunksKeptFor(planned, periods.year),
    meaning: "Where such records are stored; held against the longer of both periods.",
    inAccount: contents,
  },
  {
    id: "faa.ac-120-76e",
    article: "AC 120-76E",
    title: "Records of electronic flight bags are kept for 3 months",
    findings: (planned) => logsArchivedFor(planned, periods.months3),
    meaning: "EFB sync events are lines of the API's log.",
    inAccount: "That the application logs each synchronization.",
  },
  {
    id: "faa.ac-120-78b",
    article: "AC 120-78B",
    title: "Electronic records have integrity, controlled access and a backup",
    findings: (planned) =>
      [...records, ...encryption, ...access, ...recovery]
        .filter(({ id }) =>
          ["custody.chain", "encryption.buckets-in-transit", "access.least-privilege", "recovery.snapshots"].includes(
            id,
          ),
        )
        .flatMap(({ judge }) => judge(planned).findings),
    meaning: "Held against the chain of custody, transport, the roles' policies and the database's backups.",
    inAccount: "Electronic signatures: the application makes them.",
  },
];

export const rules: readonly Requirement[] = table.map(
  ({ id, article, title, findings, meaning, inAccount, decidedInAccount = false }) => ({
    id,
    title,
    source: articles[article].rule,
    promise: articles[article].asks,
    serves: [article],
    inAccount,
    decidedInAccount,
    checks: [],
    judge: (planned) => ({ findings: findings(planned), meaning, notApplicable: isDisposable(planned) }),
  }),
);
