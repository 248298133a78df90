import type { Article } from "./articles";
import { attribute, type Planned, type PlannedResources } from "./planned";

/** `account`: the plan has what it can have of it, and only a running account shows the rest. */
export type Verdict = "satisfied" | "failed" | "account" | "not-applicable";

/** One thing that a plan says, held against what a requirement needs. */
export interface Finding {
  /** The plan's file; empty where nothing of the kind is planned. */
  readonly plan: string;
  /** Terraform address, or the resource type where nothing of the kind is planned. */
  readonly address: string;
  readonly attribute: string;
  /** As planned; what it refers to where only the apply will tell; `absent`. No sensitive value. */
  readonly value: string;
  readonly needed: string;
  readonly ok: boolean;
}

/** What a requirement finds in the plans. */
export interface Judgement {
  readonly findings: readonly Finding[];
  /** What the verdict means where the attributes do not say it by themselves. */
  readonly meaning?: string;
  /** Why a failure is none in this environment. */
  readonly notApplicable?: string | undefined;
}

export interface Requirement {
  /** Such as `audit.cloudtrail`: stable, for references. */
  readonly id: string;
  readonly title: string;
  /** Where it is promised or asked: a section of the setup guide, or the rule. */
  readonly source: string;
  /** The sentence there, in the source's words. */
  readonly promise: string;
  /** Rules that it serves. */
  readonly serves: readonly Article[];
  /** What no plan shows. */
  readonly inAccount: string;
  /** The plan is never enough for it: it is decided in a running account, or by a person. */
  readonly decidedInAccount?: boolean;
  /** An account has it once: a plan of an environment that does not run yet asks for it as well. */
  readonly ofAccount?: boolean;
  /** Identifiers of Prowler's checks that ask the same of a running account. */
  readonly checks: readonly string[];
  readonly judge: (planned: PlannedResources) => Judgement;
}

/** An attribute that must have a value. `isUnknown`: only the apply will tell it. */
export function needs(
  resource: Planned,
  path: string,
  needed: string,
  test: (value: unknown, isUnknown: boolean) => boolean,
): Finding {
  const { value, references, text } = attribute(resource, path);
  return {
    plan: resource.plan,
    address: resource.address,
    attribute: path,
    value: text,
    needed,
    ok: test(value, value === undefined && references.length > 0),
  };
}

export function equals(resource: Planned, path: string, expected: string | number | boolean): Finding {
  // ElastiCache's at_rest_encryption_enabled is a string in the provider's schema.
  return needs(resource, path, String(expected), (value) => String(value) === String(expected));
}

export function atLeast(resource: Planned, path: string, minimum: number, unit = ""): Finding {
  return needs(
    resource,
    path,
    `at least ${minimum}${unit ? ` ${unit}` : ""}`,
    (value) => typeof value === "number" && value >= minimum,
  );
}

/** An argument that must refer to one of the resources, or to one of a type. */
export function refersTo(resource: Planned, path: string, needed: string, test: (address: string) => boolean): Finding {
  const { references, text } = attribute(resource, path);
  return {
    plan: resource.plan,
    address: resource.address,
    attribute: path,
    value: text,
    needed,
    ok: references.some(test),
  };
}

/** Something that no single attribute says. */
export function states(resource: Planned, what: string, value: string, needed: string, ok: boolean): Finding {
  return { plan: resource.plan, address: resource.address, attribute: what, value, needed, ok };
}

export function missing(address: string, needed: string): Finding {
  return { plan: "", address, attribute: "", value: "not planned", needed, ok: false };
}

/** The findings for each of the resources; a failed one where there are none. */
export function each(
  resources: readonly Planned[],
  address: string,
  needed: string,
  findings: (resource: Planned) => readonly Finding[],
): Finding[] {
  return resources.length > 0 ? resources.flatMap(findings) : [missing(address, needed)];
}

/** The findings for one of the resources that fulfils all, or else for the one that fulfils most. */
export function some(
  resources: readonly Planned[],
  address: string,
  needed: string,
  findings: (resource: Planned) => readonly Finding[],
): Finding[] {
  const failures = (found: readonly Finding[]) => found.filter(({ ok }) => !ok).length;
  const [best] = resources.map(findings).sort((one, other) => failures(one) - failures(other));
  return best ? [...best] : [missing(address, needed)];
}

/**
 * Why an environment needs no record kept: it may be destroyed with all that it holds. Production may not, whatever its buckets
 * say.
 */
export function isDisposable(planned: PlannedResources): string | undefined {
  const [chunks] = planned.at("aws_s3_bucket.chunks");
  return !/^production(-|$)/.test(planned.environment) && chunks?.values.force_destroy === true
    ? `aws_s3_bucket.chunks has force_destroy = true: the environment may be destroyed with all that it holds, and must hold nothing that a rule asks to keep`
    : undefined;
}

/** Why much is not planned in an environment that stands by: the network and all that runs are deployed on the day. */
export function isPilotLight(planned: PlannedResources): string | undefined {
  return planned.environment.endsWith("-dr") && planned.of("aws_vpc", "aws_ecs_service", "aws_db_instance").length === 0
    ? "a pilot light: network, database and services are deployed on the day, and the plan of that day is asked"
    : undefined;
}
