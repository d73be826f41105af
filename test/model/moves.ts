// What may happen next, and how likely it is: one goes on, one comes, time passes, something breaks.
import { newBatchId } from '../../shared/batch.ts';
import type { Act, Actor } from './actors.ts';
import type { Dice } from './dice.ts';
import { loseJob, unlockJob, windClock } from './line.ts';
import type { Mood } from './mood.ts';
import { newcomers, workers } from './newcomers.ts';
import { relapses } from './relapse.ts';
import { actAlone, sendLate, type Listen, type Play } from './scene.ts';
import type { Job } from './jobs.ts';

export type Come = { readonly name: string; readonly act: Act };
export type Move =
  | { readonly is: 'goesOn'; readonly actor: Actor }
  | { readonly is: 'comes'; readonly who: (dice: Dice) => Come }
  | { readonly is: 'happens'; readonly happens: (dice: Dice) => Promise<unknown> };

export type Choice = readonly [weight: number, move: Move];

const mostActors = 4;
/** No sum of a few of them comes close to a limit that the scripts know. */
export const leaps = { blink: 855, while: 6500, minute: 61_000, hours: 4_000_000 } as const;

export const choicesOf = (play: Play, mood: Mood, listen: Listen): readonly Choice[] => {
  const { ready } = play.cast;
  const goesOn = ready.map((actor): Choice => [actor.pace, { is: 'goesOn', actor }]);
  const comes = ready.length < mostActors ? newcomers(play, mood) : [];
  const happens =
    play.stage.world.batches.size === 0
      ? []
      : [...breaks(play), ...rivals(play), ...roll(play, listen), ...passes(play)];
  return [
    ...goesOn,
    ...comes.map(([weight, name, act]): Choice => [
      weight,
      { is: 'comes', who: (dice) => ({ name, act: act(dice) }) },
    ]),
    ...happens.map(([weight, name, act]): Choice => [
      weight * mood.times(name),
      { is: 'happens', happens: act },
    ]),
  ];
};

type Event = readonly [weight: number, name: string, act: (dice: Dice) => Promise<unknown>];

const breaks = (play: Play): Event[] => {
  const { stage, ghosts, cast } = play;
  const { world } = stage;
  const { all, active } = world.jobs;
  const held = active.flatMap((id) => all.get(id) ?? []);
  const lost = relapses(world);
  const one = (jobs: readonly Job[], dice: Dice): Job => jobs[dice.roll(jobs.length)] ?? nobody;
  return [
    [
      held.length > 0 ? 4 : 0,
      'a stall',
      async (dice) => {
        await stage.perform(unlockJob(world, one(held, dice)));
        for (let looks = 0; looks < 2; looks++) {
          await stage.pass(leaps.while);
          await actAlone(play, 'one who looks', play.stories.putBack());
        }
      },
    ],
    [held.length > 0 ? 2 : 0, 'no lock', (dice) => stage.perform(unlockJob(world, one(held, dice)))],
    [all.size > 0 ? 1 : 0, 'a loss', (dice) => stage.perform(loseJob(world, one([...all.values()], dice)))],
    [2 * lost.length, 'a relapse', (dice) => stage.perform(lost[dice.roll(lost.length)] ?? windClock(world))],
    [(world.clock ?? 1) < 1_000_000 ? 1 : 0, 'late', () => stage.perform(windClock(world))],
    [
      8 * ghosts.length,
      'a copy',
      async (dice) => {
        const ghost = ghosts[dice.roll(ghosts.length)];
        if (ghost !== undefined) await sendLate(play, ghost);
      },
    ],
    [
      cast.ready.length > 0 ? 1 : 0,
      'a death',
      (dice) => {
        const actor = cast.ready[dice.roll(cast.ready.length)];
        if (actor !== undefined) cast.kill(actor);
        return Promise.resolve();
      },
    ],
  ];
};

const unknown = { id: newBatchId() };
/** Somebody takes so long that others take it for dead, and go on in its place. */
const rivals = (play: Play): Event[] => {
  const { stage, stories, cast } = play;
  const { world } = stage;
  const contended = world.begun.flatMap(({ batchId, claim }) =>
    world.batches.get(batchId)?.meta?.sealed === 0 && claim !== undefined ? [claim] : [],
  );
  const appended = [...world.batches.values()].filter(({ meta }) => meta?.appender !== undefined);
  return [
    [
      contended.length > 0 ? 4 : 0,
      'another submits',
      async (dice) => {
        await stage.pass(leaps.while);
        const claim = contended[dice.roll(contended.length)];
        if (claim !== undefined) await actAlone(play, 'another who submits', stories.beginAgain(claim));
      },
    ],
    [
      appended.length > 0 ? 4 : 0,
      'another appends',
      async (dice) => {
        await stage.pass(leaps.while);
        const { id } = appended[dice.roll(appended.length)] ?? unknown;
        await actAlone(play, 'another who appends', stories.beginAppend(id));
      },
    ],
    [
      cast.ready.some(({ name }) => name === 'one who retries') ? 8 : 0,
      'a retry half done',
      async () => {
        await stage.pass(leaps.while);
        await actAlone(play, 'a reconciler', stories.reconcile());
      },
    ],
  ];
};

const nobody: Job = { id: '', batchId: '', slice: 0, generation: 0, tag: 0, stalls: 0 };

const roll = ({ stage: { world } }: Play, { join, leave }: Listen): Event[] => {
  const here = [...world.listening];
  const away = workers.filter((name) => !world.listening.has(name));
  return [
    [away.length > 0 ? 2 : 0, 'one joins', (dice) => join(away[dice.roll(away.length)] ?? 'w0')],
    [here.length > 0 ? 2 : 0, 'one leaves', (dice) => leave(here[dice.roll(here.length)] ?? '')],
  ];
};

const passes = ({ stage, ghosts }: Play): Event[] => {
  const after = (ms: number) => async (): Promise<void> => {
    ghosts.length = 0;
    await stage.pass(ms);
  };
  return [
    [3, 'a blink', after(leaps.blink)],
    [4, 'a while', after(leaps.while)],
    [3, 'a minute', after(leaps.minute)],
    [1, 'hours', after(leaps.hours)],
  ];
};
