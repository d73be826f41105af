// Whether what was written is on disk, where the server can say so: WAITAOF, of Redis 7.2 and Valkey.
// https://redis.io/docs/latest/commands/waitaof/
import { isRefusal, type Redis } from './redis.ts';
import { mark as writeMark } from './scripts/mark.ts';

export type Durability = {
  /**
   * Resolves with true once all is on disk that Redis had answered before the call, on any connection; with false where that
   * took too long. True at once where the server cannot say. Rejects where it is away, or was meanwhile.
   */
  settle(): Promise<boolean>;
};

export type DurabilityDeps = {
  /** Given over to this: each waits for one flush at a time, and none sends a command again on another connection. */
  readonly connections: readonly Redis[];
  /** A key that is written and gone at once: only who wrote can wait. */
  readonly mark: string;
  readonly withinMs?: number;
  readonly gapMs?: number;
};

/** Above the second that an append-only file synced every second may take. */
const defaultWithinMs = 2000;
/** Waits that go on at the same time begin so far apart, so that one who has just missed a flush need not wait for two. */
const defaultGapMs = 250;

/** For a server that cannot be waited for. */
export const noDurability: Durability = { settle: () => Promise.resolve(true) };

/**
 * False where the server does not know the command, keeps no append-only file, or leaves it to the machine when that gets to
 * the disk. Rejects where it cannot be asked.
 */
export const canSettle = async (redis: Redis): Promise<boolean> => {
  const knows = await unlessRefused(redis.call('WAITAOF', 1, 0, 1));
  const policy = await unlessRefused(redis.config('GET', 'appendfsync'));
  return knows !== undefined && !(Array.isArray(policy) && policy[1] === 'no');
};

const unlessRefused = async (reply: Promise<unknown>): Promise<unknown> => {
  try {
    return await reply;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
};

type Waiter = { readonly resolve: (isOnDisk: boolean) => void; readonly reject: (error: unknown) => void };

export const createDurability = (deps: DurabilityDeps): Durability => {
  const { connections, mark, withinMs = defaultWithinMs, gapMs = defaultGapMs } = deps;
  const idle = new Set(connections);
  const waiting: Waiter[] = [];
  const last: { startedAt: number; timer?: NodeJS.Timeout | undefined } = { startedAt: -Infinity };

  const startNext = (): void => {
    const [redis] = idle;
    if (waiting.length === 0 || redis === undefined) return;
    const isAlone = idle.size === connections.length;
    const dueInMs = isAlone ? 0 : last.startedAt + gapMs - performance.now();
    if (dueInMs > 0) {
      last.timer ??= setTimeout(onTime, dueInMs);
      return;
    }
    last.startedAt = performance.now();
    idle.delete(redis);
    void flush(redis, waiting.splice(0), { mark, withinMs }).finally(() => {
      idle.add(redis);
      startNext();
    });
  };
  const onTime = (): void => {
    last.timer = undefined;
    startNext();
  };
  // What a server had before it went down may be lost, and is not on disk because what comes after is.
  const refuseAll = (): void =>
    waiting.splice(0).forEach(({ reject }) => reject(new Error('Connection is closed.')));
  for (const redis of connections) redis.on('close', refuseAll);

  return {
    settle: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        startNext();
      }),
  };
};

/** Never rejects: the waiters hear what came of it. */
const flush = async (
  redis: Redis,
  waiters: readonly Waiter[],
  { mark, withinMs }: { mark: string; withinMs: number },
): Promise<void> => {
  try {
    // In one piece: a script asked for by its digest may have to be sent again, and would come after the wait.
    const [, reply] = await Promise.all([
      redis.eval(writeMark.lua, 1, mark),
      redis.call('WAITAOF', 1, 0, withinMs) as Promise<readonly number[]>,
    ]);
    for (const { resolve } of waiters) resolve(reply[0] === 1);
  } catch (error) {
    for (const { reject } of waiters) reject(error);
  }
};
