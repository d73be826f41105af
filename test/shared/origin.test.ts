import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { hostOf, originOf } from '../../shared/origin.ts';

test.each([
  ['http://example.org/a/b?c#d', 'http://example.org'],
  ['https://example.org', 'https://example.org'],
  ['http://example.org?x', 'http://example.org'],
  ['http://example.org#x', 'http://example.org'],
  ['HTTP://Example.ORG/', 'http://example.org'],
  ['http://example.org:80/', 'http://example.org'],
  ['https://example.org:8443/', 'https://example.org:8443'],
  ['http://user:secret@example.org/', 'http://example.org'],
  ['http://[::1]:8080/', 'http://[::1]:8080'],
  ['http://127.1/', 'http://127.0.0.1'],
  ['http://127.0.0.1:8080/a', 'http://127.0.0.1:8080'],
  ['http://127.0.0.01/', 'http://127.0.0.1'],
  ['http://0x7f.0.0.1/', 'http://127.0.0.1'],
  ['http://1.2.3.4.example/', 'http://1.2.3.4.example'],
  ['http://example.org:443/', 'http://example.org:443'],
  ['https://example.org:443', 'https://example.org'],
  ['http://example.org:08080?x', 'http://example.org:8080'],
  ['http://example.org:65535/', 'http://example.org:65535'],
  ['http://example.org:8000', 'http://example.org:8000'],
])('%s is of %s', (url, origin) => {
  expect(originOf(url)).toBe(origin);
});

test('agrees with the URL standard about every URL', () => {
  fc.assert(
    fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
      expect(originOf(url)).toBe(new URL(url).origin);
    }),
  );
});

test.each([
  ['http://example.org.example/', 'http://example.org.example'],
  ['http://example.org:8080/', 'http://example.org:8080'],
  ['http://example.organ/', 'http://example.organ'],
  ['http://example.org', 'http://example.org'],
  ['http://example.org:secret@a.example/', 'http://a.example'],
  ['https://example.org/', 'https://example.org'],
])('%s after one of http://example.org is of %s', (url, origin) => {
  expect(originOf('http://example.org/a')).toBe('http://example.org');
  expect(originOf(url)).toBe(origin);
  expect(originOf('http://example.org/b')).toBe('http://example.org');
});

test.each([
  'HTTP://Example.ORG',
  'http://example.org:80',
  'http://user:secret@example.org',
  'http://example.org?x',
])('those that begin with %s are of the same host, and those of others are not', (start) => {
  expect(originOf(`${start}/a`)).toBe('http://example.org');
  expect(originOf(`${start}/b`)).toBe('http://example.org');
  expect(originOf(`${start}0/b`)).toBe(new URL(`${start}0/b`).origin);
  expect(originOf(`https://a.example/${start}/b`)).toBe('https://a.example');
});

test('a request that is not to be sent asks no host', () => {
  expect(hostOf({ url: 'http://example.org/' })).toBe('http://example.org');
  expect(hostOf({ url: 'no URL', refusal: 'not a URL' })).toBe('');
});
