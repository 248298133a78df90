import { median, pairedRatios, spread } from "../../../scripts/bench/statistics";

describe("median", () => {
  test.each([
    [[7], 7],
    [[9, 1, 5], 5],
    [[10, 2, 4, 100], 7],
  ])("of %p is %p", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("sorts by number, and leaves the values in their order", () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  test("of no values is refused", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test("spread keeps the samples in the order of measurement", () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, minimum: 1, maximum: 3, samples: [3, 1, 2] });
});

describe("pairedRatios", () => {
  test("divides round by round, so that a slow round changes no ratio", () => {
    expect(pairedRatios([1, 10, 2], [2, 20, 4])).toEqual({
      median: 0.5,
      minimum: 0.5,
      maximum: 0.5,
      samples: [0.5, 0.5, 0.5],
    });
  });

  test("is the median of the ratios, not the ratio of the medians", () => {
    const { median: ratio } = pairedRatios([1, 8, 6], [1, 2, 3]);
    expect(ratio).toBe(2);
    expect(ratio).not.toBe(median([1, 8, 6]) / median([1, 2, 3]));
  });

  test("refuses values without a partner", () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow("2 values cannot be paired with 1");
  });
});
