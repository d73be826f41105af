import { describe, expect, test } from '@jest/globals';
import { assert, property, string } from 'fast-check';
import { readCookie, readCookieDate } from '../../../worker/http/cookie.ts';

const now = Date.UTC(2026, 0, 1);
const day = 86_400_000;
const tls = new URL('https://www.example.com/a/b?c');
const clear = new URL('http://www.example.com/a/b');

describe('a cookie', () => {
  test('has the path of its page and lasts 400 days unless it says otherwise', () => {
    expect(readCookie('a=1', tls, now)).toEqual({
      name: 'a',
      value: '1',
      path: '/a',
      isSecure: false,
      expiresAt: now + 400 * day,
    });
  });

  test.each([
    ['a=1; Path=/x', { path: '/x' }],
    ['a=1; path=x', { path: '/a' }],
    ['a=1; Path=/x; Path=/y', { path: '/y' }],
    ['a="b c"', { value: '"b c"' }],
    ['a==b=', { value: '=b=' }],
    [' a = b ; secure ; HttpOnly; SameSite=Strict; Odd', { name: 'a', value: 'b', isSecure: true }],
    ['a=', { value: '' }],
    ['a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', { expiresAt: now + 60_000 }],
    ['a=1; Max-Age=0', { expiresAt: 0 }],
    ['a=1; Max-Age=-5', { expiresAt: 0 }],
    ['a=1; Max-Age=99999999999999', { expiresAt: now + 400 * day }],
    ['a=1; Max-Age=soon; Expires=Fri, 02 Jan 2026 00:00:00 GMT', { expiresAt: now + day }],
    ['a=1; Expires=whenever', { expiresAt: now + 400 * day }],
    ['a=1; Domain=', { name: 'a' }],
    ['a=1; Domain=.Example.com', { name: 'a' }],
    ['__Host-a=1; Secure; Path=/', { name: '__Host-a' }],
  ])('reads %s', (field, expected) => expect(readCookie(field, tls, now)).toMatchObject(expected));

  test.each([
    ['no name', '=1'],
    ['no equals sign', 'a'],
    ['another domain', 'a=1; Domain=other.example'],
    ['a subdomain', 'a=1; Domain=more.www.example.com'],
    ['a domain that only ends alike', 'a=1; Domain=ample.com'],
    ['a control character', 'a=1\u00002'],
    ['more than 4096 characters', `a=${'x'.repeat(4096)}`],
    ['the prefix __Secure- without Secure', '__secure-a=1'],
    ['the prefix __Host- with a Domain', '__Host-a=1; Secure; Path=/; Domain=www.example.com'],
    ['the prefix __Host- with another path', '__Host-a=1; Secure; Path=/a'],
  ])('with %s is not kept', (_what, field) => expect(readCookie(field, tls, now)).toBeUndefined());

  test('that is Secure is not taken from outside TLS', () => {
    expect(readCookie('a=1; Secure', clear, now)).toBeUndefined();
  });

  test('is never more than text could make it', () => {
    assert(
      property(string(), (field) => {
        const { name = '', value = '' } = readCookie(field, tls, now) ?? {};
        expect(name).not.toMatch(/[;=\r\n]/);
        expect(value).not.toMatch(/[;\r\n]/);
      }),
    );
  });
});

describe('a date', () => {
  test.each([
    ['Wed, 21 Oct 2026 07:28:00 GMT', Date.UTC(2026, 9, 21, 7, 28)],
    ['Wednesday, 21-Oct-26 07:28:00 GMT', Date.UTC(2026, 9, 21, 7, 28)],
    ['Wed Oct 21 07:28:00 2026', Date.UTC(2026, 9, 21, 7, 28)],
    ['21 october 99 7:2:1 PST', Date.UTC(1999, 9, 21, 7, 2, 1)],
  ])('may be written %s', (text, ms) => expect(readCookieDate(text)).toBe(ms));

  test.each([
    '',
    'tomorrow',
    '21 Oct 2026',
    '32 Oct 2026 07:28:00',
    '21 Oct 1600 07:28:00',
    '21 Oct 2026 24:00:00',
  ])('is not %p', (text) => expect(readCookieDate(text)).toBeUndefined());
});
