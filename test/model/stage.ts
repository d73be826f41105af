// Where a story is played: steps are brought to Redis one at a time, and after each Redis is compared with the model.
import type { Redis } from '../../shared/redis.ts';
import { redisNow } from '../../shared/script.ts';
import { createKeys } from '../../shared/keys.ts';
import { queueKey } from '../../shared/queue.ts';
import { ageing } from './ageing.ts';
import { createMemory } from './invariants.ts';
import { placesOf } from './places.ts';
import { differences, look, toSight, wordsFor, type Scope, type Sight } from './sight.ts';
import type { Step } from './step.ts';
import { createWorld, moveClock, type World } from './world.ts';

/** Digest of a script → the script to be run for it, where a guard is taken out. */
export type Mutants = ReadonlyMap<string, Step['script']>;

/** What happened, told only to who asks. */
export type Trace = readonly (() => string)[];

/** Redis is not as it must be, after so many steps. */
export class Wrong extends Error {
  constructor(how: readonly string[], happened: Trace) {
    const trace = happened.map((label) => label());
    const ids = [...new Set(trace.flatMap((line) => line.match(/bat_[0-9a-f-]{36}/g) ?? []))];
    const text = [...how, 'after', ...trace].join('\n');
    super(ids.reduce((named, id, at) => named.replaceAll(id, `batch ${at + 1}`), text));
  }
}

export type Stage = {
  readonly world: World;
  /** Throws where Redis is not as it must be after it. */
  perform(step: Step): Promise<unknown>;
  /** Performs it a second time, which must change nothing. */
  repeat(step: Step): Promise<unknown>;
  /** As if everything had been written so many ms earlier. */
  pass(ms: number): Promise<void>;
  /** What happened so far, a line each. */
  readonly trace: Trace;
  /** How long the story has really taken so far. */
  lateMs(): number;
  readonly note: (line: string) => void;
  /** Keys of batches that are there. */
  findStrays(): Promise<string[]>;
  clear(): Promise<void>;
};

export const createStage = async (redis: Redis, prefix: string, mutants: Mutants): Promise<Stage> => {
  const beganAt = performance.now();
  const world = createWorld(createKeys(prefix), await redisNow(redis));
  const trace: (() => string)[] = [];
  const names = new Set<string>();
  const jobs = new Set<string>();
  let last: Sight | undefined;
  const memory = createMemory();
  const lateMs = (): number => performance.now() - beganAt;
  /** What a step may have changed: the keys it was given, and the jobs of the batches it names. */
  const scopeOf = ({ keys, args, isForAll }: Step, must: unknown): Scope => {
    for (const id of world.jobs.all.keys()) jobs.add(id);
    if (isForAll === true)
      return { places: placesOf(world), jobs: [...jobs], batches: [...world.batches.values()] };
    const ids = new Set(
      `${keys.join()} ${args.filter(isText).join()} ${String(must)}`.match(/bat_[0-9a-f-]{36}/g),
    );
    return {
      places: placesOf(world, new Set(keys)),
      jobs: [...jobs].filter((job) => ids.has(job.slice(0, 40))),
      batches: [...ids].flatMap((id) => world.batches.get(id) ?? []),
    };
  };
  const everything = (): string[] => {
    const ofJobs = [...jobs].flatMap((id) => [id, `${id}:lock`]);
    return [...names, ...placesOf(world).keys(), ...ofJobs.map((id) => queueKey(world.keys.queuePrefix, id))];
  };
  const perform = async (step: Step): Promise<unknown> => {
    const { label, keys, args, rule } = step;
    trace.push(label);
    for (const key of keys) names.add(key);
    const must = rule(world);
    const scope = scopeOf(step, must);
    const script = mutants.get(step.script.sha1) ?? step.script;
    const [reply, seen] = await Promise.all([
      redis.evalsha(script.sha1, keys.length, ...keys, ...args),
      redis.evalsha(look.sha1, 0, ...wordsFor(world, scope)),
    ]).catch((error: unknown) => {
      throw new Wrong([String(error)], trace);
    });
    step.learn?.(world, reply);
    last = toSight(seen, scope);
    world.redisNow = last.redisNow;
    const wrong = isReply(reply, must)
      ? []
      : [`it replied ${JSON.stringify(reply)}, not ${JSON.stringify(must)}`];
    wrong.push(...differences(world, last, lateMs()));
    if (wrong.length === 0) wrong.push(...memory.look(world, last));
    if (wrong.length > 0) throw new Wrong(wrong, trace);
    return reply;
  };
  return {
    world,
    trace,
    lateMs,
    note: (line) => void trace.push(() => line),
    perform,
    async repeat(step) {
      const first = last;
      const reply = await perform({ ...step, label: () => `again: ${step.label()}` });
      if (first !== undefined && last !== undefined && !isSame(first, last))
        throw new Wrong(['sent twice, it did more than once'], trace);
      return reply;
    },
    async pass(ms) {
      memory.forget();
      await perform({
        label: () => `${ms} ms pass`,
        script: ageing,
        keys: [],
        isForAll: true,
        args: [ms, everything().join(' ')],
        rule: () => {
          moveClock(world, ms);
          return 1;
        },
      });
    },
    async findStrays() {
      const ofBatches = [...names].filter((name) => name.includes('{bat_'));
      const found = await Promise.all(ofBatches.map((name) => redis.exists(name)));
      return ofBatches.filter((_, i) => found[i] === 1);
    },
    async clear() {
      await redis.unlink(...everything());
    },
  };
};

const isText = (arg: unknown): arg is string => typeof arg === 'string';

/** Replies of batches and orders among equals are left out. */
const isReply = (reply: unknown, must: unknown): boolean => {
  if (!Array.isArray(reply) || !Array.isArray(must)) return reply === must;
  if (must[0] === 'sealed' || must[0] === 'appended') return reply[0] === must[0];
  const [seen, wanted] = [reply.map(String), must.map(String)];
  return seen.toSorted().join(' ') === wanted.toSorted().join(' ');
};

const counted = new Set([
  'succeeded',
  'failed',
  'running',
  'segments',
  'generation',
  'sealed',
  'paused',
  'retry',
  'paceDone',
  'open',
  'total',
  'sliceCount',
  'linedUp',
  'staged',
]);

const isCounted = (field: string): boolean => counted.has(field) || field.startsWith('t:');

/** Of the batches that were looked at both times; times apart, of which some begin anew. */
const isSame = (first: Sight, second: Sight): boolean => {
  const was = essencesOf(first);
  return [...essencesOf(second)].every(([key, essence]) => (was.get(key) ?? essence) === essence);
};

const essencesOf = ({ reply, scope }: Sight): Map<string, string> => {
  const essences = new Map<string, string>();
  for (const [i, [key, { of, reading }]] of [...scope.places].entries()) {
    const content = reply[1][i]?.[0] ?? [];
    if (of?.part === 'meta') essences.set(key, countsIn(content));
    else if (of !== undefined)
      essences.set(key, reading === 'names' ? String(content.length) : content.join());
  }
  return essences;
};

const countsIn = (meta: readonly (string | number)[]): string =>
  meta
    .flatMap((field, at) => (isCounted(String(field)) ? [`${field} ${meta[at + 1]}`] : []))
    .toSorted()
    .join();
