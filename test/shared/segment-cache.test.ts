import { expect, test } from '@jest/globals';
import { bytesOf, createSegmentCache } from '../../shared/segment-cache.ts';
import { toColumns } from '../../shared/segment-columns.ts';
import { failed, succeeded } from '../support/batches.ts';

const columns = (index: number) => toColumns([succeeded(index)]);
const each = bytesOf(columns(0));

test('keeps what was put, and drops what was not asked for the longest', () => {
  const cache = createSegmentCache(each * 2);
  const [a, b, c] = [columns(0), columns(1), columns(2)];
  cache.put('a', a);
  cache.put('b', b);
  expect(cache.get('a')).toBe(a);
  cache.put('c', c);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([a, undefined, c]);
});

test('counts a segment once, however often it is put', () => {
  const cache = createSegmentCache(each * 2);
  for (let i = 0; i < 5; i += 1) cache.put('a', columns(0));
  cache.put('b', columns(1));
  expect(cache.get('a')).toBeDefined();
});

test('does not keep what is too large alone', () => {
  const cache = createSegmentCache(each - 1);
  cache.put('a', columns(0));
  expect(cache.get('a')).toBeUndefined();
});

test('weighs bodies, URLs, heads and what is rare', () => {
  const body = { inline: Buffer.alloc(5000), wireBytes: 5000, bytes: 5000, truncated: false };
  expect(bytesOf(toColumns([{ ...succeeded(0), body }]))).toBeGreaterThan(each + 4900);
  expect(bytesOf(toColumns([failed(0)]))).toBeGreaterThan(1000);
});
