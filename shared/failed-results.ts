// Finds the failed results of a batch that are to be tried again, in the form that the reopen script takes.
import { findCurrent } from './current-results.ts';
import { failureCodes } from './failure.ts';
import type { BatchKeys } from './keys.ts';
import type { Redis } from './redis.ts';
import type { StoredResult } from './result.ts';
import { hasOutcome, unpackSegment } from './segment.ts';

const numbersPerResult = 5;
const segmentsPerRead = 8;

export type Wanted = {
  readonly matches: (result: StoredResult) => boolean;
  /** Results a run names at most. */
  readonly resultsPerRun: number;
};

/** Runs of (index, segment, slice, status or 0, place of its code among `failureCodes`), each an unsigned 32-bit big-endian number; none where nothing matches. */
export const findFailed = async (
  redis: Redis,
  keys: BatchKeys,
  { matches, resultsPerRun }: Wanted,
): Promise<Buffer[]> => {
  const [segments, retry] = await redis.hmget(keys.meta, 'segments', 'retry');
  const wasRetried = typeof retry === 'string';
  const runs: Buffer[] = [];
  let run: number[] = [];
  for (let first = 1; first <= Number(segments ?? 0); first += segmentsPerRead) {
    const numbers = Array.from({ length: segmentsPerRead }, (_, i) => first + i);
    const packed = await redis.hmgetBuffer(keys.segments, ...numbers.map(String));
    for (const [at, segment] of numbers.entries()) {
      for (const result of await failedIn(redis, keys, {
        segment,
        packed: packed[at],
        matches,
        wasRetried,
      })) {
        run.push(result.index, segment, result.slice, result.status ?? 0, codePlaceOf(result));
        if (run.length < resultsPerRun * numbersPerResult) continue;
        runs.push(encode(run));
        run = [];
      }
    }
  }
  return run.length === 0 ? runs : [...runs, encode(run)];
};

type Search = {
  readonly segment: number;
  readonly packed: Buffer | null | undefined;
  readonly matches: (result: StoredResult) => boolean;
  readonly wasRetried: boolean;
};

const failedIn = async (
  redis: Redis,
  keys: BatchKeys,
  { segment, packed, matches, wasRetried }: Search,
): Promise<readonly StoredResult[]> => {
  if (!packed || !hasOutcome(packed, 'failed')) return [];
  const found = unpackSegment(packed).filter((result) => result.outcome === 'failed' && matches(result));
  if (found.length === 0 || !wasRetried) return found;
  const indexes = found.map(({ index }) => index);
  const current = await findCurrent(redis, keys, segment, indexes);
  return found.filter(({ index }) => current.has(index));
};

const codePlaceOf = ({ failure }: StoredResult): number => failureCodes.indexOf(failure?.code ?? 'internal');

const encode = (numbers: readonly number[]): Buffer => {
  const bytes = Buffer.allocUnsafe(numbers.length * 4);
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, at * 4);
  return bytes;
};
