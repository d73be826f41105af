import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { createKeys } from '../../shared/keys.ts';

test('all keys of a batch share its hash tag, and no two are the same', () => {
  const id = newBatchId();
  const { all, channel, ...named } = createKeys('x').batch(id);
  expect(all.toSorted()).toEqual(Object.values(named).toSorted());
  expect(new Set(all).size).toBe(all.length);
  for (const key of [...all, channel]) expect(key.startsWith(`x:{${id}}:`)).toBe(true);
});

test('two prefixes share no key', () => {
  const [a, b] = [createKeys('a'), createKeys('b')];
  const names = [a, b].flatMap(({ outbox, deadlines, unfinished, clock, ended, paused }) => [
    outbox,
    deadlines,
    unfinished,
    clock,
    ended,
    paused,
  ]);
  expect(new Set(names).size).toBe(12);
});
