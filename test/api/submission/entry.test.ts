import { expect, test } from '@jest/globals';
import { ApiError } from '../../../api/problem.ts';
import { createEntryReader, toSliceRequest, type Entry } from '../../../api/submission/entry.ts';
import { createFingerprintSet } from '../../../api/submission/fingerprint-set.ts';
import { createFieldErrors } from '../../../api/submission/field-errors.ts';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import type { RequestDefaults } from '../../../shared/request.ts';
import { createUrlRule } from '../../../shared/url-rule.ts';

const reader = createEntryReader(createUrlRule(createAddressPolicy([])));
const url = 'https://example.com/';

const read = (
  value: unknown,
  defaults: RequestDefaults = {},
  ids = createFingerprintSet(),
): { entry: Entry | undefined; pointers: string[] } => {
  const errors = createFieldErrors();
  const entry = reader.readRequest(value, { path: ['requests', 0], errors, defaults, ids });
  try {
    errors.throwIfAny();
  } catch (error) {
    const listed = (error as ApiError).extras.members?.errors ?? [];
    return { entry, pointers: listed.map(({ pointer = '' }) => pointer) };
  }
  return { entry, pointers: [] };
};

test('keeps a plain request as its URL alone', () => {
  expect(read({ url })).toEqual({ entry: url, pointers: [] });
  expect(toSliceRequest(url, 7)).toEqual({ index: 7, url });
});

test('keeps what a request asks for, with its body as bytes', () => {
  const { entry } = read({ id: 'a', url, method: 'POST', json: { b: 1 }, timeoutMs: 5 });
  expect(toSliceRequest(entry ?? '', 3)).toEqual({
    index: 3,
    id: 'a',
    url,
    method: 'POST',
    timeoutMs: 5,
    bytes: Buffer.from('{"b":1}'),
    bytesType: 'application/json',
  });
});

test.each([
  [{ url: 'ftp://example.com/' }, '/requests/0/url'],
  [{ url: 1 }, '/requests/0/url'],
  [{}, '/requests/0/url'],
  [null, '/requests/0'],
  [[url], '/requests/0'],
  [{ url, timeoutMs: 0 }, '/requests/0/timeoutMs'],
  [JSON.parse(`{"url":"${url}","__proto__":{}}`), '/requests/0/__proto__'],
  [JSON.parse(`{"url":"${url}","json":{"__proto__":{}}}`), '/requests/0/json/__proto__'],
  [{ url, body: 'x' }, '/requests/0/body'],
  [{ url, auth: { bearer: 'a' }, headers: { authorization: 'b' } }, '/requests/0/auth'],
  [{ url, auth: { basic: { username: 'a' } } }, '/requests/0/auth/basic/password'],
])('refuses %j at %s', (value, pointer) => {
  const { entry, pointers } = read(value);
  expect(entry).toBeUndefined();
  expect(pointers).toContain(pointer);
});

test('refuses an id that another request of the batch has', () => {
  const ids = createFingerprintSet();
  expect(read({ id: 'a', url }, {}, ids).pointers).toEqual([]);
  expect(read({ id: 'a', url }, {}, ids).pointers).toEqual(['/requests/0/id']);
});

test('looks at a request with the defaults beneath it', () => {
  expect(read({ url, body: 'x' }, { method: 'POST' }).pointers).toEqual([]);
  expect(read({ url, method: 'GET' }, { method: 'POST', body: 'x' }).pointers).toEqual([
    '/requests/0/method',
  ]);
  expect(read({ url }, { method: 'POST', body: 'x' }).pointers).toEqual([]);
});

test('reads an entry of urls', () => {
  const errors = createFieldErrors();
  expect(reader.readUrl(url, { path: ['urls', 0], errors })).toBe(url);
  expect(reader.readUrl({ url }, { path: ['urls', 1], errors })).toBeUndefined();
  expect(reader.readUrl('nonsense', { path: ['urls', 2], errors })).toBeUndefined();
  expect(errors.count()).toBe(2);
});
