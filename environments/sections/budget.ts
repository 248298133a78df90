import { email } from "../validation/forms";
import { number, oneOf, orNull, record } from "../validation/rules";

const anAmount = "an amount in USD above 0, with at most two decimals";

export function amountUsd(allowed = anAmount) {
  return number(
    allowed,
    (amount) =>
      (Number.isFinite(amount) && amount > 0 && Number(amount.toFixed(2)) === amount) ||
      `use ${Number.isFinite(amount) && amount >= 0.01 ? amount.toFixed(2) : "an amount such as 1000"}`,
  );
}

const amountOrNull = `null, or ${anAmount}`;

export const budget = record({
  /** Monthly limit in USD; null: `size.monthlyBudgetUsd`. */
  limitUsd: orNull(amountUsd(amountOrNull), amountOrNull),
  /**
   * What is counted. `account`: all that the account is billed for. `environment`: what carries the tag Environment of this environment;
   * it counts nothing until the account that pays has activated the tag (`costs.activateTags` of an account, or
   * `aws ce update-cost-allocation-tags-status`), and never what AWS gives no tags, such as transfer between zones and taxes.
   */
  costOf: oneOf(["account", "environment"]),
  /** Where the alerts go: 80 and 100 % spent, and 100 % expected by the end of the month. */
  email,
});
