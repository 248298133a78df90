import { articles } from "./articles";
import type { Requirement } from "./requirement";
import { requirements } from "./requirements";

/** A framework file of Prowler ("Create a new security compliance framework"): what a scan of a running account is sorted by. */
export interface ProwlerFramework {
  readonly Framework: string;
  readonly Name: string;
  readonly Version: string;
  readonly Provider: "AWS";
  readonly Description: string;
  readonly Requirements: readonly {
    readonly Id: string;
    readonly Name: string;
    readonly Description: string;
    readonly Attributes: readonly { readonly ItemId: string; readonly Section: string; readonly Service: string }[];
    /** None: Prowler reports the requirement as one for a person. */
    readonly Checks: readonly string[];
  }[];
}

/** Every requirement, with Prowler's checks that ask of a running account what no plan shows. It depends on no plan. */
export function prowlerFramework(): ProwlerFramework {
  return {
    Framework: "SkyManuals-Aviation",
    Name: "SkyManuals: what aviation oversight asks for",
    Version: "1.0",
    Provider: "AWS",
    Description:
      "The compliance and security sections of SkyManuals' setup guide, and the rules of EASA and the FAA that they serve. Seven years are SkyManuals' own policy.",
    Requirements: requirements.map((requirement) => ({
      Id: requirement.id,
      Name: requirement.title,
      Description: describe(requirement),
      Attributes: [{ ItemId: requirement.id, Section: requirement.source, Service: "aws" }],
      Checks: requirement.checks,
    })),
  };
}

function describe({ promise, serves, inAccount }: Requirement): string {
  const rules = serves.map((article) => articles[article].rule);
  return [
    `Asked: ${promise}.`,
    ...(rules.length > 0 ? [`Serves: ${rules.join("; ")}.`] : []),
    `A running account shows: ${inAccount}`,
  ].join(" ");
}
