import { expect, test } from '@jest/globals';
import { createCookieJar } from '../../../worker/http/cookie-jar.ts';
import type { CookieJar } from '../../../worker/http/cookie-jar.ts';

const set = (jar: CookieJar, url: string, ...cookies: string[]): void =>
  jar.store(new URL(url), ['x-other', 'a=1', ...cookies.flatMap((cookie) => ['set-cookie', cookie])]);

/** The Cookie field of a request. */
const sent = (jar: CookieJar, url: string, ...fields: string[]): string | undefined => {
  const all = jar.addTo(fields, new URL(url));
  const at = all.findIndex((name, place) => place % 2 === 0 && name.toLowerCase() === 'cookie');
  return at < 0 ? undefined : all[at + 1];
};

test('sends a cookie to the very host that set it, on any port and path beneath', () => {
  const jar = createCookieJar({ now: Date.now });
  set(jar, 'http://a.example/x/y', 'c=1; Domain=example');
  expect(sent(jar, 'http://a.example:81/x')).toBe('c=1');
  expect(sent(jar, 'https://a.example/x/z?q')).toBe('c=1');
  for (const other of [
    'http://a.example/',
    'http://a.example/xy',
    'http://b.a.example/x',
    'http://example/x',
  ])
    expect(sent(jar, other)).toBeUndefined();
});

test('sends the cookie of the longer path first, and the newest value of each', () => {
  const jar = createCookieJar({ now: Date.now });
  set(jar, 'http://a.example/', 'a=1', 'b=1; Path=/deep', 'c=1', 'a=2');
  expect(sent(jar, 'http://a.example/deep/er')).toBe('b=1; a=2; c=1');
});

test('keeps Secure cookies for TLS, and no host without TLS may replace one', () => {
  const jar = createCookieJar({ now: Date.now });
  set(jar, 'https://a.example/', 's=secret; Secure');
  set(jar, 'http://a.example/', 's=planted', 't=1');
  expect(sent(jar, 'http://a.example/')).toBe('t=1');
  expect(sent(jar, 'https://a.example/')).toBe('s=secret; t=1');
});

test('forgets what has expired, or is set to the past', () => {
  let now = 1000;
  const jar = createCookieJar({ now: () => now });
  set(jar, 'http://a.example/', 'a=1; Max-Age=10', 'b=1');
  expect(sent(jar, 'http://a.example/')).toBe('a=1; b=1');
  now += 10_000;
  expect(sent(jar, 'http://a.example/')).toBe('b=1');
  set(jar, 'http://a.example/', 'b=; Max-Age=0');
  expect(sent(jar, 'http://a.example/')).toBeUndefined();
});

test('adds to the Cookie field of the user, whose own values win', () => {
  const jar = createCookieJar({ now: Date.now });
  set(jar, 'http://a.example/', 'a=jar', 'b=jar');
  const fields = ['x-a', 'cookie', 'Cookie', 'a=user; z=1', 'x-b', ''];
  expect(jar.addTo(fields, new URL('http://a.example/'))).toEqual([
    'x-a',
    'cookie',
    'Cookie',
    'a=user; z=1; b=jar',
    'x-b',
    '',
  ]);
});

test('leaves fields alone where it has nothing to add', () => {
  const fields = ['x-a', 'b'];
  expect(createCookieJar({ now: Date.now }).addTo(fields, new URL('http://a.example/'))).toBe(fields);
});

test('stays small whatever is set: cookies per host, in all, and of one request', () => {
  const jar = createCookieJar({ now: Date.now });
  const large = 'x'.repeat(3000);
  for (let nth = 0; nth < 200; nth += 1) set(jar, 'http://a.example/', `c${nth}=1`);
  expect(sent(jar, 'http://a.example/')?.split('; ')).toHaveLength(50);
  expect(sent(jar, 'http://a.example/')).toMatch(/c199=1$/);
  for (let nth = 0; nth < 10; nth += 1) set(jar, 'http://b.example/', `c${nth}=${large}`);
  expect(sent(jar, 'http://b.example/')?.length).toBeLessThan(8193);
  for (let nth = 0; nth < 200; nth += 1) set(jar, `http://h${nth}.example/`, `c=${large}`);
  expect(sent(jar, 'http://a.example/')).toBeUndefined();
  expect(sent(jar, 'http://h199.example/')).toMatch(/^c=x/);
});
