// Keeps batches coming, so that there is always work for trouble to come upon.
import { setTimeout as sleep } from 'node:timers/promises';
import type { StubbornClient, Wish } from './stubborn-client.ts';

export type Feed = {
  /** What is submitted next, once all is ready for it. */
  readonly next: () => Wish | Promise<Wish>;
  /** Nothing is submitted while so many have not ended. */
  readonly mostOpen: number;
  readonly isOver: () => boolean;
};

const lookMs = 20;

/** Resolves when it is over, whether or not all was answered; rejects as the first submission that failed. */
export const keepFeeding = async (
  client: Pick<StubbornClient, 'want' | 'open'>,
  { next, mostOpen, isOver }: Feed,
): Promise<void> => {
  const state: { failed?: Promise<void> } = {};
  while (!isOver() && state.failed === undefined) {
    if (client.open().length >= mostOpen) {
      await sleep(lookMs);
      continue;
    }
    const wanting = client.want(await next());
    wanting.catch(() => {
      state.failed ??= wanting;
    });
  }
  await state.failed;
};
