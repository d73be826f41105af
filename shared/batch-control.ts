// What users may do to a batch that has been accepted, other than ending it.
import { randomUUID } from 'node:crypto';
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { pause } from './scripts/pause.ts';
import { resume } from './scripts/resume.ts';

export type BatchControl = {
  /** Has workers start nothing more of it, until it is resumed; false where it has ended or is gone. */
  pause(id: BatchId): Promise<boolean>;
  /** Lets it go on: it is in the outbox, to be dispatched. False where it is not paused. */
  resume(id: BatchId): Promise<boolean>;
};

export const createBatchControl = (redis: Redis, keys: Keys): BatchControl => ({
  async pause(id) {
    return (await runScript(redis, pause, [keys.batch(id).meta, keys.outbox], [id, keys.paused])) === 1;
  },
  async resume(id) {
    const names = [keys.batch(id).meta, keys.outbox];
    return (await runScript(redis, resume, names, [id, randomUUID()])) === 1;
  },
});
