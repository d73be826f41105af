import { expect, test } from '@jest/globals';
import type { Request } from 'express';
import { hostOf, isHostName } from '../../api/host-name.ts';

/** As Express hands over a wildcard. */
const requestFor = (...host: string[]): Request => ({ params: { host } }) as unknown as Request;

test.each([
  ['http://example.org', 'http://example.org'],
  ['HTTP://Example.ORG:80/', 'http://example.org'],
  ['https://example.org:443', 'https://example.org'],
  ['https://example.org:8443', 'https://example.org:8443'],
  ['http://127.0.0.1:6379', 'http://127.0.0.1:6379'],
  ['http://0x7f.1', 'http://127.0.0.1'],
  ['http://[::1]:8000', 'http://[::1]:8000'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
])('reads %s as the host workers know as %s', (written, host) => {
  expect(hostOf(requestFor(written))).toBe(host);
});

test.each([
  ['http://example.org/path', 'leave out path, query and fragment, as in http://example.org'],
  ['http://example.org/?', 'leave out path, query and fragment'],
  ['http://example.org?a=1', 'leave out path, query and fragment'],
  ['http://example.org#a', 'leave out path, query and fragment'],
  ['http://ann:secret@example.org', 'remove the user name and password'],
  ['ftp://example.org', 'the scheme ftp: is not supported'],
  ['example.org', 'must be absolute'],
  ['http://', 'must be absolute'],
  ['', 'must be absolute'],
  ['http://exa mple.org', 'white space'],
  ['http://example.org:99999', 'cannot be parsed'],
  ['http:\\\\example.org', 'backslash'],
  [`http://${'a'.repeat(9000)}`, 'at most 8192'],
])('refuses %s and says what to mend', (written, why) => {
  expect(() => hostOf(requestFor(written))).toThrow(why);
});

test('tells whoever did not encode the slashes', () => {
  expect(() => hostOf(requestFor('http:', '', 'example.org'))).toThrow('percent-encode the host');
});

test('a name is in one spelling only', () => {
  expect(isHostName('http://example.org')).toBe(true);
  expect(['http://example.org/', 'HTTP://example.org', 'example.org'].some(isHostName)).toBe(false);
});
