// Waiting for a batch without polling Redis: one subscription per batch that somebody waits for.
import { decodeBatch } from './batch-codec.ts';
import { extentIn } from './batch-extent.ts';
import type { BatchId, BatchRecord } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import type { Tail } from './result-pages.ts';

export type BatchEvents = {
  /** Calls `listener` whenever counts of the batch have moved, and when it has ended; returns how to stop. */
  subscribe(id: BatchId, listener: BatchListener): Promise<() => void>;
};

/** `end` is told where this build can read it. */
export type BatchListener = (event: 'progress' | 'end', end?: BatchEnd) => void;

export type BatchEnd = {
  /** As it is at its end. */
  readonly batch: BatchRecord | undefined;
  /** Absent where it is large, or where no result ended the batch. */
  readonly tail?: Tail;
};

/** Channels that nobody listens to any more are left together: many batches of a moment end in the next. */
const gatherMs = 50;

/** `redis` is given over to subscriptions: no other command may use it. */
export const createBatchEvents = (redis: Redis, keys: Keys): BatchEvents => {
  const heard = new Map<string, { readonly id: BatchId; readonly listeners: Set<BatchListener> }>();
  redis.on('messageBuffer', (channel: Buffer, message: Buffer) => {
    const about = heard.get(channel.toString());
    if (about === undefined) return;
    const isEnd = message.subarray(0, endMark.length).equals(endMark);
    const end = isEnd ? readEnd(about.id, message.subarray(endMark.length)) : undefined;
    for (const listener of about.listeners) listener(isEnd ? 'end' : 'progress', end);
  });
  const leaving = new Set<string>();
  const leaveAll = (): void => {
    const left = [...leaving].filter((channel) => !heard.has(channel));
    leaving.clear();
    if (left.length > 0) redis.unsubscribe(...left).catch(() => {}); // the connection is down, and its subscriptions with it
  };
  return {
    async subscribe(id, listener) {
      const { channel } = keys.batch(id);
      const about = heard.get(channel) ?? { id, listeners: new Set() };
      heard.set(channel, about);
      about.listeners.add(listener);
      await redis.subscribe(channel);
      return () => {
        about.listeners.delete(listener);
        if (about.listeners.size > 0 || heard.get(channel) !== about) return;
        heard.delete(channel);
        if (leaving.size === 0) setTimeout(leaveAll, gatherMs).unref();
        leaving.add(channel);
      };
    },
  };
};

const endMark = Buffer.from('end');

/** The fields of its meta hash, as JSON, and behind a NUL the segment that ended it. */
const readEnd = (id: BatchId, message: Buffer): BatchEnd | undefined => {
  const nul = message.indexOf(0);
  try {
    const text = message.toString('utf8', 0, nul === -1 ? message.length : nul);
    const fields = JSON.parse(text) as Record<string, string>;
    const batch = decodeBatch(id, fields);
    if (nul === -1) return { batch };
    return { batch, tail: { extent: extentIn(fields), segment: message.subarray(nul + 1) } };
  } catch {
    return undefined; // of a later version, and to be read again by who wants to know
  }
};
