import { expect, test } from '@jest/globals';
import { acceptEncoding } from '../../../shared/codings.ts';
import {
  dropContentFields,
  keepSafeFields,
  toFields,
  userAgent,
} from '../../../worker/http/request-fields.ts';

test('adds what names us and what we can decode', () => {
  expect(toFields({})).toEqual(['user-agent', userAgent, 'accept', '*/*', 'accept-encoding', acceptEncoding]);
});

test('leaves what the user set, in case and order', () => {
  expect(toFields({ 'X-b': '1', ACCEPT: 'a/b', 'User-Agent': 'me' })).toEqual([
    'accept-encoding',
    acceptEncoding,
    'X-b',
    '1',
    'ACCEPT',
    'a/b',
    'User-Agent',
    'me',
  ]);
});

test('filters by name, whatever the case', () => {
  const fields = ['Content-Type', 'a', 'AUTHORIZATION', 'b', 'Accept-Language', 'c', 'X-Content-Type', 'd'];
  expect(dropContentFields(fields)).toEqual([
    'AUTHORIZATION',
    'b',
    'Accept-Language',
    'c',
    'X-Content-Type',
    'd',
  ]);
  expect(keepSafeFields(fields)).toEqual(['Content-Type', 'a', 'Accept-Language', 'c']);
});
