import { objectLockDays } from "../../facts/aws-limits";
import { integer, oneOf, record } from "../validation/rules";
import { bucketName } from "./names";

export const archive = record({
  /** S3 bucket of the archived logs; global to all of AWS. */
  bucket: bucketName,
  /**
   * GOVERNANCE: who may bypass it can delete a line that must not be kept, such as a secret or personal data; the bucket's policy
   * denies that to all until it is changed. COMPLIANCE: nobody can before its time.
   */
  lockMode: oneOf(["COMPLIANCE", "GOVERNANCE"]),
  /** Days that an archived object is locked: at least 2557, which cover any seven years, unless everything may be deleted (`forceDestroy`). */
  lockDays: integer(1, objectLockDays, "days"),
  /** Days after which S3 deletes an archived object: at least `lockDays`. */
  retentionDays: integer(1, objectLockDays, "days"),
});
