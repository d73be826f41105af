import { afterEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { bytesOf, createEngine, summary } from '../support/engine.ts';
import type { Engine, EngineOptions } from '../support/engine.ts';
import { head, openTarget } from '../support/target-server.ts';
import type { Animal, TargetServer } from '../support/target-server.ts';
import { until } from '../support/until.ts';

const opened: (Engine['connections'] | TargetServer)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const setUp = async (
  animal: Omit<Animal, 'about'>,
  options: EngineOptions = {},
): Promise<{ target: TargetServer; engine: Engine }> => {
  const target = await openTarget({ about: 'a server of this test', ...animal });
  const engine = createEngine(options);
  opened.push(target, engine.connections);
  return { target, engine };
};

describe('a plain exchange', () => {
  test('keeps status, header fields in order, body bytes, times and address', async () => {
    const { target, engine } = await setUp({
      onRequest: ({ reply }) => reply('hello', ['Set-Cookie: a=1', 'X-Name: caf\u00e9', 'set-cookie: b=2']),
    });
    const outcome = await engine.fetch(`${target.origin}/a?b=c#d`);
    expect(outcome).toMatchObject({
      kind: 'response',
      status: 200,
      body: { bytes: 5, truncated: false },
      finalUrl: `${target.origin}/a?b=c#d`,
      redirects: [],
      connection: { reused: false, policy: 'reuse', remoteAddress: '127.0.0.1', protocol: 'http/1.1' },
    });
    expect(outcome.kind === 'response' && outcome.headers).toEqual([
      'set-cookie',
      'a=1',
      'x-name',
      'café',
      'set-cookie',
      'b=2',
      'content-length',
      '5',
    ]);
    expect(summary(outcome)).toBe('200 hello');
    expect(outcome.timings.totalMs).toBeGreaterThanOrEqual(outcome.timings.ttfbMs);
    expect(target.requests[0]).toMatchObject({ method: 'GET', target: '/a?b=c' });
  });

  test('sends the user’s fields in their case and order, and names itself', async () => {
    const { target, engine } = await setUp({ onRequest: ({ reply }) => reply() });
    await engine.fetch(`${target.origin}/`, {
      headers: { 'X-Second': '2', accept: 'text/x', 'x-FIRST': '1' },
    });
    const names = target.requests[0]?.fields.map(([name]) => name);
    expect(names).toEqual([
      'host',
      'connection',
      'user-agent',
      'accept-encoding',
      'X-Second',
      'accept',
      'x-FIRST',
    ]);
    expect(target.requests[0]?.fields).toContainEqual(['user-agent', expect.stringMatching(/^Fetchfleet\//)]);
  });

  test('sends a body with its length, and none for GET', async () => {
    const { target, engine } = await setUp({ onRequest: ({ reply }) => reply('ok') });
    await engine.fetch(`${target.origin}/`, { method: 'POST', body: Buffer.from('payload') });
    await engine.fetch(`${target.origin}/`);
    expect(target.requests.map((request) => request.body.toString())).toEqual(['payload', '']);
    expect(target.requests[1]?.fields.some(([name]) => name === 'content-length')).toBe(false);
  });

  test('ends as cancelled when the signal aborts, and closes the socket', async () => {
    const { target, engine } = await setUp({ onRequest: () => controller.abort() });
    const controller = new AbortController();
    const outcome = await engine.fetch(`${target.origin}/`, { signal: controller.signal });
    expect(outcome).toMatchObject({ kind: 'failure', failure: { code: 'cancelled' }, wasSent: true });
    expect(summary(await engine.fetch(`${target.origin}/`, { signal: controller.signal }))).toBe('cancelled');
    expect(target.requests).toHaveLength(1);
  });

  test('refuses an address that is not allowed without dialling it', async () => {
    const { target, engine } = await setUp({}, { allow: [] });
    const outcome = await engine.fetch(`${target.origin}/`);
    expect(outcome).toMatchObject({
      failure: { code: 'blocked_address' },
      isTransient: false,
      wasSent: false,
    });
    expect(target.sockets()).toBe(0);
  });
});

describe('bodies', () => {
  test('keeps the wire bytes of an encoded body and counts the decoded ones', async () => {
    const wire = gzipSync('x'.repeat(1000));
    const { target, engine } = await setUp({
      onRequest: ({ reply }) => reply(wire, ['content-encoding: gzip']),
    });
    const outcome = await engine.fetch(`${target.origin}/`);
    expect(outcome).toMatchObject({ kind: 'response', body: { bytes: 1000 } });
    expect(bytesOf(outcome)).toEqual(wire);
  });

  test('leaves a part of an encoded body as it is', async () => {
    const { target, engine } = await setUp({
      onRequest: ({ reply }) => reply('part', ['content-encoding: gzip'], '206 Partial Content'),
    });
    expect(summary(await engine.fetch(`${target.origin}/`))).toBe('206 part');
  });

  test('keeps the head of a response whose body is too large', async () => {
    const { target, engine } = await setUp({
      onRequest: ({ reply }) => reply('x'.repeat(100), ['x-kept: yes']),
    });
    const outcome = await engine.fetch(`${target.origin}/`, { maxBodyBytes: 99 });
    expect(outcome).toMatchObject({ failure: { code: 'body_too_large' }, response: { status: 200 } });
    expect(outcome.kind === 'failure' && outcome.response?.headers).toContain('x-kept');
    expect(summary(await engine.fetch(`${target.origin}/`, { maxBodyBytes: 100 }))).toMatch(/^200 x/);
  });

  test.each([
    ['of declared length', ['content-length: 1000'], 'x'.repeat(1000)],
    ['in chunks', ['transfer-encoding: chunked'], `3e8\r\n${'x'.repeat(1000)}\r\n0\r\n\r\n`],
    ['that stops after what is wanted', ['content-length: 1000'], 'x'.repeat(100)],
  ])('truncates a body too large, as asked: one %s', async (_what, fields, body) => {
    const { target, engine } = await setUp({ onRequest: ({ send }) => send(head('200 OK', fields), body) });
    for (const maxBodyBytes of [100, 1, 0]) {
      const outcome = await engine.fetch(`${target.origin}/`, { maxBodyBytes, onBodyTooLarge: 'truncate' });
      const kept = { inline: Buffer.alloc(maxBodyBytes, 'x'), bytes: maxBodyBytes, truncated: true };
      expect(outcome).toMatchObject({ kind: 'response', status: 200, body: kept });
    }
    await until(() => target.openSockets() === 0);
    expect(target.sockets()).toBe(3);
  });

  test('truncates nothing of a body that is just large enough', async () => {
    const { target, engine } = await setUp({ onRequest: ({ reply }) => reply('x'.repeat(100)) });
    const outcome = await engine.fetch(`${target.origin}/`, {
      maxBodyBytes: 100,
      onBodyTooLarge: 'truncate',
    });
    expect(outcome).toMatchObject({ body: { bytes: 100, truncated: false } });
  });

  test('truncates an encoded body on the wire, and what it unfolds to', async () => {
    const noise = randomBytes(5000);
    const { target, engine } = await setUp({
      onRequest: ({ reply }, { target: path }) =>
        reply(gzipSync(path === '/bomb' ? Buffer.alloc(9_000_000) : noise), ['content-encoding: gzip']),
    });
    const options = { maxBodyBytes: 1000, onBodyTooLarge: 'truncate' } as const;
    const cut = await engine.fetch(`${target.origin}/`, options);
    expect(cut).toMatchObject({ body: { wireBytes: 1000, truncated: true } });
    expect(cut.kind === 'response' && cut.body.bytes).toBeGreaterThan(800);
    expect(await engine.fetch(`${target.origin}/bomb`, { ...options, maxBodyBytes: 50_000 })).toMatchObject({
      body: { bytes: 50_000, truncated: true },
    });
  });

  test('takes no body from HEAD, 204 and 304, whatever they announce', async () => {
    const { target, engine } = await setUp({
      onRequest: ({ send }, { target: path }) =>
        send(head(path.slice(1).replace('_', ' '), path === '/204_x' ? [] : ['content-length: 5000000'])),
    });
    expect(summary(await engine.fetch(`${target.origin}/200_x`, { method: 'HEAD' }))).toBe('200 ');
    expect(summary(await engine.fetch(`${target.origin}/204_x`))).toBe('204 ');
    expect(summary(await engine.fetch(`${target.origin}/304_x`))).toBe('304 ');
  });
});

const redirectTo =
  (location: string, status = '302 Found'): NonNullable<Animal['onRequest']> =>
  ({ reply }, request) => {
    if (request.target === '/start') reply('moved', [`location: ${location}`], status);
    else reply(`${request.method} ${request.target}`);
  };

describe('redirects', () => {
  test('are followed and recorded, with the fragment inherited', async () => {
    const { target, engine } = await setUp({ onRequest: redirectTo('/end') });
    const outcome = await engine.fetch(`${target.origin}/start#here`);
    expect(outcome).toMatchObject({
      finalUrl: `${target.origin}/end#here`,
      redirects: [{ url: `${target.origin}/start#here`, status: 302 }],
    });
    expect(summary(outcome)).toBe('200 GET /end');
  });

  test('carry the body on to the same origin, and nothing of the user to another', async () => {
    const other = await openTarget({ about: 'elsewhere', onRequest: ({ reply }) => reply('there') });
    opened.push(other);
    const { target, engine } = await setUp({ onRequest: redirectTo(`${other.origin}/end`, '307 X') });
    const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k', 'Accept-Language': 'ko' };
    expect(summary(await engine.fetch(`${target.origin}/start`, { headers }))).toBe('200 there');
    const names = other.requests[0]?.fields.map(([name]) => name.toLowerCase());
    expect(names).toEqual([
      'host',
      'connection',
      'user-agent',
      'accept',
      'accept-encoding',
      'accept-language',
    ]);
    const posted = await engine.fetch(`${target.origin}/start`, {
      method: 'POST',
      body: Buffer.from('secret'),
      headers,
    });
    expect(summary(posted)).toBe('307 moved');
    expect(other.requests).toHaveLength(1);
  });

  test('end after maxRedirects, at a loop, and are answers themselves when none is wanted', async () => {
    const { target, engine } = await setUp({
      onRequest: ({ reply }, { target: path }) =>
        reply('', [`location: ${path === '/loop' ? '/loop' : `${path}x`}`], '302 Found'),
    });
    const endless = await engine.fetch(`${target.origin}/start`, { maxRedirects: 3 });
    expect(summary(endless)).toBe('too_many_redirects');
    expect(endless.redirects.map((hop) => hop.url.slice(target.origin.length))).toEqual([
      '/start',
      '/startx',
      '/startxx',
      '/startxxx',
    ]);
    expect(summary(await engine.fetch(`${target.origin}/loop`))).toBe('too_many_redirects');
    expect(target.requests.filter((request) => request.target === '/loop')).toHaveLength(1);
    expect(summary(await engine.fetch(`${target.origin}/start`, { maxRedirects: 0 }))).toBe('302 ');
  });

  test('to a refused address end with the hop named and nothing dialled', async () => {
    const { target, engine } = await setUp({ onRequest: redirectTo('http://169.254.169.254/latest') });
    const outcome = await engine.fetch(`${target.origin}/start`);
    expect(outcome).toMatchObject({
      failure: { code: 'blocked_address', message: expect.stringContaining('169.254.169.254') },
      redirects: [{ url: `${target.origin}/start`, status: 302 }],
      response: { status: 302 },
    });
  });
});
