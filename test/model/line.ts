// The queue's keys by their names in BullMQ, and what it does to them when a slice is put on it, taken, let go or lost. So
// small a part of it is played here, since a model needs to say when a lock runs out, and ten thousand stories need to be quick.
import type { BatchId } from '../../shared/batch.ts';
import { queueKey, type SliceQueue } from '../../shared/queue.ts';
import { defineScript, type Script } from '../../shared/script.ts';
import { jobIdOf } from '../../shared/slice.ts';
import { tagOf, type Turn } from '../../shared/turn.ts';
import { letGo as unlock, nextJob, take, type Job } from './jobs.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

const add = defineScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'name', 'slice')
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1`);
const takeNext = defineScript(`
local id = redis.call('RPOP', KEYS[1]) or redis.call('ZPOPMIN', KEYS[2])[1]
if not id then return false end
redis.call('LPUSH', KEYS[3], id)
redis.call('SET', ARGV[1] .. id .. ':lock', ARGV[2], 'PX', ARGV[3])
return id`);
const letGo = defineScript(`
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('LREM', KEYS[3], 1, ARGV[1])
redis.call('SREM', KEYS[5], ARGV[1])
if ARGV[3] == 'done' then redis.call('DEL', KEYS[1])
else redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1]) end
return 1`);
const lose = defineScript(`
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('LREM', KEYS[3], 1, ARGV[1])
redis.call('LREM', KEYS[4], 1, ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
return 1`);

const runOut = defineScript("return redis.call('DEL', KEYS[1])");
const wind = defineScript("redis.call('SET', KEYS[1], ARGV[1]) return 1");

export const lineScripts: readonly Script[] = [add, takeNext, letGo, lose, runOut, wind];

/** How long a worker holds a slice without another word. Ms. */
export const lockMs = 15_000;

export type Held = Pick<Job, 'id' | 'slice' | 'generation' | 'tag' | 'stalls'> & {
  readonly batchId: BatchId;
  readonly token: string;
};

export type Line = SliceQueue & {
  take(token: string): Promise<Held | undefined>;
  /** Nothing happens where another holds it by now. */
  letGo(held: Held, how: 'done' | 'later'): Promise<void>;
};

/** `perform` brings a step to Redis and the model, when its turn has come. */
export const createLine = (world: World, perform: (step: Step) => Promise<unknown>): Line => ({
  async enqueue(batchId, slices, turn = { start: 1, spacing: 1, generation: 0 }) {
    const numbers = typeof slices === 'number' ? [...Array(slices).keys()] : slices;
    for (const [place, slice] of numbers.entries()) {
      await perform(addJob(world, toJob(batchId, slice, { turn, place })));
    }
  },
  async take(token) {
    const id = await perform(takeJob(world, token));
    const job = world.jobs.all.get(String(id));
    return job && { ...job, batchId: job.batchId as BatchId, token };
  },
  async letGo(held, how) {
    await perform(letGoJob(world, held, how));
  },
  close: () => Promise.resolve(),
});

const toJob = (
  batchId: string,
  slice: number,
  { turn, place }: { readonly turn: Turn; readonly place: number },
): Job => {
  const { generation } = turn;
  const id = jobIdOf(batchId as BatchId, slice, generation);
  return { id, batchId, slice, generation, tag: tagOf(turn, place), stalls: 0 };
};

const namesOf = (world: World, ...names: readonly string[]): string[] =>
  names.map((name) => queueKey(world.keys.queuePrefix, name));

const addJob = (world: World, job: Job): Step => ({
  label: () => `put ${job.id} on the queue`,
  script: add,
  keys: namesOf(world, job.id, 'prioritized'),
  args: [job.id, job.tag],
  rule: ({ jobs }) => {
    if (jobs.all.has(job.id)) return 0;
    jobs.all.set(job.id, { ...job });
    jobs.inLine.add(job.id);
    return 1;
  },
});

const takeJob = (world: World, token: string): Step => ({
  label: () => `take a slice by ${token}`,
  script: takeNext,
  keys: namesOf(world, 'wait', 'prioritized', 'active'),
  args: [...namesOf(world, ''), token, lockMs],
  rule: ({ jobs }) => {
    const job = nextJob(jobs);
    if (job === undefined) return null;
    take(jobs.wait, job.id);
    jobs.inLine.delete(job.id);
    jobs.active.unshift(job.id);
    job.lock = token;
    job.lockedUntil = world.now + lockMs;
    return job.id;
  },
});

const letGoJob = (world: World, { id, token, tag }: Held, how: 'done' | 'later'): Step => ({
  label: () => `let go of ${id}: ${how}`,
  script: letGo,
  keys: namesOf(world, id, `${id}:lock`, 'active', 'prioritized', 'stalled'),
  args: [id, token, how, tag],
  rule: ({ jobs }) => {
    const job = jobs.all.get(id);
    if (job?.lock !== token) return 0;
    unlock(job);
    take(jobs.active, id);
    jobs.stalled.delete(id);
    if (how === 'done') jobs.all.delete(id);
    else jobs.inLine.add(id);
    return 1;
  },
});

/** What should not happen: the queue lost a job. */
export const loseJob = (world: World, job: Job): Step => ({
  label: () => `${job.id} is lost`,
  script: lose,
  keys: namesOf(world, job.id, `${job.id}:lock`, 'active', 'wait', 'prioritized'),
  args: [job.id],
  rule: ({ jobs, bereft }) => {
    jobs.all.delete(job.id);
    jobs.inLine.delete(job.id);
    take(jobs.active, job.id);
    take(jobs.wait, job.id);
    bereft.add(job.batchId);
    return 1;
  },
});

/** A lock runs out, and nobody has looked yet. */
export const unlockJob = (world: World, job: Job): Step => ({
  label: () => `the lock of ${job.id} runs out`,
  script: runOut,
  keys: namesOf(world, `${job.id}:lock`),
  args: [],
  rule: () => {
    const held = job.lock === undefined ? 0 : 1;
    unlock(job);
    return held;
  },
});

/** So many slices were taken that the clock is to begin again. */
export const windClock = (world: World): Step => ({
  label: () => 'the clock has come far',
  script: wind,
  keys: [world.keys.clock],
  args: [farClock],
  rule: () => {
    world.clock = farClock;
    return 1;
  },
});

const farClock = 1_048_600;
