// How often processes died where. Pure.
import type { Figure, Trial } from '../bench/trial.ts';
import type { Failpoint } from './step-line.ts';

export type Place = Pick<Failpoint, 'step' | 'when'> & { readonly who: string };

export type Tally = {
  hit(place: Place): void;
  /** Whether each place was hit as often as it is `wanted`; the figures tell how often, by step. */
  judge(wanted: readonly Place[]): Trial;
};

export const createTally = (): Tally => {
  const hits = new Map<string, number>();
  return {
    hit: (place) => add(hits, keyOf(place)),
    judge(wanted) {
      const due = new Map<string, number>();
      for (const place of wanted) add(due, keyOf(place));
      const missed = [...due].map(([key, count]) => Math.max(0, count - (hits.get(key) ?? 0)));
      return {
        bounds: [{ name: 'failpoints missed', value: sum(missed), most: 0 }],
        figures: [
          { name: 'deaths', value: sum([...hits.values()]) },
          ...[...due.keys()].map((key): Figure => ({ name: key, value: hits.get(key) ?? 0 })),
        ],
      };
    },
  };
};

const keyOf = ({ who, step, when }: Place): string => `${who} ${when} ${step}`;

const add = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
