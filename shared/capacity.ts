// How full the store is, so that submissions are turned away before Redis refuses what they brought.
import { keepLook, type KeptFor } from './kept-look.ts';
import type { Keys } from './keys.ts';
import { countSlices } from './queue.ts';
import { isRefusal, type Redis } from './redis.ts';

export const crowdings = ['memory', 'backlog'] as const;
/** What there is too much of. */
export type Crowding = (typeof crowdings)[number];

export type Capacity = {
  /** Undefined while there is room for more. Rejects where Redis cannot be asked. */
  look(): Promise<Crowding | undefined>;
};

export type CapacityDeps = {
  readonly redis: Redis;
  readonly keys: Keys;
  /** Slices on the queue before there are too many. */
  readonly maxSlices?: number;
  readonly keptFor?: KeptFor;
};

// Who submits every few seconds does not wait for it: 0.8 ms of what the first answer takes.
const usuallyKeptFor: KeptFor = { freshMs: 1000, staleMs: 10_000 };

/** The rest is for the results of what was accepted. */
export const highWater = 0.8;
/** Some hundred million requests; tags of slices (turn.ts) end at four times as many. */
const defaultMaxSlices = 500_000;

export const createCapacity = (deps: CapacityDeps): Capacity => {
  const { redis, keys, maxSlices = defaultMaxSlices, keptFor = usuallyKeptFor } = deps;
  const measure = async (): Promise<Crowding | undefined> => {
    const [report, { waiting, delayed }] = await Promise.all([
      readMemory(redis),
      countSlices(redis, keys.queuePrefix),
    ]);
    if (isNearlyFull(report)) return 'memory';
    return waiting + delayed > maxSlices ? 'backlog' : undefined;
  };
  return { look: keepLook(keptFor, measure) };
};

/** What INFO says of memory; empty where the server keeps that to itself. */
export const readMemory = (redis: Redis): Promise<string> =>
  redis.info('memory').catch((error: unknown) => {
    if (isRefusal(error)) return '';
    throw error;
  });

export const isNearlyFull = (report: string): boolean => {
  const memory = memoryIn(report);
  return memory !== undefined && memory.used > highWater * memory.limit;
};

export type Memory = { readonly used: number; readonly limit: number };

/** In bytes. Of a server without a limit the memory of its machine is the limit; undefined where neither is known. */
export const memoryIn = (report: string): Memory | undefined => {
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(report)?.[1] ?? 0);
  const limit = field('maxmemory') || field('total_system_memory');
  return limit > 0 ? { used: field('used_memory'), limit } : undefined;
};
