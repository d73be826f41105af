// Plays a story: at each move one who waits goes on, someone comes, time passes or something breaks.
import type { Redis } from '../../shared/redis.ts';
import { createCast, type Actor } from './actors.ts';
import { audit } from './audit.ts';
import { createDice, type Dice } from './dice.ts';
import { drain } from './drain.ts';
import { createMood, type Mood } from './mood.ts';
import { choicesOf, type Come } from './moves.ts';
import { checkEnd, stepOn, type Fault, type Listen, type Play } from './scene.ts';
import type { Stage } from './stage.ts';
import { createStories } from './stories.ts';

export type Scene = { readonly stage: Stage; readonly listen: Listen };

/** Every number is a move, but the first, which is the mood of all. Throws where Redis comes not to be as it must. */
export const play = async (
  redis: Redis,
  { stage, listen }: Scene,
  story: readonly number[],
): Promise<void> => {
  const whole: Play = { stage, stories: createStories(redis, stage.world), cast: createCast(), ghosts: [] };
  const mood = createMood(story[0] ?? 0);
  const likely = faultsIn(mood);
  for (const number of story.slice(1)) {
    const dice = createDice(number + 1);
    const next = dice.pick(choicesOf(whole, mood, listen));
    if (next.is === 'goesOn') await goOn(whole, next.actor, { dice, likely });
    else if (next.is === 'comes') await come(whole, next.who(dice), dice.pick(paces));
    else await next.happens(dice);
  }
  await drain(whole, listen, mood.isSo('late', createDice(1 + (story.at(-1) ?? 0))));
  await audit(redis, whole);
};

const come = async ({ cast, stage }: Play, { name, act }: Come, pace: number): Promise<void> => {
  checkEnd(await cast.enter(name, act, pace), stage);
};

/** Some are so slow that the others are done before they go on. */
const paces: readonly (readonly [weight: number, pace: number])[] = [
  [2, 3],
  [2, 50],
  [3, 200],
];

const faults: readonly (readonly [weight: number, Fault])[] = [
  [62, 'none'],
  [8, 'echoed'],
  [8, 'sentTwice'],
  [6, 'sentAgain'],
  [8, 'copied'],
  [3, 'unanswered'],
  [2, 'refused'],
  [3, 'dies'],
];

const faultsIn = (mood: Mood): typeof faults =>
  faults.map(([weight, fault]) => [fault === 'none' ? weight : weight * mood.times(fault), fault]);

/** A few steps of one, without others between; each may go wrong. */
const goOn = async (
  whole: Play,
  actor: Actor,
  { dice, likely }: { readonly dice: Dice; readonly likely: typeof faults },
): Promise<void> => {
  const steps = 1 + dice.roll(3);
  for (let i = 0; i < steps && !actor.isOver; i++) await stepOn(whole, actor, dice.pick(likely));
};
