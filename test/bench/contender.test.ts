import { expect, test } from '@jest/globals';
import { urlsOf } from '../../bench/contender.ts';

test('gives a load a different URL for every request', () => {
  const load = {
    origin: 'http://127.0.0.1:1',
    count: 3,
    concurrency: 1,
    timeoutMs: 1,
    until: 'stored',
  } as const;
  expect(urlsOf(load)).toEqual(['http://127.0.0.1:1/0', 'http://127.0.0.1:1/1', 'http://127.0.0.1:1/2']);
});
