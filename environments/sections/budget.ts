import { email } from "../validation/forms";
import { number, record } from "../validation/rules";

export const budget = record({
  /** Monthly limit in USD. */
  limitUsd: number(
    "an amount in USD above 0, with at most two decimals",
    (limit) =>
      (Number.isFinite(limit) && limit > 0 && Number(limit.toFixed(2)) === limit) ||
      `use ${Number.isFinite(limit) && limit >= 0.01 ? limit.toFixed(2) : "an amount such as 1000"}`,
  ),
  /** Where the alert at 80 % goes. */
  email,
});
