import { expect, test } from '@jest/globals';
import { loadConfig } from '../../shared/config.ts';
import { toSliceOptions } from '../../shared/request.ts';
import { createRequestResolver, resolveRequest } from '../../worker/resolve-request.ts';

const service = loadConfig({}).fetch;
const base = { index: 3, url: 'http://127.0.0.1:1/' };

test('a bare URL is a GET with the defaults of the service', () => {
  expect(resolveRequest(base, {}, service)).toEqual({
    index: 3,
    url: 'http://127.0.0.1:1/',
    method: 'GET',
    headers: {},
    timeoutMs: service.timeoutMs,
    maxBodyBytes: service.maxBodyBytes,
    onBodyTooLarge: 'fail',
    maxRedirects: service.maxRedirects,
    maxAttempts: service.maxAttempts,
    retries: { throttled: 10, network: service.maxAttempts - 1, status: service.maxAttempts - 1 },
    retryUnsafe: false,
    acceptStatus: '200-399',
    connection: 'auto',
    http2: false,
  });
});

test('a request beats the defaults of its batch, and those beat the service', () => {
  const defaults = {
    timeoutMs: 10,
    maxRedirects: 1,
    onBodyTooLarge: 'truncate',
    retry: { maxAttempts: 2, unsafe: true, withinMs: 7000 },
  } as const;
  const request = { ...base, timeoutMs: 20, retry: { maxAttempts: 9 } };
  expect(resolveRequest(request, defaults, service)).toMatchObject({
    timeoutMs: 20,
    maxRedirects: 1,
    onBodyTooLarge: 'truncate',
    maxAttempts: 9,
    withinMs: 7000,
    retryUnsafe: true,
  });
});

test('retries have a budget for each kind of trouble, within the attempts', () => {
  const retriesOf = (retry: object, ofBatch = {}): unknown =>
    resolveRequest({ ...base, retry }, { retry: ofBatch }, service).retries;
  expect(retriesOf({ maxAttempts: 5 })).toEqual({ throttled: 10, network: 4, status: 4 });
  expect(retriesOf({ network: 1 }, { status: 0 })).toEqual({ throttled: 10, network: 1, status: 0 });
  expect(retriesOf({ maxAttempts: 1 })).toEqual({ throttled: 0, network: 0, status: 0 });
  expect(retriesOf({ maxAttempts: 1, throttled: 3 })).toMatchObject({ throttled: 3 });
});

test('a proxy of the batch is for all its requests, but those with one of their own', () => {
  const defaults = { proxy: 'http://one.example' };
  expect(resolveRequest(base, defaults, service).proxy).toBe('http://one.example');
  const own = { ...base, proxy: 'http://two.example' };
  expect(resolveRequest(own, defaults, service).proxy).toBe('http://two.example');
});

test('headers are merged without regard to case, in the spelling of the request', () => {
  const defaults = { headers: { 'X-Key': 'batch', Accept: 'text/csv' } };
  const { headers } = resolveRequest({ ...base, headers: { 'x-key': 'own' } }, defaults, service);
  expect(headers).toEqual({ Accept: 'text/csv', 'x-key': 'own' });
});

test('auth of a request beats the Authorization of its batch, and the other way round', () => {
  const own = { headers: { Authorization: 'own' } };
  const auth = toSliceOptions({ auth: { bearer: 't' } });
  expect(resolveRequest({ ...base, ...auth }, own, service).headers).toEqual({ authorization: 'Bearer t' });
  expect(resolveRequest({ ...base, ...own }, auth, service).headers).toEqual(own.headers);
});

test('a body brings its content type unless the user named one', () => {
  const body = { method: 'POST', bytes: Buffer.from('{}'), bytesType: 'application/json' } as const;
  expect(resolveRequest({ ...base, ...body }, {}, service).headers).toEqual({
    'content-type': 'application/json',
  });
  const named = { ...base, ...body, headers: { 'Content-Type': 'application/ld+json' } };
  expect(resolveRequest(named, {}, service).headers).toEqual({ 'Content-Type': 'application/ld+json' });
});

test('a default body goes with the methods that have one', () => {
  const defaults = {
    method: 'POST',
    bytes: Buffer.from('x'),
    bytesType: 'text/plain;charset=UTF-8',
  } as const;
  expect(resolveRequest(base, defaults, service).body).toEqual(Buffer.from('x'));
  const get = resolveRequest({ ...base, method: 'GET' }, defaults, service);
  expect(get.body).toBeUndefined();
  expect(get.headers).toEqual({});
});

test('the type of a default body is not that of a body of bytes', () => {
  const defaults = { method: 'POST', bytes: Buffer.from('{}'), bytesType: 'application/json' } as const;
  const { body, headers } = resolveRequest({ ...base, bytes: Buffer.from([1]) }, defaults, service);
  expect(body).toEqual(Buffer.from([1]));
  expect(headers).toEqual({});
});

test('requests of a batch are resolved as each would be alone', () => {
  const defaults = { timeoutMs: 10, method: 'POST', bytes: Buffer.from('x'), headers: { a: '1' } } as const;
  const resolve = createRequestResolver(defaults, service);
  for (const request of [
    base,
    { ...base, index: 4, id: 'x' },
    { ...base, index: 5, method: 'GET' } as const,
  ]) {
    expect(resolve(request)).toEqual(resolveRequest(request, defaults, service));
  }
});
