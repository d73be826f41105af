import { expect, test } from '@jest/globals';
import { authorizationOf, authSchema } from '../../shared/request-auth.ts';

test('makes the fields of RFC 7617 and RFC 6750', () => {
  const basic = { username: 'test', password: '123£' };
  expect(authorizationOf({ basic })).toBe('Basic dGVzdDoxMjPCow==');
  expect(authorizationOf({ basic: { username: '', password: 'a:b' } })).toBe('Basic OmE6Yg==');
  expect(authorizationOf({ bearer: 'mF_9.B5f-4.1JqM' })).toBe('Bearer mF_9.B5f-4.1JqM');
});

const named = (username: string, password = ''): object => ({ basic: { username, password } });

test.each([
  ['', {}],
  ['', { bearer: 'a', basic: { username: 'a', password: 'b' } }],
  ['', { digest: 'a' }],
  ['bearer', { bearer: '' }],
  ['bearer', { bearer: 'two words' }],
  ['bearer', { bearer: 'line\r\nbreak' }],
  ['bearer', { bearer: 'x'.repeat(8001) }],
  ['basic/username', named('a:b')],
  ['basic/username', named('a\n')],
  ['basic/password', named('a', '\u0000')],
  ['basic/password', named('a', '\ud800')],
  ['basic/password', named('a', 'x'.repeat(1001))],
  ['basic/password', { basic: { username: 'a' } }],
])('refuses what no server could read, at %j: %j', (path, auth) => {
  const issues = authSchema.safeParse(auth).error?.issues;
  expect(issues?.[0]?.path.join('/')).toBe(path);
  expect(JSON.stringify(issues?.map(({ message }) => message))).not.toContain('two words');
});
