import { flag, number, record, ruled } from "../validation/rules";

/** Days in which a deleted secret can be restored. Source: Secrets Manager API, DeleteSecret. */
const recovery = { minimum: 7, maximum: 30 };
const recoveryDays = `${recovery.minimum} to ${recovery.maximum} days`;

export const protection = ruled(
  record({
    /** Terraform refuses to plan the destruction of what holds data. */
    preventDestroy: flag,
    /** AWS refuses to delete the database and the load balancer. */
    deletionProtection: flag,
    /** Take a last snapshot when the database is deleted. */
    finalSnapshot: flag,
    /** Let Terraform delete buckets and repositories with everything in them, and old revisions of task definitions. */
    forceDestroy: flag,
    /** Days in which a deleted secret can be restored; 0 deletes it at once. The secret header's values are always deleted at once. */
    secretRecoveryDays: number(
      `0, or ${recoveryDays}`,
      (days) =>
        days === 0 ||
        (Number.isInteger(days) && days >= recovery.minimum && days <= recovery.maximum) ||
        `use ${days > recovery.maximum ? recovery.maximum : recovery.minimum}, or 0 to delete at once`,
      `0 (deleted at once), or ${recoveryDays}`,
    ),
  }),
  {
    reads: ["preventDestroy", "forceDestroy"],
    find: ({ preventDestroy, forceDestroy }) =>
      preventDestroy &&
      forceDestroy && {
        path: ["forceDestroy"],
        allowed: "false where preventDestroy is true",
        fix: "set forceDestroy: false to keep the data, or preventDestroy: false to be able to delete it",
      },
  },
);
