// What a handful of noisy samples is summed up as. Pure.

/** The middle sample, or the mean of the middle two; NaN of none. */
export const median = (samples: readonly number[]): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return (lower + upper) / 2;
};

/** The sample that this share of them, 0 to 1, does not exceed (nearest rank); NaN of none. */
export const percentile = (samples: readonly number[], share: number): number =>
  samples.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(samples.length * share) - 1)] ?? Number.NaN;

export type Spread = { readonly min: number; readonly median: number; readonly max: number };

export const spreadOf = (samples: readonly number[]): Spread => ({
  min: Math.min(...samples),
  median: median(samples),
  max: Math.max(...samples),
});

/**
 * How many times as fast as `others` the durations of `ours` are, each compared with the same round of the other, so that a
 * slow spell of the machine hits both.
 */
export const speedRatios = (ours: readonly number[], others: readonly number[]): readonly number[] =>
  ours.slice(0, others.length).map((duration, round) => (others[round] ?? Number.NaN) / duration);

/** The median of those over the rounds. */
export const speedRatio = (ours: readonly number[], others: readonly number[]): number =>
  median(speedRatios(ours, others));
