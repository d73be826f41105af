// Who may come next, and how likely: who finds something to do more than who does not, though both do.
import { newBatchId, type BatchId } from '../../shared/batch.ts';
import type { Act } from './actors.ts';
import type { Dice } from './dice.ts';
import type { Mood } from './mood.ts';
import type { Play } from './scene.ts';
import { requestOf, type Addition, type Submission } from './intake-story.ts';
import type { Work } from './slice-story.ts';
import type { Begun, Holding, ModelBatch, World } from './world.ts';

export type Newcomer = readonly [weight: number, name: string, act: (dice: Dice) => Act];

const most = 3;
export const workers = ['w0', 'w1', 'w2'] as const;

export const newcomers = (play: Play, mood: Mood): Newcomer[] =>
  [...clients(play, mood), ...users(play), ...duties(play)].map(([weight, name, act]) => {
    const times = mood.times(name);
    return [weight * (always.has(name) ? Math.max(1, times) : times), name, act];
  });

/** Without them there is no story. */
const always = new Set(['a client', 'a worker', 'a reconciler']);

const clients = ({ stories, cast, stage: { world } }: Play, mood: Mood): Newcomer[] => {
  const coming = cast.ready.filter(({ name }) => name === 'a client').length;
  const size = world.batches.size + coming;
  const isWaiting = world.jobs.inLine.size + world.jobs.wait.length > 0;
  const submits = size === 0 ? 300 : size <= mood.lot('batches', most) ? 20 : 0;
  return [
    [submits, 'a client', (dice) => stories.submit(newSubmission(world, mood, dice))],
    [
      world.held.length > 0 ? Math.max(12, likely(world, isRetried, 15)) : 0,
      'one who is late',
      (dice) => stories.goOnLate(newWork(mood, dice), world.held[dice.roll(world.held.length)] ?? nothing),
    ],
    [
      world.begun.length > 0 ? 3 : 0,
      'one who gives up late',
      (dice) => stories.giveUpLate(world.begun[dice.roll(world.begun.length)] ?? nothingBegun),
    ],
    [
      likely(world, isOpen, 25),
      'one who appends',
      (dice) => stories.append(one(world, dice, isOpen)?.id ?? newBatchId(), newAddition(mood, dice)),
    ],
    [
      likely(world, isOpen, 3),
      'one who seals',
      (dice) => stories.seal(one(world, dice, isOpen)?.id ?? newBatchId()),
    ],
    [isWaiting ? 160 : 1, 'a worker', (dice) => stories.work(newWork(mood, dice))],
  ];
};

const nothingBegun: Begun = { batchId: newBatchId(), claim: undefined };
const nothing: Holding = { batchId: newBatchId(), slice: 0, generation: 0, stalls: 0, requests: [] };

/** A batch by chance, of a kind where that is asked for, mostly; undefined where there is none. */
const one = (
  world: World,
  dice: Dice,
  isMeant: (batch: ModelBatch) => boolean = () => true,
): ModelBatch | undefined => {
  const all = [...world.batches.values()];
  const some = dice.roll(8) === 0 ? all : all.filter(isMeant);
  return some[dice.roll(Math.max(1, some.length))];
};

const likely = (world: World, isOne: (batch: ModelBatch) => boolean, weight: number): number => {
  if (world.batches.size === 0) return 0;
  return [...world.batches.values()].some(isOne) ? 4 * weight : 1;
};

const users = ({ stories, stage: { world } }: Play): Newcomer[] => {
  const idOf = (dice: Dice): BatchId => one(world, dice)?.id ?? newBatchId();
  return [
    [likely(world, isUnended, 2), 'one who pauses', (dice) => stories.pause(idOf(dice))],
    [likely(world, isUnended, 2), 'one who changes its mind', (dice) => stories.pauseAndResume(idOf(dice))],
    [likely(world, isPaused, 10), 'one who resumes', (dice) => stories.resume(idOf(dice))],
    [
      likely(world, isCompleted, 30),
      'one who retries',
      (dice) => {
        const left = dice.roll(5);
        return stories.retry(idOf(dice), ({ index }) => index % 3 !== left);
      },
    ],
    [likely(world, isUnended, 1), 'one who cancels', (dice) => stories.end(idOf(dice), 'cancelled')],
    [
      likely(world, isSealed, 2),
      'one who regrets',
      (dice) => {
        const batch = one(world, dice);
        return stories.cancelAndRemove(batch?.id ?? newBatchId(), batch?.meta?.given['owner'] ?? 'anna');
      },
    ],
    [
      likely(world, hasEnded, 3),
      'one who removes',
      (dice) => {
        const batch = one(world, dice);
        return stories.remove(batch?.id ?? newBatchId(), batch?.meta?.given['owner'] ?? 'anna');
      },
    ],
  ];
};

const duties = ({ stories, stage: { world } }: Play): Newcomer[] => {
  const idOf = (dice: Dice): BatchId => one(world, dice)?.id ?? newBatchId();
  const isDue = ({ id }: ModelBatch): boolean => (world.deadlines.get(id) ?? Infinity) < world.now;
  const isDueOut = ({ id }: ModelBatch): boolean => (world.outbox.get(id) ?? Infinity) <= world.now;
  const isRetired = ({ id }: ModelBatch): boolean =>
    [...world.retained].some(([name, at]) => name.endsWith(id) && at <= world.now);
  const listening = [...world.listening];
  const locks = [...world.jobs.all.values()].flatMap(({ lock }) => lock ?? []);
  const fallen = [...world.workers.keys()].filter(
    (name) => !world.listening.has(name) && locks.some((lock) => lock.startsWith(name)),
  );
  return [
    [
      [...world.jobs.active].some((id) => world.jobs.all.get(id)?.lock === undefined) ? 12 : 2,
      'one who puts back',
      () => stories.putBack(),
    ],
    [likely(world, isDueOut, 6), 'a reconciler', () => stories.reconcile()],
    [likely(world, isUnended, 2), 'a dispatcher', (dice) => stories.dispatch(idOf(dice))],
    [likely(world, isUnended, 1), 'one who expires', (dice) => stories.end(idOf(dice), 'expired')],
    [likely(world, isDue, 6), 'a sweeper', () => stories.closeExpired()],
    [likely(world, ({ meta }) => meta?.progress !== undefined, 4), 'a restorer', () => stories.restore()],
    [likely(world, isRetired, 6), 'one who forgets', () => stories.retire()],
    [
      listening.length > 0 ? 5 : 0,
      'a caller of the roll',
      (dice) => stories.callRoll(listening[dice.roll(listening.length)] ?? ''),
    ],
    [
      8 * fallen.length,
      'one who takes over from the dead',
      (dice) => stories.takeOver(fallen[dice.roll(fallen.length)] ?? ''),
    ],
    [
      world.workers.size > 0 ? 2 : 0,
      'one who takes over',
      (dice) => stories.takeOver(workers[dice.roll(workers.length)] ?? ''),
    ],
  ];
};

const isOpen = ({ meta }: ModelBatch): boolean => meta?.open === 1;
const isSealed = ({ meta }: ModelBatch): boolean => meta?.sealed === 1;
const isUnended = ({ meta }: ModelBatch): boolean => meta?.sealed === 1 && meta.endedAt === undefined;
const isRetried = (batch: ModelBatch): boolean =>
  isUnended(batch) && batch.meta?.retryGeneration !== undefined;
const isPaused = ({ meta }: ModelBatch): boolean => meta?.paused === 1;
const hasEnded = ({ meta }: ModelBatch): boolean => meta?.endedAt !== undefined;
const isCompleted = (batch: ModelBatch): boolean => hasEnded(batch) && (batch.meta?.failed ?? 0) > 0;

const newSubmission = (world: World, mood: Mood, dice: Dice): Submission => {
  const owner = mood.isSo('another owner', dice) ? 'bert' : 'anna';
  const counts = Array.from({ length: 1 + mood.lot('slices', 3) }, () => 1 + dice.roll(2));
  let index = 0;
  const slices = counts.map((count) => Array.from({ length: count }, () => requestOf(index++)));
  const isContended = mood.isSo('contended', dice);
  const hasDigest = mood.isSo('with a digest', dice);
  const fingerprint = !isContended && dice.roll(6) === 0 ? 'other' : 'same';
  return {
    batch: {
      id: newBatchId(),
      owner,
      defaults: {},
      priority: 40 + 10 * dice.roll(3),
      ...(mood.isSo('not yet', dice) && { notBefore: Math.floor(world.redisNow) + 45_000 }),
      expiresInSeconds: mood.isSo('expires soon', dice) ? 90 : 100_000,
      retentionSeconds: 334,
      ...(mood.isSo('open', dice) && { isOpen: true }),
      ...(dice.roll(4) === 0 && { duplicates: dice.roll(9) }),
    },
    slices,
    inParts: isContended || mood.isSo('in parts', dice),
    keeps: dice.roll(4) === 0,
    asks: !isContended && dice.roll(2) === 0,
    claim:
      isContended || mood.isSo('with a key', dice)
        ? { owner, key: 'k', fingerprint, ...(hasDigest && { digest: async () => 'd' }) }
        : undefined,
  };
};

const newWork = (mood: Mood, dice: Dice): Work => ({
  worker: workers[dice.roll(workers.length)] ?? 'w0',
  slices: 1 + dice.roll(3),
  nonce: String(dice.roll(1_000_000_000)),
  outcomes: Array.from({ length: 2 }, () => {
    if (mood.isSo('left', dice)) return 'left';
    return mood.isSo('failed', dice) ? 'failed' : 'succeeded';
  }),
  perSegment: 1 + dice.roll(2),
  alone: mood.isSo('alone', dice),
  falls: mood.isSo('falls', dice),
  isOld: mood.isSo('old', dice),
  isCrowded: dice.roll(10) === 0,
  renews: mood.isSo('renews', dice),
  signs: mood.isSo('signs', dice),
});

const newAddition = (mood: Mood, dice: Dice): Addition => {
  const digest = dice.roll(3) === 0 ? 'other' : 'same';
  return {
    counts: Array.from({ length: dice.roll(3) }, () => 1 + dice.roll(2)),
    mark: mood.isSo('with a mark', dice) ? { mark: 'key', digest } : undefined,
    keeps: dice.roll(4) === 0,
  };
};
