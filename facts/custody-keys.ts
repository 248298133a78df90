/** Beginnings of keys in the audit bucket. */

/** Records of the chain, by number. */
export const recordPrefix = "custody/records/";

/** One object for each recorded version of a chunk, which says by which record. */
export const claimPrefix = "custody/objects/";

/** What a verification found the chain to be, by number of the last record. */
export const checkpointPrefix = "custody/checkpoints/";
