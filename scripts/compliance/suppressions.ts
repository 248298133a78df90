/** A finding of Checkov that stays, and why. */
export interface Suppression {
  readonly check: string;
  /** Addresses without index; a last `*` stands for any rest. One that suppresses nothing fails the scan. */
  readonly addresses: readonly string[];
  /** The environments, `account`, `state`. */
  readonly stacks: readonly string[];
  readonly reason: string;
}

const environments = ["development", "staging", "production", "production-dr"] as const;
/** They may be destroyed with all that they hold. */
const disposable = ["development", "staging"] as const;

/** Every one of them is true of the plans: the scan fails where one suppresses nothing. */
export const suppressions: readonly Suppression[] = [
  // Logs
  {
    check: "CKV_AWS_338",
    addresses: ["aws_cloudwatch_log_group.*"],
    stacks: environments,
    reason:
      "the guide keeps 30 days in CloudWatch, where a GB costs more than tenfold; what is kept longer lies in an archive",
  },
];
