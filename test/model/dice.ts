// One number of a story, from which all is drawn that is to be chosen at a move. Small numbers choose what is plain.
export type Dice = {
  /** From 0 to `sides` - 1. */
  roll(sides: number): number;
  /** One of several, each as likely as its weight says. */
  pick<T>(choices: readonly (readonly [weight: number, choice: T])[]): T;
};

export const createDice = (seed: number): Dice => {
  let state = seed;
  // xorshift: enough to draw unlike numbers from one
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const roll = (sides: number): number => next() % sides;
  return {
    roll,
    pick(choices) {
      let left = roll(choices.reduce((sum, [weight]) => sum + weight, 0));
      for (const [weight, choice] of choices) {
        left -= weight;
        if (left < 0) return choice;
      }
      throw new Error('nothing to choose from');
    },
  };
};
