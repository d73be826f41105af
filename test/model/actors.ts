// Whoever acts at the same time: each waits at its next step until it is picked, and may be told that it failed, or die.
import type { Step } from './step.ts';

type Pending = {
  readonly step: Step;
  readonly answer: (reply: unknown) => void;
  readonly fail: (error: Error) => void;
};

export type Actor = {
  readonly name: string;
  /** How soon it goes on, beside others. */
  readonly pace: number;
  /** The steps it waits at: more than one where it asks for several at once. */
  readonly pending: Pending[];
  isOver: boolean;
  /** What it ended with, if that was no success. */
  error?: unknown;
};

/** What a story is told with: its steps wait for their turn. */
export type Act = (perform: (step: Step) => Promise<unknown>) => Promise<void>;

export type Cast = {
  /** Those that wait at a step. */
  readonly ready: readonly Actor[];
  /** Resolves when it waits at its first step, or is over. */
  enter(name: string, act: Act, pace?: number): Promise<Actor>;
  /** Goes on after a step, until it waits at the next or is over. */
  settle(actor: Actor): Promise<void>;
  /** It never goes on. */
  kill(actor: Actor): void;
};

export const createCast = (): Cast => {
  const ready: Actor[] = [];
  const wakes = new Map<Actor, () => void>();
  const wake = (actor: Actor): void => {
    wakes.get(actor)?.();
    wakes.delete(actor);
  };
  const settle = async (actor: Actor): Promise<void> => {
    if (actor.isOver || actor.pending.length > 0) return;
    await new Promise<void>((resolve) => {
      wakes.set(actor, resolve);
    });
  };
  const leave = (actor: Actor): void => {
    actor.isOver = true;
    if (ready.includes(actor)) ready.splice(ready.indexOf(actor), 1);
    wake(actor);
  };
  return {
    ready,
    settle,
    kill: leave,
    async enter(name, act, pace = 1) {
      const actor: Actor = { name, pace, pending: [], isOver: false };
      const perform = (step: Step): Promise<unknown> =>
        new Promise((answer, fail) => {
          actor.pending.push({ step, answer, fail });
          wake(actor);
        });
      ready.push(actor);
      act(perform)
        .catch((error: unknown) => {
          actor.error = error;
        })
        .finally(() => leave(actor));
      await settle(actor);
      return actor;
    },
  };
};

/** What a caller is told of a call that got no answer. */
export class Failed extends Error {}
