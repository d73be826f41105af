// Many clients that submit at once, each sending again, under its key, what was accepted: it must be the same batch.
import type { CountingTarget } from '../bench/counting-target.ts';
import { inParallel } from '../bench/in-parallel.ts';
import type { Accepted } from './audit.ts';
import { submit } from './follow.ts';
import type { PatientClient } from './patient-client.ts';
import type { Work } from './troubles.ts';

export type Submitted = {
  readonly accepted: readonly Accepted[];
  /** Keys that were answered with more than one batch. */
  readonly ambiguousKeys: number;
};

export type Submitting = Work & { readonly ended: Promise<Submitted> };

/** A batch of each of these sizes, `atOnce` of them at a time. */
export const submitMany = (
  client: PatientClient,
  stage: { readonly target: Pick<CountingTarget, 'origin'> },
  { sizes, atOnce }: { readonly sizes: readonly number[]; readonly atOnce: number },
): Submitting => {
  const accepted: Accepted[] = [];
  const state = { ambiguousKeys: 0 };
  const submitTwice = async (number: number): Promise<void> => {
    const batch = { name: `b${number}`, total: sizes[number] ?? 0 };
    const first = await submit(client, stage, batch);
    const second = await submit(client, stage, batch);
    if (first.id !== second.id) state.ambiguousKeys += 1;
    accepted.push(first);
  };
  const ended = inParallel(sizes.length, atOnce, submitTwice).then(() => ({ accepted, ...state }));
  // A story that fails on the way no longer waits for it.
  ended.catch(() => {});
  return { done: () => accepted.length / sizes.length, ended };
};
