import { afterEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { Outcome } from '../../../worker/outcome.ts';
import { authority } from '../../support/animals/tls.ts';
import { createEngine, summary } from '../../support/engine.ts';
import type { EngineOptions, FetchOptions } from '../../support/engine.ts';
import { openHttp2Target } from '../../support/http2-target.ts';
import type { Http2Target, SeenStream } from '../../support/http2-target.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

type SetUp = {
  readonly target: Http2Target;
  readonly get: (path: string, options?: FetchOptions) => Promise<Outcome>;
};

const setUp = async (act: (seen: SeenStream) => unknown, options: EngineOptions = {}): Promise<SetUp> => {
  const target = await openHttp2Target(act);
  const engine = createEngine({ ca: authority, ...options });
  opened.push(target, engine.connections);
  return { target, get: (path, request) => engine.fetch(target.origin + path, { http2: true, ...request }) };
};

const answer = (body: string | Buffer, fields: Record<string, string | string[]> = {}) => {
  return ({ stream }: SeenStream): void => {
    stream.respond({ ':status': 200, ...fields });
    stream.end(body);
  };
};

describe('a request over HTTP/2', () => {
  test('keeps status, header fields in order, body and protocol', async () => {
    const { get } = await setUp(({ stream }) => {
      stream.additionalHeaders({ ':status': 103, link: 'early' });
      answer('hello', { 'set-cookie': ['a=1', 'b=2'], 'x-name': 'caf\u00e9' })({ stream } as SeenStream);
    });
    const outcome = await get('/a?b=c');
    expect(outcome).toMatchObject({
      kind: 'response',
      status: 200,
      headers: expect.arrayContaining(['set-cookie', 'a=1', 'b=2', 'x-name', 'café']),
      connection: { reused: false, policy: 'reuse', remoteAddress: '127.0.0.1', protocol: 'h2' },
    });
    expect(summary(outcome)).toBe('200 hello');
    expect(outcome.timings.tlsMs).toBeGreaterThan(0);
  });

  test('sends the user’s fields in lower case, ours, and none that belong to one connection', async () => {
    const { target, get } = await setUp(answer('ok'));
    await get('/', { headers: { 'X-Cafe': 'caf\u00e9', Cookie: 'a=1' } });
    const fields = { ...target.requests[0]?.fields };
    expect(fields).toMatchObject({ 'x-cafe': 'café', cookie: 'a=1', ':method': 'GET', ':scheme': 'https' });
    expect(fields['user-agent']).toMatch(/^Fetchfleet\//);
    expect(
      Object.keys(fields).filter((name) => /^(connection|host|keep-alive|te|upgrade)/.test(name)),
    ).toEqual([]);
  });

  test('sends a body with its length', async () => {
    const bodies: Promise<string>[] = [];
    const { target, get } = await setUp((seen) => {
      bodies.push(seen.body());
      answer('ok')(seen);
    });
    await get('/', { method: 'POST', body: Buffer.from('payload') });
    expect(await Promise.all(bodies)).toEqual(['payload']);
    expect(target.requests[0]?.fields['content-length']).toBe('7');
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const)('takes the answer to %s with %i as having no body', async (method, status) => {
    const { get } = await setUp(({ stream }) => {
      stream.respond({ ':status': status, ...(method === 'HEAD' && { 'content-length': 5 }) });
      stream.end();
    });
    expect(summary(await get('/', { method, acceptStatus: '200-399' }))).toBe(`${status} `);
  });

  test('follows redirects on the same session', async () => {
    const { target, get } = await setUp((seen) =>
      seen.fields[':path'] === '/start'
        ? answer('', { ':status': '302', location: '/end' })(seen)
        : answer(`at ${seen.fields[':path'] ?? ''}`)(seen),
    );
    const outcome = await get('/start');
    expect(summary(outcome)).toBe('200 at /end');
    expect(outcome.redirects).toEqual([{ url: `${target.origin}/start`, status: 302 }]);
    expect(target.sessions).toHaveLength(1);
  });

  test('keeps content codings, and refuses bombs and bodies that are too large', async () => {
    const zeros = gzipSync(Buffer.alloc(5_000_000));
    const { get } = await setUp((seen) =>
      seen.fields[':path'] === '/bomb'
        ? answer(zeros, { 'content-encoding': 'gzip' })(seen)
        : answer('x'.repeat(3_000_000))(seen),
    );
    expect(summary(await get('/bomb'))).toBe('body_too_large');
    expect(summary(await get('/large'))).toBe('body_too_large');
    expect(await get('/large', { maxBodyBytes: 4_000_000 })).toMatchObject({ body: { bytes: 3_000_000 } });
  });

  test('truncates a body that is too large, and keeps the session', async () => {
    const { get, target } = await setUp(answer('x'.repeat(3_000_000)));
    const kept = { inline: Buffer.alloc(1000, 'x'), bytes: 1000, truncated: true };
    for (const path of ['/once', '/again']) {
      const outcome = await get(path, { maxBodyBytes: 1000, onBodyTooLarge: 'truncate' });
      expect(outcome).toMatchObject({ kind: 'response', body: kept });
    }
    expect(target.sessions).toHaveLength(1);
  });
});

const reset = (code: number) => {
  return ({ stream }: SeenStream): void => stream.close(code);
};

const midBody = (end: (seen: SeenStream) => void) => {
  return (seen: SeenStream): void => {
    seen.stream.respond({ ':status': 200 });
    seen.stream.write('half', () => end(seen));
  };
};

describe('over HTTP/2, a server that', () => {
  test.each<readonly [string, (seen: SeenStream) => void, string, RegExp]>([
    ['cancels the stream', reset(8), 'connection_lost transient', /before a response/],
    ['breaks internally', reset(2), 'connection_lost transient', /before a response/],
    ['refuses every stream', reset(7), 'connection_lost transient', /before a response/],
    ['calls it a protocol error', reset(1), 'invalid_response', /HTTP2_PROTOCOL_ERROR/],
    [
      'resets mid-body',
      midBody(({ stream }) => stream.destroy(new Error('mid-body'))),
      'connection_lost transient',
      /after 4 bytes/,
    ],
    [
      'sends a head with 300 fields',
      ({ stream }) =>
        stream.respond(Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`x-${at}`, 'y']))),
      'connection_lost transient',
      /./,
    ],
    [
      'sends a head of 30,000 bytes',
      ({ stream }) => stream.respond({ ':status': 200, 'x-a': 'a'.repeat(30_000) }, { endStream: true }),
      'invalid_response',
      /head is larger/,
    ],
    ['never answers', () => undefined, 'timed_out transient', /no response began within 200 ms/],
    [
      'stops mid-body',
      midBody(() => undefined),
      'timed_out transient',
      /no more of the body came for 200 ms/,
    ],
  ])('%s', async (_about, act, result, message) => {
    const { get } = await setUp(act, { timeouts: { headersTimeoutMs: 200, bodyTimeoutMs: 200 } });
    const outcome = await get('/');
    expect(summary(outcome)).toBe(result);
    expect(outcome.kind === 'failure' && outcome.failure.message).toMatch(message);
    expect(outcome.timings.totalMs).toBeLessThan(500);
  });

  test('loses its connection mid-body', async () => {
    const { target, get } = await setUp(midBody(() => target.sockets[0]?.destroy()));
    expect(summary(await get('/'))).toBe('connection_lost transient');
  });

  test('is left in peace once the batch is cancelled, its other requests go on', async () => {
    const cancelled: number[] = [];
    const stop = new AbortController();
    const { target, get } = await setUp((seen) => {
      if (seen.fields[':path'] === '/other') return answer('ok')(seen);
      seen.stream.on('close', () => cancelled.push(seen.stream.rstCode));
      stop.abort();
    });
    expect(summary(await get('/', { signal: stop.signal }))).toBe('cancelled');
    expect(summary(await get('/other'))).toBe('200 ok');
    expect(cancelled).toEqual([8]);
    expect(target.sessions).toHaveLength(1);
  });
});
