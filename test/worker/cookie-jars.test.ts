import { afterEach, describe, expect, test } from '@jest/globals';
import type { BatchRecord } from '../../shared/batch.ts';
import { loadConfig } from '../../shared/config.ts';
import type { SliceOptions, SliceRequest } from '../../shared/request.ts';
import type { SliceStore } from '../../shared/slice-store.ts';
import { createCookieJars, withCookieJars } from '../../worker/cookie-jars.ts';
import type { CookieJars } from '../../worker/cookie-jars.ts';
import { createCookieJar } from '../../worker/http/cookie-jar.ts';
import { resolveRequest } from '../../worker/resolve-request.ts';
import { batchRecord } from '../support/batches.ts';
import { createEngine, summary } from '../support/engine.ts';
import { openTarget } from '../support/target-server.ts';
import type { SeenRequest, TargetServer, Visit } from '../support/target-server.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** Sets a cookie named for each path, and redirects /login to /home. */
const openSite = async (): Promise<TargetServer> => {
  const target = await openTarget({
    about: 'sets cookies',
    onRequest: ({ reply }, { target: path }) => {
      const fields = [`set-cookie: ${path.slice(1)}=1; Path=/`];
      if (path === '/login') reply('', [...fields, 'location: /home'], '302 Found');
      else reply('ok', fields);
    },
  });
  opened.push(target);
  return target;
};

const cookieOf = (request: SeenRequest | undefined): string | undefined =>
  request?.fields.find(([name]) => name.toLowerCase() === 'cookie')?.[1];

const batchOf = (defaults: SliceOptions): BatchRecord =>
  batchRecord({ owner: 'tests', defaults, createdAt: 0, expiresAt: 10_000, retentionSeconds: 1 });

const service = loadConfig({}).fetch;

/** Claims a slice of the batch and fetches what is in it, as a worker does. */
const run = async (batch: BatchRecord, jars: CookieJars, ...requests: SliceRequest[]): Promise<void> => {
  const slices: SliceStore = {
    claim: () => Promise.resolve({ batch, requests, histories: new Map() }),
    release: () => Promise.resolve(),
  };
  const claimed = await withCookieJars(slices, jars).claim(batch.id, 0);
  if (claimed === 'held') throw new Error('nobody else holds it');
  const engine = createEngine();
  opened.unshift(engine.connections);
  for (const request of claimed?.requests ?? []) {
    const resolved = resolveRequest(request, claimed?.batch.defaults ?? {}, service);
    expect(summary(await engine.fetch(request.url, resolved))).toBe('200 ok');
  }
};

describe('cookies', () => {
  test('are neither kept nor sent where nobody asked for them', async () => {
    const target = await openSite();
    const jars = createCookieJars({ now: () => 0 });
    const batch = batchOf({});
    await run(
      batch,
      jars,
      { index: 0, url: `${target.origin}/login` },
      { index: 1, url: `${target.origin}/b` },
    );
    expect(target.requests.map(cookieOf)).toEqual([undefined, undefined, undefined]);
  });

  test('go to the following hops and to later requests of the batch, in this slice and others', async () => {
    const target = await openSite();
    const jars = createCookieJars({ now: () => 0 });
    const batch = batchOf({ cookies: true });
    await run(batch, jars, { index: 0, url: `${target.origin}/login` });
    await run(batch, jars, { index: 1, url: `${target.origin}/b`, headers: { Cookie: 'login=mine' } });
    expect(target.requests.map(cookieOf)).toEqual([undefined, 'login=1', 'login=mine; home=1']);
  });

  test('are never those of another batch, nor of a request that does not want them', async () => {
    const target = await openSite();
    const jars = createCookieJars({ now: () => 0 });
    const url = `${target.origin}/a`;
    await run(batchOf({ cookies: true }), jars, { index: 0, url });
    await run(batchOf({ cookies: true }), jars, { index: 0, url }, { index: 1, url, cookies: false });
    expect(target.requests.map(cookieOf)).toEqual([undefined, undefined, undefined]);
  });

  test('set by a redirect go with the request that follows it', async () => {
    const target = await openSite();
    const defaults = { jar: createCookieJar({ now: Date.now }) };
    const request = { index: 0, url: `${target.origin}/login`, cookies: true };
    const resolved = resolveRequest(request, defaults, service);
    const engine = createEngine();
    opened.unshift(engine.connections);
    await engine.fetch(resolved.url, resolved);
    expect(target.requests.map(cookieOf)).toEqual([undefined, 'login=1']);
  });

  test('do not cross to another host on a redirect', async () => {
    const answer = { about: 'another host', onRequest: ({ reply }: Visit) => reply('ok') };
    const elsewhere = await openTarget(answer, { address: '127.0.0.2' });
    const target = await openTarget({
      about: 'redirects to another host',
      onRequest: ({ reply }) => reply('', [`location: ${elsewhere.origin}/`, 'set-cookie: a=1'], '302 X'),
    });
    const engine = createEngine();
    opened.push(engine.connections, target, elsewhere);
    const defaults = { jar: createCookieJar({ now: Date.now }) };
    const request = { index: 0, url: `${target.origin}/`, cookies: true };
    const resolved = resolveRequest(request, defaults, service);
    await engine.fetch(resolved.url, resolved);
    expect(elsewhere.requests.map(cookieOf)).toEqual([undefined]);
  });
});

describe('jars', () => {
  test('are one a batch until it ends', () => {
    const jars = createCookieJars({ now: () => 0 });
    const [one, two] = [batchOf({}), batchOf({})];
    const jar = jars.of(one);
    expect(jars.of(two)).not.toBe(jar);
    expect(jars.of(one)).toBe(jar);
    jars.drop(one.id);
    expect(jars.of(one)).not.toBe(jar);
  });

  test('of batches used long ago go first when there are many, expired ones before all', () => {
    let now = 0;
    const jars = createCookieJars({ now: () => now, maxJars: 3 });
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map(() => batchOf({})) as [
      BatchRecord,
      BatchRecord,
      BatchRecord,
      BatchRecord,
      BatchRecord,
    ];
    const kept = [a, b, c].map((batch) => jars.of(batch));
    jars.of(a);
    jars.of(d);
    expect(jars.of(a)).toBe(kept[0]);
    expect(jars.of(c)).toBe(kept[2]);
    now = 10_000;
    jars.of(e);
    expect(jars.of(a)).not.toBe(kept[0]);
  });
});
