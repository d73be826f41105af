import { expect, test } from '@jest/globals';
import { createFeeder, type Kind } from '../../chaos/feeder.ts';
import { createRandom } from '../../chaos/random.ts';
import type { StubbornClient, Wish } from '../../chaos/stubborn-client.ts';

const kind = (name: string, more: Partial<Kind> = {}): Kind => ({
  name,
  wish: { total: 3, steer: 'leave', looks: 0 },
  ...more,
});

/** A client whose wishes never end, unless it is told so. */
const slowClient = (want: (wish: Wish) => Promise<void> = () => Promise.resolve()) => {
  const wishes: Wish[] = [];
  const client: Pick<StubbornClient, 'want' | 'open'> = {
    want(wish) {
      wishes.push(wish);
      return want(wish);
    },
    open: () => wishes.map(({ name }) => name),
  };
  return { client, wishes };
};

test('submits a kind under a name of its own, when it is prepared', async () => {
  const { client, wishes } = slowClient();
  const feeder = createFeeder(client, createRandom(1));
  const prepared: string[] = [];
  const prepare = async (name: string): Promise<void> =>
    void prepared.push(`${name} before ${wishes.length}`);
  await feeder.feed(kind('small'));
  await feeder.feed(kind('odd', { prepare }));
  expect(wishes.map(({ name, total }) => [name, total])).toEqual([
    ['1-small', 3],
    ['2-odd', 3],
  ]);
  expect(prepared).toEqual(['2-odd before 1']);
});

test('keeps some open, of what is wanted, until it is over', async () => {
  const { client, wishes } = slowClient();
  const feeder = createFeeder(client, createRandom(1));
  const looks = { count: 0 };
  const wanted = (): readonly Kind[] => {
    looks.count += 1;
    return looks.count < 3 ? [] : [kind('a'), kind('b')];
  };
  await feeder.keepFeeding(wanted, () => looks.count > 20);
  expect(wishes).toHaveLength(8);
  expect(new Set(wishes.map(({ name }) => name.split('-')[1]))).toEqual(new Set(['a', 'b']));
});

test('fails as a submission does', async () => {
  const { client } = slowClient(() => Promise.reject(new Error('refused')));
  const feeder = createFeeder(client, createRandom(1));
  await expect(
    feeder.keepFeeding(
      () => [kind('a')],
      () => false,
    ),
  ).rejects.toThrow('refused');
});
