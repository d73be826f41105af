// Times that the API tells of batches and results, and whether they can be: by the clock of Redis, which is this machine's. Pure.

/** By the clock, epoch ms: from before what is judged began until after it was read. */
export type Span = { readonly fromMs: number; readonly untilMs: number };

export type DatedBatch = Readonly<Record<'createdAt' | 'startedAt' | 'endedAt', string | null>>;

export type TimedResult = {
  readonly timings?: Readonly<Record<string, number>>;
  readonly attempts?: readonly {
    readonly startedAt: string;
    readonly waitMs: number;
    readonly totalMs: number;
  }[];
};

/** Clocks of two processes are compared, and one is asked over a socket. */
const toleranceMs = 1000;

/** Dates of a batch that has ended that are outside of the span, or not in their order. */
export const countWrongDates = ({ createdAt, startedAt, endedAt }: DatedBatch, span: Span): number => {
  // What was never started has no start.
  const dates = [createdAt, ...(startedAt === null ? [] : [startedAt]), endedAt].map(toMs);
  const isInOrder = (ms: number, at: number): boolean => at === 0 || ms >= (dates[at - 1] ?? 0);
  return dates.filter((ms, at) => !isWithin(ms, span) || !isInOrder(ms, at)).length;
};

/** Results that tell of a time that is negative, longer than the span, or outside of it. */
export const countWrongTimes = (results: readonly TimedResult[], span: Span): number => {
  const longestMs = span.untilMs - span.fromMs + toleranceMs;
  const isDuration = (ms: number): boolean => ms >= 0 && ms <= longestMs;
  const isRight = ({ timings = {}, attempts = [] }: TimedResult): boolean =>
    Object.values(timings).every(isDuration) &&
    attempts.every(
      ({ startedAt, waitMs, totalMs }) =>
        isDuration(waitMs) && isDuration(totalMs) && isWithin(toMs(startedAt), span),
    );
  return results.filter((result) => !isRight(result)).length;
};

const toMs = (date: string | null): number => Date.parse(date ?? '');

const isWithin = (ms: number, { fromMs, untilMs }: Span): boolean =>
  ms >= fromMs - toleranceMs && ms <= untilMs + toleranceMs;
