// Looks into Redis past everybody, and waits until all that is wanted has ended and nothing there disagrees any more.
import { pause } from '../bench/pause.ts';
import { createKeys } from '../shared/keys.ts';
import { findDisagreements, type Disagreements } from './disagreements.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';
import type { Stage } from './stage.ts';
import type { StubbornClient } from './stubborn-client.ts';

export type Settled = {
  /** What still disagreed when the time was up, and which batches had not ended. */
  readonly left: Disagreements;
  readonly unended: readonly string[];
  readonly settledMs: number;
};

type Place = Pick<Stage, 'chaos' | 'redis'>;

export const lookStraight = ({ redis }: Pick<Place, 'redis'>): Promise<Snapshot> =>
  redis.ask((straight) => readSnapshot(straight, createKeys('ff')));

export const endedIn = ({ batches }: Snapshot): ReadonlySet<string> =>
  new Set([...batches.values()].flatMap(({ id, isEnded }) => (isEnded ? [id] : [])));

const lookEveryMs = 1000;

/** Resolves when all is as it should be, or after `withinMs`. */
export const settle = async (
  place: Place,
  client: Pick<StubbornClient, 'lookAgain' | 'open'>,
  withinMs: number,
): Promise<Settled> => {
  const startedAt = performance.now();
  for (;;) {
    const snapshot = await lookStraight(place);
    client.lookAgain(endedIn(snapshot));
    const left = findDisagreements(snapshot);
    const unended = client.open();
    const settledMs = performance.now() - startedAt;
    const isSettled = unended.length === 0 && Object.values(left).every(({ length }) => length === 0);
    if (isSettled || settledMs > withinMs) return { left, unended, settledMs };
    place.chaos.progress(`${unended.length} batches have not ended, ${left.jobsLost.length} jobs are lost`);
    await pause(lookEveryMs, place.chaos.signal);
  }
};
