/**
 * Rules whose text was read, and what they ask. SkyManuals' seven years are in none of them: no text of EASA or the FAA that was
 * read says seven.
 */
export const articles = {
  "IS.D.OR.245(a)(2)": {
    rule: "Delegated Regulation (EU) 2022/1645, IS.D.OR.245(a)(2)",
    asks: "records of an approval, until 5 years after the approval lost its validity",
  },
  "IS.D.OR.245(a)(3)": {
    rule: "Delegated Regulation (EU) 2022/1645, IS.D.OR.245(a)(3)",
    asks: "contracts of managed activities, until 5 years after the contract was amended or terminated",
  },
  "IS.D.OR.245(a)(4)": {
    rule: "Delegated Regulation (EU) 2022/1645, IS.D.OR.245(a)(4)",
    asks: "records of key processes, risks and their treatment, reported incidents and vulnerabilities, for 5 years",
  },
  "IS.I.OR.230": {
    rule: "Implementing Regulation (EU) 2023/203, IS.I.OR.230",
    asks: "a report to the authority within 72 hours",
  },
  "AMC1 21.B.55(a)": {
    rule: "AMC1 21.B.55(a); CAMO.B.220(a) and BOP.ADD.205 have the same wording",
    asks: "at least one backup of electronic records, updated within 24 hours of any new entry, in a different location, protected from alteration",
  },
  "AMC2 BOP.ADD.205": {
    rule: "AMC2 BOP.ADD.205",
    asks: "records of a balloon operator, its operations manual among them, for 5 years",
  },
  "145.A.55(a)(3)": {
    rule: "Regulation (EU) 2021/1963, 145.A.55(a)(3) and (b)(2)",
    asks: "maintenance records, for 3 years from release",
  },
  "14 CFR 91.417(b)(1)": {
    rule: "14 CFR 91.417(b)(1) and 135.439(b)(1)",
    asks: "maintenance records, until the work is repeated or superseded or for 1 year",
  },
  "14 CFR 121.695(b)": {
    rule: "14 CFR 121.695(b)",
    asks: "load manifest, dispatch release and flight plan, for 3 months",
  },
  "14 CFR 121.683(a)(2)": {
    rule: "14 CFR 121.683(a)(2) and 135.63(b)",
    asks: "crew and aircraft records, for 6 months, and those of pilots for 12",
  },
  "AC 120-76E": { rule: "FAA AC 120-76E", asks: "records of electronic flight bags, for 3 months" },
  "AC 120-78B": {
    rule: "FAA AC 120-78B",
    asks: "electronic records with integrity, controlled access and backup; no period was seen in it",
  },
} as const satisfies Readonly<Record<string, { readonly rule: string; readonly asks: string }>>;

export type Article = keyof typeof articles;
