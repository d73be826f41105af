// Chance that can be had again: a generator that a seed determines. Pure.

export type Random = {
  readonly seed: number;
  /** At least `least`, less than `most`. */
  between(least: number, most: number): number;
  /** A whole number, both ends included. */
  whole(least: number, most: number): number;
  /** One of these; throws RangeError where there is none. */
  pick<T>(choices: readonly T[]): T;
  /** `count` numbers of [0, 1), in ascending order. */
  moments(count: number): readonly number[];
  /** A stream of its own: what is drawn from it changes nothing here. */
  fork(name: string): Random;
};

/** The same numbers for the same seed, 0 to 2³² − 1. */
export const createRandom = (seed: number): Random => {
  const state = { value: seed >>> 0 };
  // Mulberry32, by Tommy Ettinger: 32 bits of state are plenty for a schedule.
  const next = (): number => {
    state.value = (state.value + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state.value ^ (state.value >>> 15), state.value | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + next() * (most - least);
  const whole = (least: number, most: number): number => Math.floor(between(least, most + 1));
  return {
    seed,
    between,
    whole,
    pick<T>(choices: readonly T[]): T {
      if (choices.length === 0) throw new RangeError('nothing to pick from');
      return choices[whole(0, choices.length - 1)] as T;
    },
    moments: (count) => Array.from({ length: count }, next).toSorted((a, b) => a - b),
    fork: (name) => createRandom(hash(`${seed}:${name}`)),
  };
};

/** FNV-1a over UTF-16 units. */
const hash = (text: string): number =>
  Array.from(text).reduce(
    (sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193) >>> 0,
    0x811c9dc5,
  );
