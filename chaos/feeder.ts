// Keeps batches coming, of the kinds that bring processes to the steps at which they are to die.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { StubbornClient, Wish } from './stubborn-client.ts';

/** A kind of batch: what is to be done before one of this name is submitted, and what it is. */
export type Kind = {
  readonly name: string;
  prepare?(name: string): Promise<void>;
  readonly wish: Omit<Wish, 'name'>;
};

export type Feeder = {
  /** Submits one of a kind; resolves when it was answered, however. */
  feed(kind: Kind): Promise<void>;
  /** Submits of those that `wanted` names at any time, and is never without some that have not ended, until it `isOver`. */
  keepFeeding(wanted: () => readonly Kind[], isOver: () => boolean): Promise<void>;
};

const mostOpen = 8;
const lookMs = 20;

export const createFeeder = (client: Pick<StubbornClient, 'want' | 'open'>, random: Random): Feeder => {
  const state: { fed: number; failed?: Promise<void> } = { fed: 0 };
  const feed = async (kind: Kind): Promise<void> => {
    state.fed += 1;
    const name = `${state.fed}-${kind.name}`;
    await kind.prepare?.(name);
    await client.want({ ...kind.wish, name });
  };
  return {
    feed,
    async keepFeeding(wanted, isOver) {
      while (!isOver() && state.failed === undefined) {
        const kinds = wanted();
        if (client.open().length < mostOpen && kinds.length > 0) {
          const feeding = feed(random.pick(kinds));
          feeding.catch(() => {
            state.failed = feeding;
          });
        }
        await sleep(lookMs);
      }
      await state.failed;
    },
  };
};
