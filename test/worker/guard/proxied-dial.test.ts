import { afterEach, describe, expect, test } from '@jest/globals';
import type { AllowedNetwork } from '../../../shared/address-policy.ts';
import type { Outcome } from '../../../worker/outcome.ts';
import { authority, tlsAnimals } from '../../support/animals/tls.ts';
import { createEngine, summary } from '../../support/engine.ts';
import type { Engine, EngineOptions } from '../../support/engine.ts';
import { openHttp2Target } from '../../support/http2-target.ts';
import { openHttpProxy, openSocksProxy } from '../../support/proxies.ts';
import type { ProxyManners, TestProxy } from '../../support/proxies.ts';
import { openTarget } from '../../support/target-server.ts';
import type { Animal, TargetOptions, TargetServer } from '../../support/target-server.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const polite: Animal = {
  about: 'well-behaved',
  onRequest: ({ reply }, { socketNumber }) => reply(`socket ${socketNumber}`),
};

const open = async (animal: Animal & TargetOptions = polite): Promise<TargetServer> => {
  const target = await openTarget(animal, animal);
  opened.push(target);
  return target;
};

const openEngine = (options: EngineOptions = {}): Engine => {
  const engine = createEngine({ ca: authority, query: resolveExamples, ...options });
  opened.push(engine.connections);
  return engine;
};

const resolveExamples: NonNullable<EngineOptions['query']> = (name) =>
  name === 'private.example'
    ? Promise.resolve({ addresses: ['10.0.0.1'] })
    : name.endsWith('.example')
      ? Promise.resolve({ addresses: ['127.0.0.1'] })
      : Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' }));

const proxies = {
  http: (manners?: ProxyManners) => openHttpProxy(manners),
  https: (manners?: ProxyManners) => openHttpProxy({ ...manners, tls: true }),
  socks5: (manners?: ProxyManners) => openSocksProxy(manners),
} as const;
type Scheme = keyof typeof proxies;
const schemes = Object.keys(proxies) as Scheme[];

const openProxy = async (scheme: Scheme, manners?: ProxyManners): Promise<TestProxy> => {
  const proxy = await proxies[scheme](manners);
  opened.push(proxy);
  return proxy;
};

const messageOf = (outcome: Outcome): string => (outcome.kind === 'failure' ? outcome.failure.message : '');

describe.each(schemes)('a proxy of scheme %s', (scheme) => {
  test('carries requests to a host without TLS, over one kept connection', async () => {
    const target = await open();
    const proxy = await openProxy(scheme);
    const url = `http://good.example:${target.port}/a?b`;
    const engine = openEngine();
    const get = (): Promise<Outcome> => engine.fetch(url, { proxy: `${scheme}://${proxy.authority}` });
    const outcomes = [await get(), await get()];
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['response', 'response']);
    expect(outcomes[1]?.connection).toMatchObject({ reused: true, remoteAddress: '127.0.0.1' });
    expect(proxy.asked[0]).toBe(scheme === 'socks5' ? `SOCKS 127.0.0.1:${target.port}` : `GET ${url}`);
    expect(proxy.sockets()).toBe(1);
    expect(target.requests[0]).toMatchObject({ method: 'GET', target: '/a?b' });
    expect(target.requests[0]?.fields).toContainEqual(['host', `good.example:${target.port}`]);
  });

  test('opens a tunnel to a host with TLS, by the address that was judged', async () => {
    const target = await open(tlsAnimals.good);
    const proxy = await openProxy(scheme);
    const engine = openEngine();
    const outcome = await engine.fetch(`https://good.example:${target.port}/`, {
      proxy: `${scheme}://${proxy.authority}`,
    });
    expect(summary(outcome)).toBe('200 private');
    expect(outcome.timings.tlsMs).toBeGreaterThan(0);
    expect(proxy.asked[0]).toMatch(
      scheme === 'socks5' ? `SOCKS 127.0.0.1:${target.port}` : `CONNECT 127.0.0.1:${target.port}`,
    );
  });

  test('shows its credentials to the proxy and to nobody else', async () => {
    const target = await open();
    const proxy = await openProxy(scheme, { wants: 'us er:s3cret' });
    const engine = openEngine();
    const url = `http://good.example:${target.port}/`;
    const right = await engine.fetch(url, { proxy: `${scheme}://us%20er:s3cret@${proxy.authority}` });
    const wrong = await engine.fetch(url, { proxy: `${scheme}://us%20er:wr0ng@${proxy.authority}` });
    const without = await engine.fetch(url, { proxy: `${scheme}://${proxy.authority}` });
    expect(right.kind).toBe('response');
    expect([summary(wrong), summary(without)]).toEqual(['connect_failed', 'connect_failed']);
    expect(messageOf(wrong)).toMatch(/^the proxy .*credentials/);
    expect(JSON.stringify([right, wrong, without])).not.toMatch(/s3cret|wr0ng|us er|us%20er/);
    expect(JSON.stringify(target.requests)).not.toMatch(/proxy-auth/i);
    expect(target.requests).toHaveLength(1);
  });

  test('is not even asked where the target may not be fetched', async () => {
    const proxy = await openProxy(scheme);
    const engine = openEngine();
    const asked = { proxy: `${scheme}://${proxy.authority}` };
    for (const url of ['http://private.example/', 'https://private.example/', 'http://10.0.0.1/']) {
      expect(summary(await engine.fetch(url, asked))).toBe('blocked_address');
    }
    expect(summary(await engine.fetch('http://unknown.test/', asked))).toBe('dns_failed');
    expect(proxy.sockets()).toBe(0);
  });

  test('is itself judged as any other host', async () => {
    const target = await open();
    const proxy = await openProxy(scheme);
    const allow: readonly AllowedNetwork[] = [{ address: '127.0.0.0', prefix: 8, port: target.port }];
    const engine = openEngine({ allow });
    for (const host of [proxy.authority, proxy.authority.replace('127.0.0.1', 'good.example')]) {
      const outcome = await engine.fetch(`http://good.example:${target.port}/`, {
        proxy: `${scheme}://${host}`,
      });
      expect(summary(outcome)).toBe('blocked_address');
      expect(messageOf(outcome)).toMatch(/^the proxy: /);
    }
    expect(proxy.sockets()).toBe(0);
  });

  test('that is not there, has no address, hangs or may not be fetched is named in the failure', async () => {
    const engine = openEngine({ timeouts: { connectTimeoutMs: 150 } });
    const hanging = await openTarget({ about: 'accepts and hangs' });
    const closed = await openTarget(polite);
    await closed.close();
    opened.push(hanging);
    const get = async (host: string): Promise<readonly [string, string]> => {
      const outcome = await engine.fetch('https://good.example/', { proxy: `${scheme}://${host}` });
      return [summary(outcome), messageOf(outcome)];
    };
    expect(await get(`127.0.0.1:${closed.port}`)).toEqual([
      'connect_failed transient',
      'the proxy could not be reached (ECONNREFUSED)',
    ]);
    expect(await get('unknown.test:3128')).toEqual([
      'connect_failed',
      'the proxy: unknown.test does not resolve (ENOTFOUND)',
    ]);
    expect(await get('127.0.0.1:25')).toEqual([
      'blocked_address',
      expect.stringMatching(/^the proxy: port 25 /),
    ]);
    expect((await get(`127.0.0.1:${hanging.port}`))[0]).toBe('timed_out transient');
  });

  test('serves one owner, and one set of credentials, per connection', async () => {
    const target = await open();
    const proxy = await openProxy(scheme);
    const engine = openEngine();
    const get = (owner: string, user: string): Promise<Outcome> =>
      engine.fetch(`http://good.example:${target.port}/`, {
        owner,
        proxy: `${scheme}://${user}:x@${proxy.authority}`,
        connection: 'reuse',
      });
    for (const [owner, user] of [
      ['ann', 'a'],
      ['ann', 'b'],
      ['bob', 'a'],
      ['ann', 'a'],
    ] as const) {
      expect((await get(owner, user)).kind).toBe('response');
    }
    expect(proxy.sockets()).toBe(3);
  });
});

describe('through a proxy', () => {
  test.each<readonly [Scheme, number, string, RegExp]>([
    ['http', 403, 'connect_failed', /refused to connect \(403\)/],
    ['http', 503, 'connect_failed transient', /refused to connect \(503\)/],
    ['https', 502, 'connect_failed transient', /refused to connect \(502\)/],
    ['socks5', 2, 'connect_failed', /not allowed by its rules/],
    ['socks5', 5, 'connect_failed transient', /connection refused/],
  ])(
    'of scheme %s that refuses a tunnel with %i there is no connection',
    async (scheme, refusesWith, result, message) => {
      const proxy = await openProxy(scheme, { refusesWith });
      const through = { proxy: `${scheme}://${proxy.authority}` };
      const outcome = await openEngine().fetch('https://good.example/', through);
      expect(summary(outcome)).toBe(result);
      expect(messageOf(outcome)).toMatch(message);
      expect(outcome).toMatchObject({ wasSent: false });
    },
  );

  test('HTTP/2 is negotiated with the host', async () => {
    const target = await openHttp2Target(({ stream }) => {
      stream.respond({ ':status': 200 });
      stream.end('h2');
    });
    const proxy = await openProxy('http');
    opened.push(target);
    const outcome = await openEngine().fetch(`${target.origin}/`, {
      http2: true,
      proxy: `http://${proxy.authority}`,
    });
    expect(summary(outcome)).toBe('200 h2');
    expect(outcome.connection).toMatchObject({ protocol: 'h2' });
  });

  test('every hop of a redirect goes, and is judged before', async () => {
    const target = await open({
      about: 'redirects to a refused address',
      onRequest: ({ reply }) => reply('', ['location: http://private.example/'], '302 Found'),
    });
    const proxy = await openProxy('http');
    const outcome = await openEngine().fetch(`http://good.example:${target.port}/`, {
      proxy: `http://${proxy.authority}`,
    });
    expect(summary(outcome)).toBe('blocked_address');
    expect(proxy.asked).toHaveLength(1);
  });

  test('a 407 of the host itself is its answer', async () => {
    const target = await open({ ...tlsAnimals.good, onRequest: ({ reply }) => reply('', [], '407 Odd') });
    const proxy = await openProxy('http');
    const outcome = await openEngine().fetch(`https://good.example:${target.port}/`, {
      proxy: `http://${proxy.authority}`,
    });
    expect(summary(outcome)).toBe('407 ');
  });

  test('a certificate that is not to be trusted is refused, the host’s or the proxy’s', async () => {
    const target = await open(tlsAnimals.selfSigned);
    const proxy = await openProxy('http');
    const get = (url: string, through: string): Promise<Outcome> =>
      openEngine().fetch(url, { proxy: through });
    const ofHost = await get(`https://good.example:${target.port}/`, `http://${proxy.authority}`);
    expect(summary(ofHost)).toBe('tls_failed');
    const ofProxy = await get('https://good.example:4430/', `https://good.example:${target.port}`);
    expect(summary(ofProxy)).toBe('connect_failed');
    expect(messageOf(ofProxy)).toMatch(/TLS handshake with the proxy failed/);
  });
});
