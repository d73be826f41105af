// How often processes died where, and where they are still to die. Pure.
import type { Figure, Trial } from '../bench/trial.ts';
import type { Failpoint } from './step.ts';

export type Tally = {
  /** A process died at all these places, each once; those that nobody asked for are left out. */
  die(who: string, places: readonly Failpoint[]): void;
  /** Places where it is not often enough: those with the fewest deaths. */
  missing(who: string): readonly Failpoint[];
  /** At how many places a death there would still count. */
  worth(who: string, places: readonly Failpoint[]): number;
  /** Places that are not hit often enough. */
  left(): number;
  /** The figures tell how often it was, by place. */
  judge(): Trial;
};

type Place = Failpoint & { readonly who: string; hits: number };

/** Before and after each of these steps of each of them, so many `times`. */
export const createTally = (steps: Readonly<Record<string, readonly string[]>>, times: number): Tally => {
  const state = { deaths: 0 };
  const places = Object.entries(steps).flatMap(([who, names]) =>
    names.flatMap((step): Place[] =>
      (['before', 'after'] as const).map((when) => ({ who, step, when, hits: 0 })),
    ),
  );
  const isMissing = ({ hits }: Place): boolean => hits < times;
  const among = (who: string, dead: readonly Failpoint[]): readonly Place[] =>
    places.filter(
      (place) =>
        place.who === who && dead.some(({ step, when }) => place.step === step && place.when === when),
    );
  return {
    die(who, dead) {
      state.deaths += 1;
      for (const place of among(who, dead)) place.hits += 1;
    },
    missing(who) {
      const left = places.filter((place) => place.who === who && isMissing(place));
      const fewest = Math.min(...left.map(({ hits }) => hits));
      return left.filter(({ hits }) => hits === fewest);
    },
    worth: (who, dead) => among(who, dead).filter(isMissing).length,
    left: () => places.filter(isMissing).length,
    judge: () => ({
      bounds: [
        { name: `failpoints not hit ${times} times`, value: places.filter(isMissing).length, most: 0 },
      ],
      figures: [
        { name: 'deaths', value: state.deaths },
        ...places.map(({ who, when, step, hits }): Figure => ({
          name: `${who} ${when} ${step}`,
          value: hits,
        })),
      ],
    }),
  };
};
