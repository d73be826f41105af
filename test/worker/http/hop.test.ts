import { afterEach, describe, expect, test } from '@jest/globals';
import { connectionAnimals } from '../../support/animals/connections.ts';
import { createEngine, summary } from '../../support/engine.ts';
import type { Engine, EngineOptions, FetchOptions } from '../../support/engine.ts';
import { openTarget } from '../../support/target-server.ts';
import { until } from '../../support/until.ts';
import type { Animal, TargetServer } from '../../support/target-server.ts';
import type { Outcome } from '../../../worker/outcome.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const production = { connectTimeoutMs: 5000, headersTimeoutMs: 30_000, bodyTimeoutMs: 15_000 };

type SetUp = {
  readonly target: TargetServer;
  readonly engine: Engine;
  readonly get: (options?: FetchOptions) => Promise<Outcome>;
};

const setUp = async (animal: Animal, options: EngineOptions = {}): Promise<SetUp> => {
  const target = await openTarget(animal);
  const engine = createEngine({ timeouts: production, ...options });
  opened.push(target, engine.connections);
  return { target, engine, get: (request) => engine.fetch(`${target.origin}/`, request) };
};

const reused = (outcomes: readonly Outcome[]): boolean[] =>
  outcomes.map((outcome) => outcome.connection?.reused ?? false);

describe('a reused connection', () => {
  test('is trusted after it has answered once', async () => {
    const { target, get } = await setUp({ about: 'well-behaved', onRequest: ({ reply }) => reply('ok') });
    const outcomes = [await get(), await get(), await get(), await get()];
    expect(reused(outcomes)).toEqual([false, true, true, true]);
    expect(outcomes[3]?.connection).toMatchObject({ policy: 'reuse', remoteAddress: '127.0.0.1' });
    expect(outcomes[3]?.timings).toMatchObject({ connectMs: 0, dnsMs: 0 });
    expect(target.sockets()).toBe(1);
  });

  test.each([['resetsSecond'], ['endsSecond'], ['garbledSecond']] as const)(
    'that fails (%s) is replaced by a fresh one within the attempt, and the host is marked',
    async (name) => {
      const { target, get } = await setUp(connectionAnimals[name]);
      const outcomes = [await get(), await get(), await get()];
      expect(outcomes.map(summary)).toEqual(Array(3).fill('200 first'));
      expect(outcomes[1]?.connection?.diagnosis).toMatch(/reused connection/);
      expect(outcomes[2]?.connection).toMatchObject({ reused: false, policy: 'fresh' });
      expect(target.sockets()).toBe(3);
    },
  );

  test('is not tried for a POST before reuse is known to work, nor is a POST sent twice', async () => {
    const { target, get } = await setUp(connectionAnimals.resetsSecond);
    const post = { method: 'POST', body: Buffer.from('x') } as const;
    expect([summary(await get(post)), summary(await get(post))]).toEqual(['200 first', '200 first']);
    const insisted = await get({ ...post, connection: 'reuse' });
    expect(insisted).toMatchObject({ failure: { code: 'connection_lost' }, wasSent: true });
    expect(target.requests).toHaveLength(3);
  });

  test('that ended while idle is not tried at all', async () => {
    const { target, engine, get } = await setUp(connectionAnimals.endsBetween);
    const outcomes: Outcome[] = [];
    for (let count = 0; count < 3; count += 1) {
      outcomes.push(await get());
      await until(() => engine.connections.stats().idle === 0);
    }
    expect(outcomes.map(summary)).toEqual(Array(3).fill('200 ends'));
    expect(reused(outcomes)).toEqual([false, false, false]);
    expect(target.requests).toHaveLength(3);
  });

  test('that was idle for long and is dropped tells of the timeout of its host, not of a fault', async () => {
    const { target, engine, get } = await setUp(connectionAnimals.resetsSecond, { idleMs: 10_000 });
    const outcomes = [await get(), await get(), await get()];
    expect(outcomes.map(summary)).toEqual(Array(3).fill('200 first'));
    expect(outcomes.map(({ connection }) => connection?.policy)).toEqual(Array(3).fill('reuse'));
    const { mode, idleMs } = engine.connections.host('tests', target.origin).reuse;
    expect(mode).toBe('trial');
    expect([idleMs >= 8000, idleMs < 15_000]).toEqual([true, true]);
  });

  test('that was idle for long carries what is watched, and nothing else', async () => {
    const { get } = await setUp(
      { about: 'well-behaved', onRequest: ({ reply }) => reply('ok') },
      { idleMs: 10_000 },
    );
    const post = { method: 'POST', body: Buffer.from('x') } as const;
    const outcomes = [
      await get(),
      await get(),
      await get(post),
      await get({ connection: 'reuse' }),
      await get(),
    ];
    expect(reused(outcomes)).toEqual([false, true, false, false, true]);
  });

  test('that hangs after reuse was trusted gets a rival after a second, and the host is on trial again', async () => {
    const { get } = await setUp(connectionAnimals.twoPerSocket);
    const outcomes = [await get(), await get(), await get()];
    expect(outcomes.map(summary)).toEqual(['200 nth 1', '200 nth 2', '200 nth 1']);
    expect(outcomes[2]?.timings.totalMs).toBeLessThan(1200);
    expect(outcomes[2]?.connection?.diagnosis).toMatch(/gave no answer/);
  });

  test('that hangs after it was idle for long tells how long it may be', async () => {
    const { target, engine, get } = await setUp(connectionAnimals.twoPerSocket, { idleMs: 10_000 });
    for (const expected of ['200 nth 1', '200 nth 2', '200 nth 1'])
      expect(summary(await get())).toBe(expected);
    const { idleMs } = engine.connections.host('tests', target.origin).reuse;
    expect([idleMs >= 8000, idleMs < 15_000]).toEqual([true, true]);
  });

  test('that is merely slow keeps its place, and its rival is dropped', async () => {
    const { get, target } = await setUp({
      about: 'slow at its second request only, on whatever socket',
      onRequest: ({ reply, after }) => after(target.requests.length === 1 ? 0 : 300, () => reply('ok')),
    });
    await get();
    const slow = await get();
    expect(slow.connection).toMatchObject({ reused: true });
    expect(slow.connection?.diagnosis).toBeUndefined();
    expect(target.requests).toHaveLength(3);
  });
});

describe('what the user asks of connections', () => {
  test('fresh closes each one after its answer', async () => {
    const { target, get } = await setUp({ about: 'well-behaved', onRequest: ({ reply }) => reply('ok') });
    const outcomes = [await get({ connection: 'fresh' }), await get({ connection: 'fresh' })];
    expect(outcomes.map((outcome) => outcome.connection)).toMatchObject([
      { reused: false, policy: 'fresh' },
      { reused: false, policy: 'fresh' },
    ]);
    expect(target.requests[0]?.fields).toContainEqual(['connection', 'close']);
    expect(target.sockets()).toBe(2);
  });

  test('reuse takes a kept one at once', async () => {
    const { get } = await setUp({ about: 'well-behaved', onRequest: ({ reply }) => reply('ok') });
    expect(reused([await get({ connection: 'reuse' }), await get({ connection: 'reuse' })])).toEqual([
      false,
      true,
    ]);
  });
});

describe('deadlines', () => {
  test('of the connection cover a name that is never resolved', async () => {
    const engine = createEngine({
      timeouts: { connectTimeoutMs: 100 },
      query: () => new Promise(() => undefined),
    });
    opened.push(engine.connections);
    const outcome = await engine.fetch('http://hangs.example/');
    expect(outcome).toMatchObject({
      failure: { code: 'timed_out', message: 'the name was not resolved within 100 ms' },
      isTransient: true,
      wasSent: false,
    });
    expect(outcome.timings.totalMs).toBeGreaterThanOrEqual(99);
    expect(outcome.timings.totalMs).toBeLessThan(200);
  });

  test('of the first byte may be shorter than that of the connection', async () => {
    const { get } = await setUp(connectionAnimals.acceptAndHang, { timeouts: { headersTimeoutMs: 100 } });
    const outcome = await get();
    expect(summary(outcome)).toBe('timed_out transient');
    expect(outcome.timings.totalMs).toBeLessThan(300);
  });

  test('of the attempt as a whole span redirects', async () => {
    const { get } = await setUp({
      about: 'takes 200 ms a hop',
      onRequest: ({ after, reply }, { target }) =>
        after(200, () => reply('', [`location: ${target}x`], '302 X')),
    });
    const outcome = await get({ timeoutMs: 700 });
    expect(outcome).toMatchObject({
      failure: { code: 'timed_out', message: 'the attempt took longer than 700 ms' },
    });
    expect([1, 2, 3]).toContain(outcome.redirects.length);
  });
});
