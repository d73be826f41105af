import { expect, test } from '@jest/globals';
import { parseProxy } from '../../../shared/proxy.ts';
import { fieldsFor, pathOf, proxyUrl, refusalOfProxy } from '../../../worker/http/forwarding.ts';

const proxies = {
  none: undefined,
  http: parseProxy('http://ann:secret@proxy.example'),
  https: parseProxy('https://ann:secret@[2001:db8::1]:1'),
  socks5: parseProxy('socks5://ann:secret@proxy.example'),
};

test.each([
  ['none', 'http://a.example:81/b?c#d', false],
  ['http', 'http://a.example:81/b?c#d', true],
  ['https', 'http://a.example:81/b?c#d', true],
  ['socks5', 'http://a.example:81/b?c#d', false],
  ['http', 'https://a.example:81/b?c#d', false],
  ['https', 'https://a.example:81/b?c#d', false],
] as const)('proxy %s, asked for %s, forwards the request: %p', (name, href, isForwarded) => {
  const proxy = proxies[name];
  const asked = { url: new URL(href), method: 'GET', fields: ['x-a', 'b'], body: undefined };
  expect(pathOf(asked.url, proxy)).toBe(isForwarded ? 'http://a.example:81/b?c' : '/b?c');
  expect(fieldsFor(asked, proxy)).toEqual(
    isForwarded ? ['x-a', 'b', 'proxy-authorization', 'Basic YW5uOnNlY3JldA=='] : ['x-a', 'b'],
  );
  expect(refusalOfProxy(407, href, proxy)?.failure.code).toBe(isForwarded ? 'connect_failed' : undefined);
  expect(refusalOfProxy(403, href, proxy)).toBeUndefined();
});

test('a proxy is judged by its name and port, without its credentials', () => {
  const urls = [proxies.http, proxies.https, proxies.socks5].map((proxy) => proxy && proxyUrl(proxy));
  expect(urls).toEqual(['http://proxy.example:80/', 'http://[2001:db8::1]:1/', 'http://proxy.example:1080/']);
});
