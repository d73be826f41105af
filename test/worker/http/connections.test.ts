import { afterEach, describe, expect, test } from '@jest/globals';
import { connectionAnimals } from '../../support/animals/connections.ts';
import { createEngine, summary } from '../../support/engine.ts';
import type { Engine, EngineOptions } from '../../support/engine.ts';
import { openTarget } from '../../support/target-server.ts';
import type { Animal, TargetServer } from '../../support/target-server.ts';
import { until } from '../../support/until.ts';
import type { Connect } from '../../../worker/guard/dial.ts';
import { createConnections } from '../../../worker/http/connections.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const setUp = async (
  animal: Animal,
  options: EngineOptions = {},
): Promise<{
  target: TargetServer;
  engine: Engine;
  get: (owner: string, path?: string) => Promise<string>;
}> => {
  const target = await openTarget(animal);
  const engine = createEngine(options);
  opened.push(target, engine.connections);
  const get = async (owner: string, path = '/'): Promise<string> =>
    summary(await engine.fetch(target.origin + path, { owner, connection: 'reuse' }));
  return { target, engine, get };
};

const polite: Animal = {
  about: 'well-behaved',
  onRequest: ({ reply }, { socketNumber }) => reply(`socket ${socketNumber}`),
};

const refuse: Connect = () => {
  throw new Error('nobody is to be dialled');
};

describe('sockets', () => {
  test('are kept per owner and never serve another', async () => {
    const { target, get } = await setUp(polite);
    const answers = [await get('ann'), await get('bob'), await get('ann'), await get('bob')];
    expect(answers).toEqual(['200 socket 1', '200 socket 2', '200 socket 1', '200 socket 2']);
    expect(target.sockets()).toBe(2);
  });

  test.each([['extraAtOnce'], ['extraLater']] as const)(
    'that bring a response nobody asked for (%s) harm no later request, of this owner or another',
    async (name) => {
      const { target, engine, get } = await setUp(connectionAnimals[name]);
      for (const owner of ['ann', 'bob', 'ann', 'bob', 'ann']) {
        expect(await get(owner, `/${owner}`)).toBe(`200 own /${owner} 1`);
        await until(() => engine.connections.stats().idle === 0);
      }
      expect(target.sockets()).toBe(5);
    },
  );

  test('that brought unasked bytes mark their host, and the result says so', async () => {
    const { target, engine } = await setUp(connectionAnimals.extraLater);
    await engine.fetch(`${target.origin}/`);
    await until(() => engine.connections.stats().idle === 0);
    expect((await engine.fetch(`${target.origin}/`)).connection).toMatchObject({
      policy: 'fresh',
      diagnosis: 'the host sent more than it was asked for on a kept connection',
    });
  });

  test('are used last in, first out', async () => {
    const { get } = await setUp(polite);
    await Promise.all([get('ann'), get('ann'), get('ann')]);
    const latest = await get('ann');
    expect([await get('ann'), await get('ann')]).toEqual([latest, latest]);
  });

  test('are handed out where they were given back since then', () => {
    const clock = { now: 0 };
    const host = createConnections({ connect: refuse, now: () => clock.now }).host('ann', 'http://127.0.0.1');
    const [first, second] = [host.open(), host.open()];
    clock.now = 1000;
    host.giveBack(first, true);
    clock.now = 2000;
    host.giveBack(second, true);
    expect(host.takeIdle(2001)).toBeUndefined();
    expect(host.takeIdle(2000)).toBe(second);
    expect(host.takeIdle(2000)).toBeUndefined();
    expect(host.takeIdle(1000)).toBe(first);
  });

  test('that their host closes while they are idle tell how long they may be, those that we close do not', async () => {
    const { target, engine } = await setUp({
      about: 'ends an idle connection after 4.2 s, or hints that it will after 7',
      onRequest: ({ reply, socket, after }, { target: path }) => {
        reply('ok', path === '/hint' ? ['keep-alive: timeout=7'] : []);
        if (path !== '/hint') after(4200, () => socket.end());
      },
    });
    const idleMs = (owner: string): number => engine.connections.host(owner, target.origin).reuse.idleMs;
    await Promise.all([
      engine.fetch(target.origin, { owner: 'ended' }),
      engine.fetch(`${target.origin}/hint`, { owner: 'hinted' }),
    ]);
    expect([idleMs('ended'), idleMs('hinted')]).toEqual([15_000, 15_000]);
    await until(() => engine.connections.stats().idle === 0, 15_000);
    expect([idleMs('ended'), idleMs('hinted')]).toEqual([4000, 15_000]);
  });

  test('of a busy host stay open beside those of many that are asked once', async () => {
    const { target, engine, get } = await setUp(polite, { maxIdle: 3 });
    for (const owner of ['bob', 'cleo', 'dora']) await get(owner);
    expect([await get('ann'), await get('ann'), await get('ann')]).toEqual(Array(3).fill('200 socket 4'));
    expect(engine.connections.stats().idle).toBe(3);
    await until(() => target.openSockets() === 3);
  });

  test('beyond the idle limit are closed when given back', async () => {
    const { target, engine, get } = await setUp(polite, { maxIdle: 2 });
    await Promise.all(Array.from({ length: 5 }, () => get('ann')));
    expect(engine.connections.stats().idle).toBe(2);
    await until(() => target.openSockets() === 2);
  });

  test('are all closed by close, those in use when they are given back', async () => {
    const { target, engine, get } = await setUp({
      about: 'well-behaved at /, slow elsewhere',
      onRequest: ({ reply, after }, { target: path }) => after(path === '/' ? 0 : 100, () => reply('ok')),
    });
    await get('ann');
    const late = get('bob', '/late');
    await until(() => target.requests.length === 2);
    engine.connections.close();
    expect(await late).toBe('200 ok');
    expect(engine.connections.stats().idle).toBe(0);
    await until(() => target.openSockets() === 0);
  });

  test('honour a shorter keep-alive of the server', async () => {
    const { engine, get } = await setUp(connectionAnimals.keepAliveHint);
    expect(await get('ann')).toBe('200 hint');
    await until(() => engine.connections.stats().idle === 0, 100);
  });
});

describe('hosts', () => {
  test('are forgotten when many others come, busy ones excepted', async () => {
    const { target, engine } = await setUp(
      {
        about: 'answers all but /hang',
        onRequest: ({ reply }, { target: path }) => void (path !== '/hang' && reply('ok')),
      },
      { maxHosts: 10 },
    );
    const stop = new AbortController();
    const hanging = engine.fetch(`${target.origin}/hang`, { signal: stop.signal });
    for (let owner = 0; owner < 50; owner += 1)
      await engine.fetch(`${target.origin}/`, { owner: `owner ${owner}` });
    expect(engine.connections.stats().hosts).toBeLessThanOrEqual(11);
    expect(engine.connections.stats().idle).toBeLessThanOrEqual(10);
    stop.abort();
    expect(summary(await hanging)).toBe('cancelled');
  });
});
