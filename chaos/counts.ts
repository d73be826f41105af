// What the counts of a batch say, and whether they can be true. Pure.

export type Counts = Readonly<Record<string, number>>;

const finals = ['succeeded', 'failed', 'cancelled', 'expired'];

/** Requests that have a result. */
export const finalCount = (counts: Counts): number =>
  finals.reduce((sum, name) => sum + (counts[name] ?? 0), 0);

/** The counts of a batch of `total` sum to it, none is below zero, and what was final `before` still is. */
export const areRight = (counts: Counts, before: Counts | undefined, total: number): boolean => {
  const { total: said, ...parts } = counts;
  const values = Object.values(parts);
  return (
    said === total &&
    values.every((count) => count >= 0) &&
    values.reduce((sum, count) => sum + count, 0) === total &&
    finals.every((name) => (counts[name] ?? 0) >= (before?.[name] ?? 0))
  );
};
