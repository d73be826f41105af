// Waiting for a batch without polling Redis: one subscription per batch that somebody waits for.
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';

export type BatchEvents = {
  /** Calls `listener` whenever counts of the batch have moved (`progress`) or it has ended (`end`); returns how to stop. */
  subscribe(id: BatchId, listener: (event: 'progress' | 'end') => void): Promise<() => void>;
};

/** `redis` is given over to subscriptions: no other command may use it. */
export const createBatchEvents = (redis: Redis, keys: Keys): BatchEvents => {
  const listeners = new Map<string, Set<(event: 'progress' | 'end') => void>>();
  redis.on('message', (channel: string, message: string) => {
    for (const listener of listeners.get(channel) ?? []) listener(message === 'end' ? 'end' : 'progress');
  });
  return {
    async subscribe(id, listener) {
      const { channel } = keys.batch(id);
      const others = listeners.get(channel) ?? new Set();
      listeners.set(channel, others.add(listener));
      await redis.subscribe(channel);
      return () => {
        others.delete(listener);
        if (others.size > 0 || listeners.get(channel) !== others) return;
        listeners.delete(channel);
        redis.unsubscribe(channel).catch(() => {}); // the connection is down, and its subscriptions with it
      };
    },
  };
};
