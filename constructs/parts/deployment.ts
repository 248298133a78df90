import type { KeysByPurpose } from "./key";

/** Which deployment a construct belongs to: what its names begin with, its tags, where it stands, and its keys. */
export interface Deployment {
  /** What names begin with: `names.prefix` of the environment, 2 to 23 characters. */
  readonly prefix: string;
  /** The variable `environment`. */
  readonly environment: string;
  /** The variable `aws_region`. */
  readonly region: string;
  /** The account's id, 12 digits, which Terraform asks of the credentials. */
  readonly accountId: string;
  /** Default: none, so that everything is under keys of AWS. */
  readonly keys?: KeysByPurpose;
}
