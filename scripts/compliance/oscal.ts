import { createHash } from "node:crypto";
import type { Answer, ComplianceReport } from "./judge";
import type { Finding } from "./requirement";

/** The version of NIST's Open Security Controls Assessment Language that the document is written in. */
const oscalVersion = "1.1.2";
/** Of the properties that are not OSCAL's own. */
const propertiesNamespace = "https://skymanuals.com/ns/oscal";
/** Of every UUID here: "skymanuals.com" in the namespace of DNS names (RFC 9562, 6.6). */
const uuidNamespace = uuidOf("skymanuals.com", "6ba7b810-9dad-11d1-80b4-00c04fd430c8");

interface Property {
  readonly name: string;
  readonly ns: string;
  readonly value: string;
}

interface Observation {
  readonly uuid: string;
  readonly description: string;
  readonly props: readonly Property[];
  readonly methods: readonly ["EXAMINE"];
  readonly collected: string;
  readonly remarks: string;
}

/**
 * OSCAL assessment results of a report: an observation for each thing that a plan says, and a finding for each requirement.
 * "satisfied" means as planned, and the document says so. What does not apply is an excluded control. The same report makes the
 * same document: the UUIDs follow from its content, and the time is that of the newest plan.
 */
export function oscalAssessmentResults(report: ComplianceReport) {
  const collected =
    report.plans
      .map(({ timestamp }) => timestamp)
      .sort()
      .at(-1) ?? "";
  const digest = report.plans.map(({ file, sha256 }) => `${file} ${sha256}`).join("\n");
  const uuid = (kind: string, ...content: readonly string[]) =>
    uuidOf([kind, digest, ...content].join("\n"), uuidNamespace);
  const applicable = report.answers.filter(({ verdict }) => verdict !== "not-applicable");
  const excluded = report.answers.filter(({ verdict }) => verdict === "not-applicable");
  const observe = (finding: Finding): Observation => {
    const { plan, address, attribute, value, needed, ok } = finding;
    const sha256 = report.plans.find(({ file }) => file === plan)?.sha256;
    return {
      uuid: uuid("observation", plan, address, attribute, value, needed),
      description: `${address}${attribute === "" ? "" : ` ${attribute}`} is ${value}; needed: ${needed}`,
      props: [
        property("address", address),
        ...(attribute === "" ? [] : [property("attribute", attribute)]),
        property("value", value),
        property("needed", needed),
        property("holds", String(ok)),
        ...(sha256 === undefined ? [] : [property("plan", plan), property("plan-sha256", sha256)]),
      ],
      methods: ["EXAMINE"],
      collected,
      remarks: "Read in a plan of Terraform, before its apply.",
    };
  };
  const observations = new Map(
    applicable.flatMap(({ findings }) => findings.map(observe)).map((observation) => [observation.uuid, observation]),
  );
  const assessmentPlan = uuid("assessment plan");
  return {
    "assessment-results": {
      uuid: uuid("assessment results", report.environment),
      metadata: {
        title: `Compliance of ${report.environment}, as planned`,
        "last-modified": collected,
        version: createHash("sha256").update(digest).digest("hex").slice(0, 16),
        "oscal-version": oscalVersion,
        remarks: `${meaning} Seven years are SkyManuals' own policy: no text of EASA or the FAA that was read says seven.`,
      },
      "import-ap": { href: `#${assessmentPlan}`, remarks: "The requirements, and what is examined for each." },
      results: [
        {
          uuid: uuid("result", report.environment),
          title: `Plans of ${report.environment}, account ${report.accountId}`,
          description: meaning,
          start: collected,
          "reviewed-controls": {
            "control-selections": [
              {
                "include-controls": applicable.map(({ id }) => ({ "control-id": id })),
                ...(excluded.length > 0
                  ? {
                      "exclude-controls": excluded.map(({ id }) => ({ "control-id": id })),
                      remarks: excluded[0]?.meaning[0] ?? "",
                    }
                  : {}),
              },
            ],
          },
          observations: [...observations.values()],
          findings: applicable.map((answer) => ({
            uuid: uuid("finding", answer.id),
            title: answer.title,
            description: `Asked by ${answer.source}: ${answer.promise}`,
            props: [property("verdict", answer.verdict), ...answer.serves.map(({ rule }) => property("serves", rule))],
            target: {
              type: "objective-id",
              "target-id": answer.id,
              status: statusOf(answer),
            },
            "related-observations": answer.findings.map((finding) => ({
              "observation-uuid": observe(finding).uuid,
            })),
          })),
        },
      ],
      "back-matter": {
        resources: [
          {
            uuid: assessmentPlan,
            title: "docs/compliance.md",
            description: "How the plans are read, and what each verdict means.",
          },
          ...report.plans.map(({ file, sha256, timestamp }) => ({
            uuid: uuid("plan", file),
            title: file,
            description: `A plan of Terraform, made at ${timestamp}, SHA-256 ${sha256}.`,
          })),
        ],
      },
    },
  };
}

const meaning =
  'From plans of Terraform alone. "satisfied" means as planned: what is planned has it, and no account was asked.';

function statusOf({ verdict, meaning: said, inAccount }: Answer) {
  const remarks = [...said, `Only a running account shows: ${inAccount}`].join(" ");
  return verdict === "satisfied"
    ? { state: "satisfied", reason: "pass", remarks: `As planned. ${remarks}` }
    : verdict === "failed"
      ? { state: "not-satisfied", reason: "fail", remarks }
      : { state: "not-satisfied", reason: "other", remarks: `Not decided by a plan. ${remarks}` };
}

function property(name: string, value: string): Property {
  return { name, ns: propertiesNamespace, value: value.trim() === "" ? "(empty)" : value.trim() };
}

/** A UUID of version 5 (RFC 9562, 5.5). */
export function uuidOf(name: string, namespace: string): string {
  const digest = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  digest[6] = ((digest[6] as number) & 0x0f) | 0x50;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  const hex = digest.subarray(0, 16).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
