import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createAddressPolicy } from '../../shared/address-policy.ts';
import { isPlainUrl } from '../../shared/plain-url.ts';
import { createUrlRule } from '../../shared/url-rule.ts';

const rule = createUrlRule(createAddressPolicy([]));
const isAccepted = (text: string): boolean => !('refusal' in rule(text));

test.each([
  'https://example.com/',
  'http://a',
  'https://a-b.c1.example?x=%zz#[|]',
  `https://example.com/${'x'.repeat(2000)}`,
])('knows %s', (text) => {
  expect([isPlainUrl(text), isAccepted(text)]).toEqual([true, true]);
});

test.each([
  'https://10.0.0.1/',
  'https://0x7f.1/',
  'https://example.com:22/',
  'https://xn--a.example/',
  'https://user@example.com/',
  'https://example.com/ä',
  'https://example.com/a b',
  'https://example.com\\@127.0.0.1/',
  `https://example.com/${'x'.repeat(9000)}`,
  `https://${'a.'.repeat(130)}example/`,
  `https://${'a'.repeat(64)}.example/`,
  'https://a..b/',
  'ftp://example.com/',
  'https://example.com/\n',
])('leaves %j to the rule', (text) => {
  expect(isPlainUrl(text)).toBe(false);
});

test('never takes what the rule refuses', () => {
  const pieces = [
    'http',
    's',
    '://',
    'a',
    'xn--',
    '.',
    '-',
    '1',
    '0x',
    ':',
    '8',
    '@',
    '/',
    '?',
    '#',
    '\\',
    '%',
    ' ',
    'Z',
    'ä',
    '_',
  ];
  const spelled = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 14 })
    .map((parts) => `https://${parts.join('')}`);
  fc.assert(
    fc.property(spelled, (text) => {
      expect(isPlainUrl(text) && !isAccepted(text)).toBe(false);
    }),
    { numRuns: 20_000 },
  );
});
