import { describe, expect, test } from '@jest/globals';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import { createUrlRule } from '../../../shared/url-rule.ts';
import { redirectStep, trailMark } from '../../../worker/http/redirects.ts';
import type { RedirectStep, WireRequest } from '../../../worker/http/redirects.ts';

const urlRule = createUrlRule(createAddressPolicy([]));

type Asked = {
  readonly url?: string;
  readonly method?: string;
  readonly body?: string;
  readonly fields?: string[];
};

const ask = ({
  url = 'http://a.example/dir/page?q#frag',
  method = 'GET',
  body,
  fields = [],
}: Asked): WireRequest => ({
  url: new URL(url),
  method,
  fields,
  body: body === undefined ? undefined : Buffer.from(body),
});

const step = (asked: Asked, status: number, location: string): RedirectStep | undefined => {
  const request = ask(asked);
  const trail = { seen: new Set([trailMark(request)]), maxRedirects: 5 };
  return redirectStep(request, { status, headers: ['location', location] }, urlRule, trail);
};

const next = (...given: Parameters<typeof step>): WireRequest => {
  const found = step(...given);
  if (found === undefined || 'fault' in found) throw new Error(`no next request: ${JSON.stringify(found)}`);
  return found.next;
};

describe('Location', () => {
  test.each([
    ['/abs', 'http://a.example/abs#frag'],
    ['rel', 'http://a.example/dir/rel#frag'],
    ['../up', 'http://a.example/up#frag'],
    ['?only=query', 'http://a.example/dir/page?only=query#frag'],
    ['//b.example/x', 'http://b.example/x#frag'],
    ['https://b.example', 'https://b.example/#frag'],
    ['/x#own', 'http://a.example/x#own'],
    ['/x#', 'http://a.example/x#'],
    ['/a b', 'http://a.example/a%20b#frag'],
    ['/caf\u00c3\u00a9', 'http://a.example/caf%C3%A9#frag'],
    ['/caf\u00e9', 'http://a.example/caf%C3%A9#frag'],
    [String.raw`/x?a=\b`, 'http://a.example/x?a=%5Cb#frag'],
    [String.raw`\\b.example\x`, 'http://b.example/x#frag'],
  ])('%j leads to %s', (location, target) => {
    expect(next({}, 302, location).url.href).toBe(target);
  });

  test('that is empty means the page itself: a loop', () => {
    expect(step({}, 302, '')).toMatchObject({ fault: { failure: { code: 'too_many_redirects' } } });
  });

  test.each([
    ['http://10.0.0.1/', 'blocked_address'],
    ['http://[::ffff:7f00:1]/', 'blocked_address'],
    ['//127.0.0.1/', 'blocked_address'],
    ['gopher://b.example/', 'blocked_address'],
    ['javascript:alert(1)', 'blocked_address'],
    ['http://user@b.example/', 'blocked_address'],
    ['http://b.example:25/', 'blocked_address'],
    ['http://[::1', 'invalid_response'],
    [`/${'a'.repeat(9000)}`, 'invalid_response'],
  ])('%j ends as %s', (location, code) => {
    expect(step({}, 302, location)).toMatchObject({ fault: { failure: { code }, isTransient: false } });
  });
});

describe('method and body', () => {
  test.each([
    [301, 'POST', 'GET', false],
    [302, 'POST', 'GET', false],
    [303, 'POST', 'GET', false],
    [303, 'PUT', 'GET', false],
    [301, 'PUT', 'PUT', true],
    [302, 'DELETE', 'DELETE', true],
    [307, 'POST', 'POST', true],
    [308, 'PATCH', 'PATCH', true],
    [300, 'POST', 'POST', true],
  ])('%d turns %s into %s', (status, method, wanted, keepsBody) => {
    const fields = ['Content-Type', 'text/plain', 'X-Mine', 'yes'];
    const request = next({ method, body: 'x', fields }, status, '/there');
    expect(request.method).toBe(wanted);
    expect(request.body !== undefined).toBe(keepsBody);
    expect(request.fields).toEqual(keepsBody ? fields : ['X-Mine', 'yes']);
  });

  test('of HEAD stay HEAD on 303', () => {
    expect(next({ method: 'HEAD' }, 303, '/there').method).toBe('HEAD');
  });

  test('do not go to another host: the redirect is the answer', () => {
    expect(step({ method: 'POST', body: 'x' }, 307, 'http://b.example/')).toBeUndefined();
    expect(
      step({ method: 'POST', body: 'x', url: 'https://a.example/' }, 308, 'http://a.example/'),
    ).toBeUndefined();
    expect(next({ method: 'POST', body: 'x' }, 308, 'https://a.example/').body).toBeDefined();
    expect(next({ method: 'DELETE' }, 307, 'http://b.example/').method).toBe('DELETE');
  });
});

test('another origin, by host, port or scheme, gets no field that identifies anybody', () => {
  const fields = [
    'Authorization',
    'x',
    'COOKIE',
    'x',
    'X-Api-Key',
    'x',
    'accept-language',
    'ko',
    'User-Agent',
    'me',
  ];
  for (const location of ['http://b.example/', 'http://a.example:8080/', 'https://a.example/']) {
    expect(next({ fields }, 302, location).fields).toEqual(['accept-language', 'ko', 'User-Agent', 'me']);
  }
  expect(next({ fields }, 302, '/same').fields).toEqual(fields);
});

test.each([[200], [201], [304], [305], [306], [399], [404]])('%d with a Location is an answer', (status) => {
  expect(step({}, status, '/there')).toBeUndefined();
});

test('two Locations are no redirect anybody could follow', () => {
  const asked = ask({});
  const headers = ['location', '/a', 'location', '/b'];
  const trail = { seen: new Set([trailMark(asked)]), maxRedirects: 5 };
  expect(redirectStep(asked, { status: 302, headers }, urlRule, trail)).toMatchObject({
    fault: { failure: { code: 'invalid_response' } },
  });
});
