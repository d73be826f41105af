import { expect, test } from '@jest/globals';
import { keepFeeding } from '../../chaos/feeder.ts';
import type { StubbornClient, Wish } from '../../chaos/stubborn-client.ts';

const wish = (name: string): Wish => ({ name, total: 3, steer: 'leave', looks: 0 });

/** A client that has ended none but those that are taken off its list. */
const slowClient = (want: () => Promise<void> = () => Promise.resolve()) => {
  const wishes: string[] = [];
  const client: Pick<StubbornClient, 'want' | 'open'> = {
    want({ name }) {
      wishes.push(name);
      return want();
    },
    open: () => wishes,
  };
  return { client, wishes };
};

test('submits what is next, in turn, until so many have not ended, and again when one has', async () => {
  const { client, wishes } = slowClient();
  const state = { fed: 0, looks: 0 };
  const next = (): Promise<Wish> => Promise.resolve(wish(String((state.fed += 1))));
  const isOver = (): boolean => {
    state.looks += 1;
    if (state.looks === 8) wishes.shift();
    return state.looks > 12;
  };
  await keepFeeding(client, { next, mostOpen: 3, isOver });
  expect(wishes).toEqual(['2', '3', '4']);
});

test('fails as a submission does', async () => {
  const { client } = slowClient(() => Promise.reject(new Error('refused')));
  const feeding = keepFeeding(client, { next: () => wish('a'), mostOpen: 2, isOver: () => false });
  await expect(feeding).rejects.toThrow('refused');
});
