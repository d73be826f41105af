// Which statuses a request takes for success: codes and ranges, `200-399,404`. Pure.

type Range = readonly [first: number, last: number];

// Few texts, asked about for every response: each is read once.
const known = new Map<string, readonly Range[]>();
const maxKnown = 1000;

/** `ranges` has been checked at submission. */
export const acceptsStatus = (ranges: string, status: number): boolean => {
  for (const [first, last] of known.get(ranges) ?? learn(ranges)) {
    if (first <= status && status <= last) return true;
  }
  return false;
};

const learn = (text: string): readonly Range[] => {
  const ranges = text.split(',').map((range): Range => {
    const [first = '', last = first] = range.split('-');
    return [Number(first), Number(last)];
  });
  if (known.size >= maxKnown) known.clear();
  known.set(text, ranges);
  return ranges;
};
