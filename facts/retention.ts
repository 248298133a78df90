/** Periods for which records are kept. */

/** Days that cover any seven years, two of which may be leap years. The guide's 2555 end one or two days early. */
export const sevenYearsInDays = 2557;

/** Days for which a log group in CloudWatch keeps events where no field of the environment says it. */
export const logGroupRetentionDays = 30;
