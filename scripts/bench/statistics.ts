/**
 * The middle value, or the mean of the two middle ones.
 *
 * @throws RangeError where there is no value
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) {
    throw new RangeError("no values to take the median of");
  }
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  /** In the order of measurement. */
  readonly samples: readonly number[];
}

export function spread(samples: readonly number[]): Spread {
  return { median: median(samples), minimum: Math.min(...samples), maximum: Math.max(...samples), samples };
}

/**
 * Ratios of values of the same round, `numerators[n] / denominators[n]`: what slows a whole round down cancels out, which it
 * does not in a ratio of two medians.
 *
 * @throws RangeError where a value has no partner
 */
export function pairedRatios(numerators: readonly number[], denominators: readonly number[]): Spread {
  if (numerators.length !== denominators.length) {
    throw new RangeError(`${numerators.length} values cannot be paired with ${denominators.length}`);
  }
  return spread(numerators.map((value, round) => value / (denominators[round] as number)));
}
