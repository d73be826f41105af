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
  expect(new Set([a.outbox, a.deadlines, a.ended, b.outbox, b.deadlines, b.ended]).size).toBe(6);
});
