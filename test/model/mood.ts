// What a story is much about. What is rare in all of them together is likely in some: each leaves much out, and repeats the rest.
import { createDice, type Dice } from './dice.ts';

export type Mood = {
  /** How many times as likely as usual something is: never, as usual, or far more. */
  times(what: string): number;
  /** Whether something is so this time. */
  isSo(what: string, dice: Dice): boolean;
  /** A number below `sides` that stays the same for the story. */
  lot(what: string, sides: number): number;
};

export const createMood = (seed: number): Mood => {
  const lots = new Map<string, number>();
  const draw = (what: string, choices: readonly (readonly [weight: number, choice: number])[]): number => {
    const known = lots.get(what) ?? diceFor(seed, what).pick(choices);
    lots.set(what, known);
    return known;
  };
  return {
    times: (what) => draw(what, frequencies),
    isSo: (what, dice) => dice.roll(100) < draw(what, percents),
    lot: (what, sides) => diceFor(seed, what).roll(sides),
  };
};

const frequencies = [
  [2, 0],
  [3, 1],
  [2, 5],
] as const;

const percents = [
  [2, 0],
  [2, 15],
  [1, 60],
  [1, 96],
] as const;

const diceFor = (seed: number, what: string): Dice => {
  const dice = createDice(
    what.split('').reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, seed) || 1,
  );
  dice.roll(2);
  return dice;
};
