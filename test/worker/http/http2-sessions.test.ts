import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import net from 'node:net';
import type { Outcome } from '../../../worker/outcome.ts';
import { connectionAnimals } from '../../support/animals/connections.ts';
import { authority, tlsAnimals } from '../../support/animals/tls.ts';
import { createEngine, summary } from '../../support/engine.ts';
import type { Engine, EngineOptions, FetchOptions } from '../../support/engine.ts';
import { openHttp2Target } from '../../support/http2-target.ts';
import type { Http2Target, SeenStream } from '../../support/http2-target.ts';
import { openTarget } from '../../support/target-server.ts';
import type { Visit } from '../../support/target-server.ts';
import { until } from '../../support/until.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

type SetUp = {
  readonly target: Http2Target;
  readonly engine: Engine;
  readonly get: (options?: FetchOptions) => Promise<Outcome>;
};

const setUp = async (
  act: (seen: SeenStream) => unknown,
  options: Parameters<typeof openHttp2Target>[1] & EngineOptions = {},
): Promise<SetUp> => {
  const target = await openHttp2Target(act, options);
  const engine = createEngine({ ...options, ca: authority });
  opened.push(target, engine.connections);
  return {
    target,
    engine,
    get: (request) => engine.fetch(`${target.origin}/`, { http2: true, ...request }),
  };
};

const answer = ({ stream, sessionNumber }: SeenStream): void => {
  stream.respond({ ':status': 200 });
  stream.end(`session ${sessionNumber}`);
};

const answerAfter = (ms: number) => {
  return (seen: SeenStream): void => void setTimeout(() => !seen.stream.destroyed && answer(seen), ms);
};

/** Hands bytes on in both directions until it is frozen; connections made later are handed on again. */
const openRelay = async (to: string): Promise<{ origin: string; freeze(): void; close(): void }> => {
  const pairs: net.Socket[] = [];
  const server = net.createServer((near) => {
    const far = net.connect(Number(new URL(to).port), '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
    pairs.push(near, far);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    freeze: () => pairs.forEach((socket) => socket.unpipe().pause()),
    close: () => {
      for (const socket of pairs) socket.destroy();
      server.close();
    },
  };
};

const many = (count: number, get: () => Promise<Outcome>): Promise<Outcome[]> =>
  Promise.all(Array.from({ length: count }, get));

describe('a session', () => {
  test('carries many requests at once, and later ones', async () => {
    const { target, get } = await setUp(answerAfter(20));
    const outcomes = [...(await many(50, get)), await get()];
    expect(new Set(outcomes.map(summary))).toEqual(new Set(['200 session 1']));
    expect(outcomes[0]?.connection).toMatchObject({ reused: false, protocol: 'h2' });
    expect(outcomes[50]?.connection).toMatchObject({ reused: true, policy: 'reuse', protocol: 'h2' });
    expect(outcomes[50]?.timings).toMatchObject({ connectMs: 0, tlsMs: 0 });
    expect(target.busiest()).toBe(50);
  });

  test('is given no more streams than the host allows; the others get sessions of their own', async () => {
    const { target, get } = await setUp(answerAfter(50), { settings: { maxConcurrentStreams: 4 } });
    const outcomes = await many(10, get);
    expect(outcomes.every((outcome) => summary(outcome).startsWith('200'))).toBe(true);
    const load = [1, 2, 3].map((n) => target.requests.filter((seen) => seen.sessionNumber === n).length);
    expect(load.toSorted((a, b) => a - b)).toEqual([2, 4, 4]);
  });

  test('serves one owner only', async () => {
    const { get } = await setUp(answer);
    const answers = [await get({ owner: 'ann' }), await get({ owner: 'bob' }), await get({ owner: 'ann' })];
    expect(answers.map(summary)).toEqual(['200 session 1', '200 session 2', '200 session 1']);
  });

  test('asked for fresh carries one request and is closed', async () => {
    const { target, get } = await setUp(answer);
    await get();
    const outcomes = [await get({ connection: 'fresh' }), await get({ connection: 'fresh' }), await get()];
    expect(outcomes.map(summary)).toEqual(['200 session 2', '200 session 3', '200 session 1']);
    expect(outcomes[0]?.connection).toMatchObject({ reused: false, policy: 'fresh' });
    await until(() => target.sockets.filter((socket) => !socket.destroyed).length === 1);
  });

  test('that is idle counts as such, and is closed by close', async () => {
    const { target, engine, get } = await setUp(answer);
    await get();
    expect(engine.connections.stats().idle).toBe(1);
    engine.connections.close();
    expect(engine.connections.stats().idle).toBe(0);
    await until(() => target.sockets.every((socket) => socket.destroyed));
    expect(summary(await get())).toBe('200 session 2');
    await until(() => target.sockets.every((socket) => socket.destroyed));
  });

  test('is not opened to an address that is not allowed', async () => {
    const { target, get } = await setUp(answer, { allow: [] });
    expect(summary(await get())).toBe('blocked_address');
    expect(target.sockets).toHaveLength(0);
  });
});

describe('a session that ends', () => {
  test('by GOAWAY while idle is replaced', async () => {
    const { target, engine, get } = await setUp(answer);
    await get();
    target.sessions[0]?.goaway();
    await until(() => engine.connections.stats().idle === 0);
    expect(summary(await get())).toBe('200 session 2');
  });

  test('by GOAWAY lets the requests that it took end, and refuses the others to a new session, POST too', async () => {
    const { target, get } = await setUp((seen) => {
      if (seen.sessionNumber === 2 || target.requests.length === 1) return answerAfter(30)(seen);
      seen.stream.session?.goaway(0, 1);
    });
    const post = { method: 'POST', body: Buffer.from('x') } as const;
    const outcomes = await Promise.all([get(), get(post)]);
    expect(outcomes.map(summary)).toEqual(['200 session 1', '200 session 2']);
    expect(outcomes[1]?.connection?.diagnosis).toMatch(/refused the request over HTTP\/2 unprocessed/);
  });

  test('under requests sends those again that may be sent twice, on a new one', async () => {
    const { target, get } = await setUp((seen) =>
      seen.sessionNumber === 1 && target.requests.length > 1 ? target.sockets[0]?.destroy() : answer(seen),
    );
    await get();
    const [safe, unsafe] = await Promise.all([get(), get({ method: 'POST', body: Buffer.from('x') })]);
    expect(summary(safe)).toBe('200 session 2');
    expect(unsafe).toMatchObject({ failure: { code: 'connection_lost' }, wasSent: true });
  });

  test('in silence is found out by a PING and replaced, long before the deadline', async () => {
    const { target, engine } = await setUp(answer, { timeouts: { headersTimeoutMs: 30_000 } });
    const relay = await openRelay(target.origin);
    opened.unshift(relay);
    const get = (): Promise<Outcome> => engine.fetch(`${relay.origin}/`, { http2: true, timeoutMs: 30_000 });
    await get();
    relay.freeze();
    const outcome = await get();
    expect(summary(outcome)).toBe('200 session 2');
    expect(outcome.connection?.diagnosis).toMatch(/sent again on a fresh one/);
    expect(outcome.timings.totalMs).toBeLessThan(3500);
  });

  test('while a host is merely slow is not taken for dead', async () => {
    const { get } = await setUp(answerAfter(1500), { timeouts: { headersTimeoutMs: 5000 } });
    expect(summary(await get())).toBe('200 session 1');
  });

  test.each([
    ['in silence', (): void => undefined, 'timed_out transient'],
    ['in HTTP/1.1', tlsAnimals.good.onRequest, 'connect_failed transient'],
    ['by closing', ({ socket }: Visit): void => void socket.end(), 'connect_failed transient'],
  ] as const)('%s before it began fails the requests that wait for it', async (_how, onRequest, result) => {
    const tls = { ...tlsAnimals.good.tls, ALPNProtocols: ['h2'] };
    const target = await openTarget({ about: 'agrees to HTTP/2 and does not speak it', onRequest }, { tls });
    const engine = createEngine({ ca: authority, timeouts: { connectTimeoutMs: 200 } });
    opened.push(target, engine.connections);
    const outcomes = await many(3, () => engine.fetch(`${target.origin}/`, { http2: true }));
    expect(outcomes.map(summary)).toEqual(Array(3).fill(result));
    expect(engine.connections.stats().idle).toBe(0);
    await until(() => target.openSockets() === 0);
  });
});

describe('a host that does not speak HTTP/2', () => {
  test('is asked over HTTP/1.1, by the connection that found it out and without another try', async () => {
    const target = await openTarget(tlsAnimals.good, tlsAnimals.good);
    const engine = createEngine({ ca: authority });
    opened.push(target, engine.connections);
    const get = (): Promise<Outcome> => engine.fetch(`${target.origin}/`, { http2: true });
    const outcomes = [await get(), await get(), await get()];
    expect(outcomes.map((outcome) => outcome.connection)).toMatchObject([
      { protocol: 'http/1.1', reused: false },
      { protocol: 'http/1.1', reused: true },
      { protocol: 'http/1.1', reused: true },
    ]);
    expect(target.sockets()).toBe(1);
  });

  test('without TLS is asked over HTTP/1.1', async () => {
    const target = await openTarget({ ...connectionAnimals.asksForClose });
    const engine = createEngine();
    opened.push(target, engine.connections);
    const outcome = await engine.fetch(`${target.origin}/`, { http2: true });
    expect(outcome.connection).toMatchObject({ protocol: 'http/1.1' });
  });

  test('for one request (HTTP_1_1_REQUIRED) gets it over HTTP/1.1', async () => {
    const { target, get } = await setUp(({ stream }) => stream.close(13), { allowHTTP1: true });
    const outcome = await get({ method: 'POST', body: Buffer.from('x') });
    expect(summary(outcome)).toBe('200 over HTTP/1.1');
    expect(target.http1).toEqual(['/']);
  });

  test('is never offered it where nobody asked for it', async () => {
    const { target, get } = await setUp(answer, { allowHTTP1: true });
    expect(summary(await get({ http2: false }))).toBe('200 over HTTP/1.1');
    expect(target.sessions).toHaveLength(0);
  });
});
