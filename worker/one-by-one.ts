// A slice that keeps losing its worker: its requests run one at a time, so that the one that kills can be told from the others.
import { failure } from '../shared/failure.ts';
import type { SliceRequest } from '../shared/request.ts';
import type { StoredResult } from '../shared/result.ts';
import type { ClaimedSlice, History } from '../shared/slice-store.ts';
import type { SuspectStore } from '../shared/suspect-store.ts';
import type { RecordedBatch, Recorder } from './recorder.ts';
import { endedBetweenAttempts } from './result-of.ts';

/** A slice runs as usual until it has lost its worker so often. */
export const toleratedStalls = 2;
/**
 * A request is attempted until so many workers died of it. Of the first it is only suspected, for requests of other slices
 * were under way beside it; three more have to die. With three in all, 50 workers killed at random took one innocent
 * request of 100,000 with them.
 */
const toleratedDeaths = 4;

export type StalledSlice = {
  readonly claimed: ClaimedSlice;
  readonly slice: number;
  /** How often it lost its worker. */
  readonly stalls: number;
  /** When any is aborted, what has not begun is left. */
  readonly signals: readonly AbortSignal[];
};

/** Runs some requests of a slice; resolves with what went unfinished of them, once the rest is stored. */
export type RunRequests = (
  requests: readonly SliceRequest[],
  /** Awaited before each attempt, when it has its permit: while it stands in line, no worker dies of it. */
  beforeAttempt?: () => Promise<void>,
) => Promise<ReadonlyMap<number, History>>;

/** Like `run` for all requests of the slice, but one by one, and without those that no worker survives. */
export type OneByOne = (slice: StalledSlice, run: RunRequests) => Promise<ReadonlyMap<number, History>>;

export type OneByOneDeps = { readonly suspects: SuspectStore; readonly recorder: Recorder };

export const createOneByOne = ({ suspects, recorder }: OneByOneDeps): OneByOne => {
  const inTurn = createTurns();
  return async ({ claimed, slice, stalls, signals }, run) => {
    const { id } = claimed.batch;
    const runAlone = async (request: SliceRequest): Promise<ReadonlyMap<number, History>> => {
      const { index } = request;
      if (signals.some(({ aborted }) => aborted))
        return new Map([[index, claimed.histories.get(index) ?? neverAttempted]]);
      const underWay = { slice, index, stalls };
      const left = await run([request], () => suspects.suspect(id, underWay));
      await suspects.acquit(id, underWay);
      return left;
    };
    const deaths = await suspects.blame(id, slice, stalls);
    const unfinished = new Map<number, History>();
    for (const request of claimed.requests) {
      const died = deaths.get(request.index) ?? 0;
      if (died >= toleratedDeaths) {
        await record(recorder, claimed.batch, lostResult(request, died, { claimed, slice }));
        continue;
      }
      // Where several slices stalled, each has one under way, and a death counts against them all: so those it has
      // counted against before never run beside one another.
      const left = await (died === 0 ? runAlone(request) : inTurn(() => runAlone(request)));
      for (const [index, history] of left) unfinished.set(index, history);
    }
    return unfinished;
  };
};

const neverAttempted: History = { attempts: [], notBefore: 0 };

/** Runs what it is given one after the other. */
const createTurns = (): (<T>(act: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };
};

const lostResult = (
  request: SliceRequest,
  died: number,
  { claimed, slice }: Pick<StalledSlice, 'claimed' | 'slice'>,
): StoredResult =>
  endedBetweenAttempts({
    request,
    slice,
    failure: failure('worker_lost', `${died} workers died while this request was under way`),
    attempts: claimed.histories.get(request.index)?.attempts ?? [],
    acceptedAt: claimed.batch.createdAt,
  });

const record = (recorder: Recorder, batch: RecordedBatch, result: StoredResult): Promise<void> =>
  new Promise((resolve) => {
    recorder.record(batch, result, resolve);
    recorder.flush(batch.id);
  });
