import { pattern } from "./rules";

/** Forms of values that several sections share. */

/** Lower-case letters, digits and single hyphens, a letter first. */
export const hyphenated = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Characters that a name may have. */
export interface Length {
  readonly minimum: number;
  readonly maximum: number;
}

/** Whether a name is neither too short nor too long, or how to mend it. */
export function hasLength(name: string, { minimum, maximum }: Length): true | string {
  return (
    (name.length >= minimum && name.length <= maximum) ||
    `use ${minimum} to ${maximum} characters instead of ${name.length}`
  );
}

export function hyphenatedName(length: Length, fix: string) {
  const { minimum, maximum } = length;
  return pattern(
    `${minimum} to ${maximum} lower-case letters, digits and single hyphens, a letter first`,
    new RegExp(`^(?=.{${minimum},${maximum}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$`),
    fix,
  );
}

/** The nearest spelling with lower-case letters, digits and single hyphens. */
export function suggestName(value: string): string {
  const name = value
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[-0-9]+|-+$/g, "");
  return name === "" ? "skymanuals-test" : name;
}

export const email = pattern(
  "an e-mail address",
  /^(?=.{3,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$/,
  "write one address, such as admin@skymanuals.com",
);
