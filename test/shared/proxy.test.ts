import { expect, test } from '@jest/globals';
import { parseProxy, proxySchema } from '../../shared/proxy.ts';

test.each([
  ['http://proxy.example:3128', { scheme: 'http', hostname: 'proxy.example', port: 3128 }],
  ['HTTP://Proxy.Example', { scheme: 'http', hostname: 'proxy.example', port: 80 }],
  ['https://proxy.example/', { scheme: 'https', hostname: 'proxy.example', port: 443 }],
  ['socks5://10.1.2.3', { scheme: 'socks5', hostname: '10.1.2.3', port: 1080 }],
  ['socks5://0x7f000001:80', { scheme: 'socks5', hostname: '127.0.0.1', port: 80 }],
  ['http://[::1]:8080', { scheme: 'http', hostname: '::1', port: 8080 }],
  [
    'http://us%40er:pa%3Ass:w@proxy.example:1',
    {
      scheme: 'http',
      hostname: 'proxy.example',
      port: 1,
      credentials: { user: 'us@er', password: 'pa:ss:w' },
    },
  ],
])('reads %s', (text, proxy) => expect(parseProxy(text)).toEqual(proxy));

test.each([
  'proxy.example:3128',
  'ftp://proxy.example',
  'socks4://proxy.example',
  'http://',
  'http://proxy.example:0',
  'http://proxy.example:65536',
  'http://proxy.example/path',
  'http://proxy.example?x',
  'http://a b',
  'http://user@more@proxy.example',
  'http://:password@proxy.example',
  'http://us%3Aer:password@proxy.example',
  'http://user:pass%0d%0aword@proxy.example',
  'http://user:%zz@proxy.example',
  `http://user:${'x'.repeat(256)}@proxy.example`,
])('refuses %s', (text) => expect(parseProxy(text)).toBeUndefined());

test('a refusal never repeats the text, which may hold a password', () => {
  const { error } = proxySchema.safeParse('ftp://user:secret@proxy.example');
  expect(JSON.stringify(error?.issues)).toMatch(/write a proxy as/);
  expect(JSON.stringify(error?.issues)).not.toMatch(/secret/);
});
