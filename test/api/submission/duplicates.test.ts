import { expect, test } from '@jest/globals';
import { createDuplicateCheck, withoutDuplicates } from '../../../api/submission/duplicates.ts';
import type { Entry } from '../../../api/submission/entry.ts';

const url = 'https://a.example/';

test.each<[string, Entry, Entry, boolean]>([
  ['URLs', url, url, true],
  ['a URL and the request for it', url, { url, method: 'GET' }, true],
  ['other URLs', url, `${url}x`, false],
  ['other methods', url, { url, method: 'HEAD' }, false],
  [
    'headers in another order and case',
    { url, headers: { A: '1', b: '2' } },
    { url, headers: { B: '2', a: '1' } },
    true,
  ],
  ['other headers', { url, headers: { a: '1' } }, { url, headers: { a: '2' } }, false],
  ['bodies', { url, method: 'POST', body: 'x' }, { url, method: 'POST', body: 'x' }, true],
  ['other bodies', { url, method: 'POST', body: 'x' }, { url, method: 'POST', body: 'y' }, false],
  ['a body as text and as JSON', { url, method: 'POST', body: '1' }, { url, method: 'POST', json: 1 }, false],
  ['ids', { url, id: 'a' }, { url, id: 'b' }, false],
  ['other timeouts', { url, timeoutMs: 1 }, { url, timeoutMs: 2 }, true],
  ['what is not valid', { url, refusal: 'no' }, { url, refusal: 'no' }, false],
])('compares %s', (_, first, second, isAlike) => {
  const isDuplicate = createDuplicateCheck({});
  expect([isDuplicate(first), isDuplicate(second)]).toEqual([false, isAlike]);
});

test('looks at the method that the defaults give', () => {
  const isDuplicate = createDuplicateCheck({ method: 'HEAD' });
  expect([url, { url, method: 'HEAD' } as const, { url, method: 'GET' } as const].map(isDuplicate)).toEqual([
    false,
    true,
    false,
  ]);
});

test('leaves out all but the first, and counts them', async () => {
  const { entries, duplicates } = withoutDuplicates(
    [
      [url, 'https://b/', url],
      [url, 'https://c/'],
    ],
    {},
  );
  const kept: Entry[] = [];
  for await (const some of entries) kept.push(...some);
  expect([kept, duplicates()]).toEqual([[url, 'https://b/', 'https://c/'], 2]);
});
