import { expect, test } from '@jest/globals';
import { ApiError } from '../../api/problem.ts';
import { readRetryFilter } from '../../api/retry-filter.ts';
import type { StoredResult } from '../../shared/result.ts';
import { storedResult } from '../support/api.ts';

const made = (index: number, more: Partial<StoredResult>): StoredResult =>
  storedResult(index, { outcome: 'failed', ...more });
const { status: _, ...withoutStatus } = made(0, { failure: { code: 'timed_out', message: '' } });
const failures: readonly StoredResult[] = [
  withoutStatus,
  made(1, { status: 503, failure: { code: 'http_status', message: '' }, id: 'a' }),
  made(2, { status: 404, failure: { code: 'http_status', message: '' }, id: 'b' }),
  made(3, { status: 200, failure: { code: 'body_too_large', message: '' } }),
];

const chosen = (text: string): number[] =>
  failures.filter(readRetryFilter(Buffer.from(text))).map(({ index }) => index);

test.each([
  ['', [0, 1, 2, 3]],
  ['{}', [0, 1, 2, 3]],
  ['{"codes":["timed_out","http_status"]}', [0, 1, 2]],
  ['{"statuses":"500-599,200"}', [1, 3]],
  ['{"indexes":[3,0,99]}', [0, 3]],
  ['{"ids":["b","c"]}', [2]],
  ['{"codes":["http_status"],"statuses":"400-599","indexes":[1,2],"ids":["a"]}', [1]],
  ['{"ids":["a"],"indexes":[2]}', []],
])('%s chooses %j', (text, indexes) => expect(chosen(text)).toEqual(indexes));

test.each([
  ['{"codes":["nope"]}', '/codes/0'],
  ['{"codes":[]}', '/codes'],
  ['{"statuses":"5xx"}', '/statuses'],
  ['{"indexes":[-1]}', '/indexes/0'],
  ['{"ids":[""]}', '/ids/0'],
  ['{"outcome":"failed"}', '/outcome'],
  ['{"__proto__":{}}', '/__proto__'],
  [`{"indexes":[${Array(10_001).fill(1).join(',')}]}`, '/indexes'],
  ['[]', ''],
  ['{', ''],
])('refuses %.40s at %j', (text, pointer) => {
  try {
    readRetryFilter(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.extras.members?.['errors']).toContainEqual({ pointer, message: expect.any(String) });
    return;
  }
  throw new Error('it was not refused');
});
