// Plays many stories at once on one connection, each under a prefix of its own, and shortens one that goes wrong.
import * as fc from 'fast-check';
import { closeRedis, type Redis } from '../../shared/redis.ts';
import type { TestRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { ageing } from './ageing.ts';
import { lineScripts } from './line.ts';
import { play } from './play.ts';
import { relapseScripts } from './relapse.ts';
import type { Listen } from './scene.ts';
import { scripts } from './rules.ts';
import { shorten } from './shorten.ts';
import { look } from './sight.ts';
import { createStage, type Mutants, type Stage } from './stage.ts';
import { leaveScript } from './wire.ts';

export type Theatre = {
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** What went wrong, in as few moves as it needs, with the seed that plays it again; undefined for nothing. */
  check(about: Check): Promise<string | undefined>;
};

export type Check = {
  readonly stories: number;
  readonly seed: number;
  readonly mutants?: Mutants;
  /** The first story that goes wrong is enough, however long it is. */
  readonly isFirstEnough?: boolean;
};

type Story = readonly number[];

/** Enough to fill the wire, few enough that each is quick. */
const atOnce = 12;
/** A story that took so long may have come past a limit without a leap, and is judged when it is played alone. Ms. */
const slowMs = 300;
/** So many are judged before others are played. */
const mostLate = 3;

const stories = fc.array(fc.nat(), { minLength: 12, maxLength: 80, size: 'max' });

export const createTheatre = ({ redis, prefix }: TestRedis): Theatre => {
  // What the stories ask for in the same moment goes out in one write, which is most of what a step costs.
  const wire = redis.duplicate({ enableAutoPipelining: true });
  const listener = redis.duplicate();
  let played = 0;
  const playOnce = async (story: Story, mutants: Mutants): Promise<Played> => {
    const stage = await createStage(wire, `${prefix}:${(played += 1)}`, mutants);
    const listen = listenFor(listener, stage);
    try {
      await play(wire, { stage, listen }, story);
      return { lateMs: stage.lateMs() };
    } catch (wrong) {
      return { wrong, lateMs: stage.lateMs() };
    } finally {
      for (const worker of stage.world.listening) await listen.leave(worker);
      await stage.clear();
    }
  };
  /** Played while no other is. */
  const judge = async (story: Story, mutants: Mutants): Promise<unknown> => {
    for (let left = 5; ; left--) {
      const { wrong, lateMs } = await playOnce(story, mutants);
      if (wrong === undefined || lateMs < slowMs || left === 0) return wrong;
    }
  };
  return {
    async open() {
      await waitFor(() => hasSettled(redis));
      await load(redis, [
        ...Object.values(scripts),
        ...lineScripts,
        ...relapseScripts,
        look,
        ageing,
        leaveScript,
      ]);
    },
    async close() {
      await Promise.all([wire, listener].map(closeRedis));
    },
    async check({ stories: count, seed, mutants = new Map(), isFirstEnough = false }) {
      await load(redis, [...mutants.values()]);
      for (let first = 0; first < count; first += storiesPerSample) {
        const some = fc.sample(stories, {
          seed: seed + first,
          numRuns: Math.min(storiesPerSample, count - first),
        });
        const found = await findWrong(some, {
          playOnce: (story) => playOnce(story, mutants),
          judge: (story) => judge(story, mutants),
        });
        if (found === undefined) continue;
        const isWrong = async (story: Story): Promise<boolean> => (await judge(story, mutants)) !== undefined;
        const story = isFirstEnough ? found.story : await shorten(found.story, isWrong);
        const wrong = isFirstEnough ? found.wrong : ((await judge(story, mutants)) ?? found.wrong);
        return `MODEL_SEED=${seed}, story ${first + found.at + 1}, moves ${story.join()}\n${String(wrong)}`;
      }
      return undefined;
    },
  };
};

type Played = { readonly wrong?: unknown; readonly lateMs: number };

const storiesPerSample = 500;

/** A server that has just started is told from one that runs, by scripts that speak of dead workers. */
const hasSettled = async (redis: Redis): Promise<boolean> =>
  Number(/uptime_in_seconds:(\d+)/.exec(await redis.info('server'))?.[1]) > 5;

const load = async (redis: Redis, all: readonly { readonly lua: string }[]): Promise<void> => {
  for (const { lua } of all) await redis.script('LOAD', lua);
};

type Found = { readonly story: Story; readonly at: number; readonly wrong: unknown };

type Judges = {
  readonly playOnce: (story: Story) => Promise<Played>;
  readonly judge: (story: Story) => Promise<unknown>;
};

/** The first of them in their order, so that a seed finds the same one again. */
const findWrong = async (some: readonly Story[], { playOnce, judge }: Judges): Promise<Found | undefined> => {
  const found: Found[] = [];
  const left = [...some.entries()].toReversed();
  while (left.length > 0 && found.length === 0) {
    const late: (readonly [number, Story])[] = [];
    const goOn = async (): Promise<void> => {
      while (found.length === 0 && late.length < mostLate) {
        const next = left.pop();
        if (next === undefined) return;
        const [at, story] = next;
        const { wrong, lateMs } = await playOnce(story);
        if (wrong !== undefined && lateMs >= slowMs) late.push(next);
        else if (wrong !== undefined) found.push({ story, at, wrong });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, goOn));
    for (const [at, story] of late) {
      const wrong = found.length === 0 ? await judge(story) : undefined;
      if (wrong !== undefined) found.push({ story, at, wrong });
    }
  }
  return found.toSorted((a, b) => a.at - b.at)[0];
};

const listenFor = (listener: Redis, { world, note }: Stage): Listen => ({
  async join(worker) {
    world.listening.add(worker);
    await listener.subscribe(world.keys.worker(worker));
    note(`${worker} listens`);
  },
  async leave(worker) {
    world.listening.delete(worker);
    await listener.unsubscribe(world.keys.worker(worker));
    note(`${worker} listens no more`);
  },
});
