/** What Lambda says about an invocation, as far as it is used. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** Milliseconds that are kept for writing the results down. */
const reserve = 60_000;

/** Whether only the time for writing the results down is left; never without an invocation. */
export function isOutOfTime(invocation: Invocation | undefined): boolean {
  return invocation !== undefined && invocation.getRemainingTimeInMillis() < reserve;
}
