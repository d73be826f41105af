// What users may do to a batch that has been accepted, other than ending it.
import { randomUUID } from 'node:crypto';
import type { BatchId } from './batch.ts';
import { findFailed } from './failed-results.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import type { StoredResult } from './result.ts';
import { runScript } from './script.ts';
import { pause } from './scripts/pause.ts';
import { reopen } from './scripts/reopen.ts';
import { resume } from './scripts/resume.ts';

export type BatchControl = {
  /** Has workers start nothing more of it, until it is resumed; false where it has ended or is gone. */
  pause(id: BatchId): Promise<boolean>;
  /** Lets it go on: it is in the outbox, to be dispatched. False where it is not paused. */
  resume(id: BatchId): Promise<boolean>;
  /**
   * Opens the failed results of a completed batch again that `matches`: it is in the outbox, to be dispatched. `nothing`
   * where none does, and all is as it was. One retry at a time: another finds that the batch is `running`.
   */
  retry(id: BatchId, matches: (result: StoredResult) => boolean): Promise<RetryVerdict>;
};

export type RetryVerdict = 'retried' | 'nothing' | 'running' | 'closed' | 'gone';

/** Redis answers nobody else while a script goes through the results of a run. */
const mostPerRun = 500;

export const createBatchControl = (
  redis: Redis,
  keys: Keys,
  resultsPerRun: number = mostPerRun,
): BatchControl => ({
  async pause(id) {
    return (await runScript(redis, pause, [keys.batch(id).meta, keys.outbox], [id, keys.paused])) === 1;
  },
  async resume(id) {
    const names = [keys.batch(id).meta, keys.outbox];
    return (await runScript(redis, resume, names, [id, randomUUID()])) === 1;
  },
  async retry(id, matches) {
    const { meta, index, segments, slices, suspects, webhooks } = keys.batch(id);
    const { deadlines, unfinished, outbox, retained } = keys;
    const names = [
      meta,
      index,
      segments,
      slices,
      deadlines,
      unfinished,
      outbox,
      suspects,
      retained,
      webhooks,
    ];
    const retry = randomUUID();
    // All are found before the first is opened, or the walk would come upon results of this very retry.
    const runs = await findFailed(redis, keys.batch(id), { matches, resultsPerRun });
    for (const run of runs) {
      const reply = await runScript(redis, reopen, names, [id, retry, run]);
      if (reply !== 1) return refusals[String(reply)] ?? 'gone';
    }
    return runs.length === 0 ? 'nothing' : 'retried';
  },
});

const refusals: Readonly<Record<string, RetryVerdict>> = { '0': 'running', '-1': 'closed', '-2': 'gone' };
