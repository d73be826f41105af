// Has a process die at one failpoint after the other, each time replaced by another.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failpoint, StepLine } from './step-line.ts';

/** A process, and those that take its place. */
export type Victim = {
  readonly line: Pick<StepLine, 'arm' | 'disarm'>;
  /** Ends it, as a crash does, before it returns; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when another has taken its place. */
  start(): Promise<void>;
};

export type Reaping = {
  /** Taken from the front, by one victim or several. */
  readonly plan: Failpoint[];
  /** The steps at which somebody is to die now. */
  readonly armed: Set<Failpoint>;
  /** How long a process may live on before it is given up that it comes to its failpoint. */
  readonly withinMs: number;
  readonly onHit: (failpoint: Failpoint) => void;
  readonly signal: AbortSignal;
};

/** Resolves when the plan is done, and the last victim replaced. Failpoints that were not come to are given up. */
export const reap = async (victim: Victim, reaping: Reaping): Promise<void> => {
  const { plan, armed, withinMs, onHit, signal } = reaping;
  for (let failpoint = plan.shift(); failpoint !== undefined; failpoint = plan.shift()) {
    signal.throwIfAborted();
    armed.add(failpoint);
    const hasDied = await dieAt(victim, failpoint, withinMs);
    armed.delete(failpoint);
    if (!hasDied) continue;
    onHit(failpoint);
    await victim.start();
  }
};

const dieAt = async (victim: Victim, failpoint: Failpoint, withinMs: number): Promise<boolean> => {
  const state: { death?: Promise<void> } = {};
  const waiting = new AbortController();
  const late = sleep(withinMs, undefined, { signal: waiting.signal }).catch(() => {});
  const struck = new Promise<void>((resolve) => {
    victim.line.arm(failpoint, () => {
      state.death = victim.kill();
      resolve();
    });
  });
  await Promise.race([struck, late]);
  waiting.abort();
  victim.line.disarm();
  await state.death;
  return state.death !== undefined;
};
