import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createAcceptedOrigins, type WebUrl } from '../../shared/accepted-origins.ts';

const accepting = (...origins: readonly string[]): ReturnType<typeof createAcceptedOrigins> => {
  const accepted = createAcceptedOrigins(1000);
  for (const origin of origins) accepted.add(new URL(origin));
  return accepted;
};

const known = accepting('http://a.example', 'https://127.0.0.1:8443', 'http://[::1]');

const partsOf = (text: string): WebUrl => {
  const { href, origin, protocol, hostname, port, pathname, search, hash } = new URL(text);
  return { href, origin, protocol, hostname, port, pathname, search, hash };
};

test.each([
  'http://a.example/',
  'http://a.example/b/c.html?d=e&f=/g?h%20i',
  'http://a.example//b/~c/d..e/f%2f',
  'https://127.0.0.1:8443/b',
  'https://127.0.0.1:8443/c',
  'http://[::1]/b',
])('reads %s as parsing would', (text) => {
  expect(known.read(text)).toEqual(partsOf(text));
});

test.each([
  'http://a.example',
  'http://a.example?b',
  'http://a.example/b#c',
  'http://a.example/?',
  'http://a.example/b/../c',
  'http://a.example/b/.',
  'http://a.example/%2e%2E/b',
  'http://a.example/ä',
  'http://a.example/b c',
  "http://a.example/?b='c'",
  'http://a.example/b\\c',
  'http://a.example/b|c',
  'http://A.example/',
  'http://a.example:80/',
  'http://b@a.example/',
  'http://a.example@b.example/',
  'http://a.example.b/',
  'https://a.example/',
  'http://127.0.0.1:8443/',
  `http://a.example/${'b'.repeat(1000)}`,
])('leaves %j to the parser, whichever it read before', (text) => {
  expect(known.read('http://a.example/')).toBeDefined();
  expect(known.read(text)).toBeUndefined();
  expect(known.read(text)).toBeUndefined();
});

test('never reads what parsing would read otherwise', () => {
  const pieces = [
    'a',
    '.',
    '/',
    '..',
    '%2e',
    '%',
    '?',
    '#',
    ':',
    '@',
    '\\',
    ' ',
    "'",
    '"',
    '{',
    '^',
    '|',
    '&',
    '=',
    'é',
    '\n',
  ];
  const rest = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 2 })), { maxLength: 12 });
  fc.assert(
    fc.property(rest, (parts) => {
      const text = `http://a.example${parts.join('')}`;
      const url = known.read(text);
      expect(url ?? 'unread').toEqual(url === undefined ? 'unread' : partsOf(text));
    }),
    { numRuns: 20_000 },
  );
});

test('forgets origins when there are very many, and takes them anew', () => {
  const accepted = accepting(...Array.from({ length: 1000 }, (_, index) => `http://a${index}.example`));
  expect(accepted.read('http://a0.example/')).toBeDefined();
  accepted.add(new URL('http://b.example'));
  expect(accepted.read('http://a0.example/')).toBeUndefined();
  accepted.add(new URL('http://a0.example'));
  expect(accepted.read('http://a0.example/')).toBeDefined();
});
