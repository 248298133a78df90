/** Periods for which records are kept. */

/** Days that cover any seven years, two of which may be leap years. The guide's 2555 end one or two days early. */
export const sevenYearsInDays = 2557;
