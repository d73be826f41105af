import { expect, test } from '@jest/globals';
import { createAddressPolicy } from '../../shared/address-policy.ts';
import {
  createRequestSchema,
  findConflict,
  requestDefaultsSchema,
  toSliceOptions,
} from '../../shared/request.ts';
import { createUrlRule } from '../../shared/url-rule.ts';

const schema = createRequestSchema(createUrlRule(createAddressPolicy([])));
const url = 'http://example.com/';

/** Paths of the fields a request is refused for. */
const refused = (request: object): string[] =>
  (schema.safeParse({ url, ...request }).error?.issues ?? []).map((issue) => issue.path.join('/'));

test('takes every field of the contract', () => {
  const request = {
    id: 'é-1',
    url,
    method: 'PUT',
    headers: { 'X-A': '1' },
    auth: { bearer: 't' },
    body: 'hello',
    timeoutMs: 1,
    maxBodyBytes: 0,
    onBodyTooLarge: 'truncate',
    maxRedirects: 0,
    retry: { maxAttempts: 1, unsafe: true, withinMs: 86_400_000, network: 0, status: 10, throttled: 100 },
    priority: 5,
    acceptStatus: '200-299,404',
    connection: 'fresh',
    http2: true,
    cookies: true,
    proxy: 'socks5://ann:secret@proxy.example:1080',
  };
  expect(schema.parse(request)).toEqual(request);
});

test.each([
  ['url', { url: 'ftp://example.com/' }],
  ['url', { url: 7 }],
  ['method', { method: 'get' }],
  ['method', { method: 'CONNECT' }],
  ['auth', { auth: {} }],
  ['auth/basic/username', { auth: { basic: { username: 'a:b', password: '' } } }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: 1.5 }],
  ['timeoutMs', { timeoutMs: '1000' }],
  ['timeoutMs', { timeoutMs: null }],
  ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }],
  ['maxBodyBytes', { maxBodyBytes: 1e12 }],
  ['onBodyTooLarge', { onBodyTooLarge: true }],
  ['maxRedirects', { maxRedirects: -1 }],
  ['retry/maxAttempts', { retry: { maxAttempts: 1000 } }],
  ['retry/withinMs', { retry: { withinMs: 0 } }],
  ['retry/network', { retry: { network: 11 } }],
  ['retry/status', { retry: { status: -1 } }],
  ['retry/throttled', { retry: { throttled: 101 } }],
  ['retry/withinMs', { retry: { withinMs: 86_400_001 } }],
  ['acceptStatus', { acceptStatus: '2xx' }],
  ['connection', { connection: 'keep-alive' }],
  ['http2', { http2: 'yes' }],
  ['cookies', { cookies: 'a=1' }],
  ['proxy', { proxy: 'proxy.example:3128' }],
  ['body', { body: '\ud800' }],
  ['bodyBase64', { bodyBase64: '*' }],
  ['id', { id: '' }],
  ['id', { id: 'a\u202e' }],
  ['id', { id: 'x'.repeat(257) }],
])('refuses a bad %s', (field, request) => expect(refused(request)).toEqual([field]));

test('refuses fields it does not know, by name', () => {
  const issues = schema.safeParse({ url, urL: 'x' }).error?.issues;
  expect(issues?.[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['urL'] });
});

test('defaults have no url and no id', () => {
  expect(requestDefaultsSchema.safeParse({ timeoutMs: 5 }).success).toBe(true);
  expect(requestDefaultsSchema.safeParse({ url }).success).toBe(false);
  expect(requestDefaultsSchema.safeParse({ id: 'a' }).success).toBe(false);
});

test('finds fields that contradict each other', () => {
  expect(findConflict({})).toBeUndefined();
  expect(findConflict({ method: 'POST', json: null })).toBeUndefined();
  expect(findConflict({ body: 'x' }, { method: 'POST' })).toBeUndefined();
  expect(findConflict({ body: 'x' })?.field).toBe('body');
  expect(findConflict({ method: 'HEAD', json: {} })?.field).toBe('json');
  expect(findConflict({ method: 'POST', body: 'x', bodyBase64: 'eA==' })?.field).toBe('bodyBase64');
  const auth = { bearer: 't' };
  expect(findConflict({ auth, headers: { AUTHORIZATION: 'x' } })?.field).toBe('auth');
  expect(findConflict({ auth, headers: { 'x-authorization': 'x' } })).toBeUndefined();
  expect(findConflict({ auth }, { headers: { authorization: 'x' } })).toBeUndefined();
});

test('a body becomes bytes, however it was written', () => {
  expect(toSliceOptions({ body: '€' })).toEqual({
    bytes: Buffer.from('€'),
    bytesType: 'text/plain;charset=UTF-8',
  });
  expect(toSliceOptions({ bodyBase64: '/w==' })).toEqual({ bytes: Buffer.from([255]) });
  expect(toSliceOptions({ json: { a: [1] } })).toEqual({
    bytes: Buffer.from('{"a":[1]}'),
    bytesType: 'application/json',
  });
  expect(toSliceOptions({ timeoutMs: 5 })).toEqual({ timeoutMs: 5 });
});

test('auth becomes a header', () => {
  const basic = { username: 'Aladdin', password: 'open sesame' };
  expect(toSliceOptions({ headers: { 'X-A': '1' }, auth: { basic } })).toEqual({
    headers: { 'X-A': '1', authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' },
  });
});
