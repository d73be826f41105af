import { expect, test } from '@jest/globals';
import { ndjsonOf } from '../../bench/ndjson.ts';

test('has a line for each URL, over the parts it is made of', () => {
  const lines = ndjsonOf('http://127.0.0.1:9', 20_001).toString().split('\n');
  expect(lines.pop()).toBe('');
  expect(lines).toHaveLength(20_001);
  expect([lines[0], lines[10_000], lines[20_000]]).toEqual([
    '{"url":"http://127.0.0.1:9/0"}',
    '{"url":"http://127.0.0.1:9/10000"}',
    '{"url":"http://127.0.0.1:9/20000"}',
  ]);
});
