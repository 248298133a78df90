import { type Article, articles } from "./articles";
import { PlannedResources } from "./planned";
import { type Finding, isPilotLight, type Requirement, type Verdict } from "./requirement";
import { requirements } from "./requirements";
import type { SubmittedPlan } from "./submitted-plan";

/** A requirement with its answer. */
export interface Answer {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly promise: string;
  readonly serves: readonly { readonly article: Article; readonly rule: string; readonly asks: string }[];
  readonly verdict: Verdict;
  /** What the verdict means where the findings do not say it by themselves, and why it does not apply. */
  readonly meaning: readonly string[];
  readonly findings: readonly Finding[];
  /** What only a running account shows. */
  readonly inAccount: string;
  /** Prowler's checks of the same in a running account. */
  readonly checks: readonly string[];
}

export interface ComplianceReport {
  readonly environment: string;
  readonly accountId: string;
  /** No requirement failed. */
  readonly ok: boolean;
  readonly plans: readonly Pick<SubmittedPlan, "file" | "sha256" | "timestamp">[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly answers: readonly Answer[];
}

/** Answers every requirement from plans alone. It reads no environment's file. */
export function judge(plans: readonly SubmittedPlan[], accountId: string): ComplianceReport {
  const planned = new PlannedResources(plans);
  const answers = requirements.map((requirement) => answer(requirement, planned));
  const count = (verdict: Verdict) => answers.filter((one) => one.verdict === verdict).length;
  return {
    environment: planned.environment,
    accountId,
    ok: count("failed") === 0,
    plans: plans.map(({ file, sha256, timestamp }) => ({ file, sha256, timestamp })),
    counts: {
      satisfied: count("satisfied"),
      failed: count("failed"),
      account: count("account"),
      "not-applicable": count("not-applicable"),
    },
    answers,
  };
}

function answer(requirement: Requirement, planned: PlannedResources): Answer {
  const { id, title, source, promise, serves, inAccount, checks, decidedInAccount = false } = requirement;
  const judged = requirement.judge(planned);
  const { findings, meaning } = judged;
  const notApplicable = judged.notApplicable ?? notYet(requirement, findings, planned);
  const holds = findings.length > 0 && findings.every(({ ok }) => ok);
  const verdict = holds
    ? decidedInAccount
      ? "account"
      : "satisfied"
    : notApplicable === undefined
      ? "failed"
      : "not-applicable";
  return {
    id,
    title,
    source,
    promise,
    serves: serves.map((article) => ({ article, ...articles[article] })),
    verdict,
    meaning: [verdict === "not-applicable" ? notApplicable : undefined, meaning].filter((text) => text !== undefined),
    findings,
    inAccount,
    checks,
  };
}

/** What is not there yet is not asked of a pilot light; what is there is. */
function notYet(requirement: Requirement, findings: readonly Finding[], planned: PlannedResources): string | undefined {
  return !requirement.ofAccount && findings.every(({ ok, plan }) => ok || plan === "")
    ? isPilotLight(planned)
    : undefined;
}
