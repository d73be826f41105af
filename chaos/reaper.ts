// Has a process die at failpoints, time and again, each time replaced by another.
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepLine } from './step-line.ts';
import type { Failpoint } from './step.ts';

/** A process, and those that take its place. */
export type Victim = {
  readonly line: Pick<StepLine, 'arm' | 'disarm'>;
  /** Ends it, as a crash does, before it returns; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when another has taken its place. */
  start(): Promise<void>;
};

export type Reaping = {
  /** Where it may die next; nowhere when it is over. */
  readonly aims: () => readonly Failpoint[];
  /** At how many places with too few deaths it would die there. */
  readonly worth: (places: readonly Failpoint[]) => number;
  /** A process that comes to none of them by then dies where it is. */
  readonly withinMs: number;
  readonly onDeath: (places: readonly Failpoint[]) => void;
  readonly signal: AbortSignal;
};

/** Resolves when it is over, and the last victim replaced. */
export const reap = async (victim: Victim, reaping: Reaping): Promise<void> => {
  const { aims, onDeath, signal } = reaping;
  for (let wanted = aims(); wanted.length > 0; wanted = aims()) {
    onDeath(await dieAt(victim, wanted, reaping));
    signal.throwIfAborted();
    await victim.start();
  }
};

/** A death costs a start: for a while each is to be worth so many places, then fewer and fewer. */
const mostWorth = 8;
const worthLessMs = 250;

/** Where all it died. */
const dieAt = async (
  victim: Victim,
  wanted: readonly Failpoint[],
  { worth, withinMs, signal }: Reaping,
): Promise<readonly Failpoint[]> => {
  const state: { death?: Promise<void>; places: readonly Failpoint[] } = { places: [] };
  const waiting = new AbortController();
  const armedAt = performance.now();
  const isTime = (places: readonly Failpoint[]): boolean =>
    places.some((place) => wanted.some(({ step, when }) => place.step === step && place.when === when)) &&
    worth(places) >= Math.max(1, mostWorth - (performance.now() - armedAt) / worthLessMs);
  victim.line.arm(isTime, (places) => {
    state.places = places;
    state.death = victim.kill();
    waiting.abort();
  });
  const isOver = AbortSignal.any([signal, waiting.signal]);
  await sleep(withinMs, undefined, { signal: isOver }).catch(() => {});
  victim.line.disarm();
  // Others may wait for that: what it leaves is for them to take over.
  await (state.death ?? victim.kill());
  return state.places;
};
