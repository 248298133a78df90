import type { Requirement } from "../requirement";
import { access } from "./access";
import { auditing } from "./auditing";
import { encryption } from "./encryption";
import { network } from "./network";
import { records } from "./records";
import { recovery } from "./recovery";
import { rules } from "./rules";

/** Every requirement, in the order of the report. */
export const requirements: readonly Requirement[] = [
  ...records,
  ...auditing,
  ...network,
  ...encryption,
  ...access,
  ...recovery,
  ...rules,
];
