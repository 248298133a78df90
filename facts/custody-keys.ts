/** Beginnings of keys in the audit bucket. */

/** Records of the chain, by number. */
export const recordPrefix = "custody/records/";

/** One object for each recorded version of a chunk, which says by which record. */
export const claimPrefix = "custody/objects/";

/** What a verification found the chain to be, by number of the last record. */
export const checkpointPrefix = "custody/checkpoints/";

/** Which versions a verified part of the chain records, by the numbers of its first and last record: what reconciliation reads. */
export const indexPrefix = "custody/index/";

/** What each daily verification read and found, by its time. */
export const verificationPrefix = "custody/verifications/";

/** How far each run of the reconciliation has come, by its time. */
export const reconciliationPrefix = "custody/reconciliations/";

/** Which function's role creates what, and no other. */
export const writtenBy = {
  records: [claimPrefix, recordPrefix],
  checkpoints: [checkpointPrefix, indexPrefix, verificationPrefix],
  reconciliations: [reconciliationPrefix],
} as const;

export type CustodyWriter = keyof typeof writtenBy;
