import stackTrace = require("cdktf/lib/tokens/private/stack-trace");

/**
 * Keeps cdktf from recording where each token was made: a large part of a synthesis, for traces that no output holds
 * (`npm run bench` compares with a program that records them).
 */
export function recordNoStackTraces(): void {
  Object.assign(stackTrace, { captureStackTrace: () => [] });
}
