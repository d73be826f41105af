// Waiting for a batch without polling Redis: one subscription per batch that somebody waits for.
import { decodeBatch } from './batch-codec.ts';
import type { BatchId, BatchRecord } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';

export type BatchEvents = {
  /** Calls `listener` whenever counts of the batch have moved, and when it has ended; returns how to stop. */
  subscribe(id: BatchId, listener: BatchListener): Promise<() => void>;
};

/** `ended` is the batch as it is at its end, where this build can read it. */
export type BatchListener = (event: 'progress' | 'end', ended?: BatchRecord) => void;

/** Channels that nobody listens to any more are left together: many batches of a moment end in the next. */
const gatherMs = 50;

/** `redis` is given over to subscriptions: no other command may use it. */
export const createBatchEvents = (redis: Redis, keys: Keys): BatchEvents => {
  const heard = new Map<string, { readonly id: BatchId; readonly listeners: Set<BatchListener> }>();
  redis.on('message', (channel: string, message: string) => {
    const about = heard.get(channel);
    if (about === undefined) return;
    const isEnd = message.startsWith('end');
    const ended = isEnd ? readEnded(about.id, message.slice('end'.length)) : undefined;
    for (const listener of about.listeners) listener(isEnd ? 'end' : 'progress', ended);
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

/** The fields of its meta hash, as JSON. */
const readEnded = (id: BatchId, fields: string): BatchRecord | undefined => {
  try {
    return decodeBatch(id, JSON.parse(fields) as Record<string, string>);
  } catch {
    return undefined; // of a later version, and to be read again by who wants to know
  }
};
