// What may happen next, and how likely it is: what leads on is likelier than what finds nothing to do, which happens too.
import { newBatchId, type BatchId } from '../../shared/batch.ts';
import type { SliceRequest } from '../../shared/request.ts';
import type { Act, Actor } from './actors.ts';
import type { Dice } from './dice.ts';
import { loseJob, stallJob, unlockJob, windClock } from './line.ts';
import type { Listen, Play } from './scene.ts';
import type { Submission, Work } from './stories.ts';
import type { ModelBatch, World } from './world.ts';

export type Come = { readonly name: string; readonly act: Act };
export type Move =
  | { readonly is: 'goesOn'; readonly actor: Actor }
  | { readonly is: 'comes'; readonly who: (dice: Dice) => Come }
  | { readonly is: 'happens'; readonly happens: (dice: Dice) => Promise<void> };

type Choice = readonly [weight: number, move: Move];

const most = { actors: 4, batches: 3 } as const;
/** No sum of a few of them comes close to a limit that the scripts know. */
export const leaps = { blink: 770, while: 6100, minute: 61_000, hours: 4_000_000 } as const;

export const createMoves = (play: Play, listen: Listen): { choices(): readonly Choice[] } => {
  const { stage, cast } = play;
  const { world } = stage;
  return {
    choices() {
      const goesOn = cast.ready.map((actor): Choice => [12, { is: 'goesOn', actor }]);
      const comes = cast.ready.length < most.actors ? newcomers(play) : [];
      return [...goesOn, ...comes, ...events(play, listen), ...timePasses(play, world)];
    },
  };
};

const newcomers = ({ stories, stage }: Play): Choice[] => {
  const { world } = stage;
  const batches = [...world.batches.values()];
  const one = (dice: Dice): ModelBatch | undefined => batches[dice.roll(Math.max(1, batches.length))];
  const idOf = (dice: Dice): BatchId => one(dice)?.id ?? newBatchId();
  const any = (test: (batch: ModelBatch) => boolean, yes: number, no: number): number =>
    batches.length === 0 ? 0 : batches.some(test) ? yes : no;
  const comes = (weight: number, name: string, act: (dice: Dice) => Act): Choice => [
    weight,
    { is: 'comes', who: (dice) => ({ name, act: act(dice) }) },
  ];
  return [
    comes(batches.length === 0 ? 60 : batches.length < most.batches ? 4 : 0, 'a client', (dice) =>
      stories.submit(newSubmission(world, dice)),
    ),
    comes(world.jobs.inLine.size + world.jobs.wait.length > 0 ? 24 : 1, 'a worker', (dice) =>
      stories.work(newWork(dice)),
    ),
    comes(world.outbox.size > 0 ? 5 : 1, 'a reconciler', () => stories.reconcile()),
    comes(any(isUnended, 2, 1), 'a dispatcher', (dice) => stories.dispatch(idOf(dice))),
    comes(any(isUnended, 4, 1), 'one who pauses', (dice) => stories.pause(idOf(dice))),
    comes(
      any(({ meta }) => meta?.paused === 1, 8, 1),
      'one who resumes',
      (dice) => stories.resume(idOf(dice)),
    ),
    comes(
      any(({ meta }) => (meta?.failed ?? 0) > 0 && meta?.endedAt !== undefined, 14, 1),
      'one who retries',
      (dice) => {
        const kept = dice.roll(3);
        return stories.retry(idOf(dice), ({ index }) => index % 3 !== kept);
      },
    ),
    comes(any(isUnended, 2, 1), 'one who cancels', (dice) => stories.end(idOf(dice), 'cancelled')),
    comes(any(isUnended, 2, 1), 'one who expires', (dice) => stories.end(idOf(dice), 'expired')),
    comes(
      any(({ id }) => (world.deadlines.get(id) ?? Infinity) < world.now, 6, 1),
      'a sweeper',
      () => stories.closeExpired(),
    ),
    comes(
      any(({ meta }) => meta?.endedAt !== undefined, 3, 1),
      'one who removes',
      (dice) => {
        const batch = one(dice);
        return stories.remove(batch?.id ?? newBatchId(), batch?.meta?.given['owner'] ?? owners[0]);
      },
    ),
    comes(
      any(({ meta }) => meta?.progress !== undefined, 4, 2),
      'a restorer',
      () => stories.restore(),
    ),
    comes(world.listening.size > 0 ? 5 : 0, 'a caller of the roll', (dice) =>
      stories.callRoll([...world.listening][dice.roll(world.listening.size)] ?? ''),
    ),
    comes(world.workers.size > 0 ? 2 : 0, 'one who takes over', (dice) =>
      stories.takeOver(workers[dice.roll(3)] ?? ''),
    ),
  ];
};

const isUnended = ({ meta }: ModelBatch): boolean => meta?.sealed === 1 && meta.endedAt === undefined;

const owners = ['anna', 'bert'] as const;
const workers = ['w0', 'w1', 'w2'] as const;

const newSubmission = (world: World, dice: Dice): Submission => {
  const owner = owners[dice.roll(5) === 4 ? 1 : 0] ?? 'anna';
  const counts = Array.from({ length: 1 + dice.roll(3) }, () => 1 + dice.roll(2));
  let index = 0;
  const slices = counts.map((count) =>
    Array.from({ length: count }, (): SliceRequest => ({ index, url: `http://127.0.0.1:1/${index++}` })),
  );
  const fingerprint = dice.roll(6) === 0 ? 'other' : 'same';
  const isLater = dice.roll(6) === 0;
  const claim = { owner, key: 'k', fingerprint };
  return {
    batch: {
      id: newBatchId(),
      owner,
      defaults: {},
      priority: 40 + 10 * dice.roll(3),
      ...(isLater && { notBefore: Math.floor(world.redisNow) + 50_000 }),
      expiresInSeconds: dice.roll(4) === 0 ? 100 : 100_000,
      retentionSeconds: 302,
    },
    slices,
    inParts: dice.roll(2) === 1,
    claim: dice.roll(2) === 1 ? claim : undefined,
  };
};

const newWork = (dice: Dice): Work => ({
  worker: workers[dice.roll(3)] ?? 'w0',
  nonce: String(dice.roll(1_000_000_000)),
  outcomes: Array.from({ length: 2 }, () =>
    dice.pick([
      [4, 'succeeded'],
      [4, 'failed'],
      [2, 'left'],
    ]),
  ),
  perSegment: 1 + dice.roll(2),
  alone: dice.roll(4) === 0,
  isOld: dice.roll(12) === 0,
  isCrowded: dice.roll(10) === 0,
});

const happens = (weight: number, act: (dice: Dice) => Promise<unknown>): Choice => [
  weight,
  { is: 'happens', happens: async (dice) => void (await act(dice)) },
];

const events = ({ stage, ghosts, cast }: Play, { join, leave }: Listen): Choice[] => {
  const { world } = stage;
  const { all, active } = world.jobs;
  const jobs = [...all.values()];
  const away = workers.filter((name) => !world.listening.has(name));
  return [
    happens(active.length > 0 ? 4 : 0, async (dice) => {
      const job = all.get(active[dice.roll(active.length)] ?? '');
      if (job !== undefined) await stage.perform(stallJob(world, job));
    }),
    happens(active.length > 0 ? 1 : 0, async (dice) => {
      const job = all.get(active[dice.roll(active.length)] ?? '');
      if (job !== undefined) await stage.perform(unlockJob(world, job));
    }),
    happens(world.batches.size > 0 && (world.clock ?? 1) < 1_000_000 ? 1 : 0, () =>
      stage.perform(windClock(world)),
    ),
    happens(jobs.length > 0 ? 1 : 0, async (dice) => {
      const job = jobs[dice.roll(jobs.length)];
      if (job !== undefined) await stage.perform(loseJob(world, job));
    }),
    happens(ghosts.length > 0 ? 8 : 0, async (dice) => {
      const [ghost] = ghosts.splice(dice.roll(ghosts.length), 1);
      if (ghost !== undefined) await stage.perform({ ...ghost, label: `late copy: ${ghost.label}` });
    }),
    happens(cast.ready.length > 0 ? 1 : 0, async (dice) => {
      const actor = cast.ready[dice.roll(cast.ready.length)];
      if (actor !== undefined) cast.kill(actor);
      return Promise.resolve();
    }),
    happens(world.batches.size > 0 && away.length > 0 ? 2 : 0, (dice) =>
      join(away[dice.roll(away.length)] ?? 'w0'),
    ),
    happens(world.listening.size > 0 ? 2 : 0, (dice) =>
      leave([...world.listening][dice.roll(world.listening.size)] ?? ''),
    ),
  ];
};

const timePasses = ({ stage, ghosts }: Play, world: World): Choice[] => {
  if (world.batches.size === 0) return [];
  const passes = (weight: number, ms: number): Choice =>
    happens(weight, async () => {
      ghosts.length = 0;
      await stage.pass(ms);
    });
  return [passes(3, leaps.blink), passes(4, leaps.while), passes(3, leaps.minute), passes(1, leaps.hours)];
};
