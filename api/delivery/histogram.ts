// How long things took, in few numbers: percentiles to within 4 %, whatever the count. Knows tenths of ms.

export type Histogram = {
  add(tenths: number): void;
  /** The value, in ms, that this part (0 to 1) of all does not exceed; 0 for none. */
  percentileMs(part: number): number;
  sumMs(): number;
};

const bucketsPerDoubling = 10;
const buckets = 320; // up to 2^32 tenths: five days

export const createHistogram = (): Histogram => {
  const counts = new Uint32Array(buckets);
  const total = { count: 0, sum: 0 };
  return {
    add(tenths) {
      const bucket = Math.min(buckets - 1, Math.round(Math.log2(1 + tenths) * bucketsPerDoubling));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      total.count += 1;
      total.sum += tenths;
    },
    percentileMs(part) {
      const rank = Math.ceil(part * total.count);
      let seen = 0;
      for (const [bucket, count] of counts.entries()) {
        seen += count;
        if (seen >= rank && rank > 0) return Math.round(2 ** (bucket / bucketsPerDoubling) - 1) / 10;
      }
      return 0;
    },
    sumMs: () => Math.round(total.sum) / 10,
  };
};
