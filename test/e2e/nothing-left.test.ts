// Batches of every kind are deleted, or expire: Redis has no key of any of them then, and the data directory no file.
import { connect } from 'node:net';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { request } from 'undici';
import { createProcesses } from '../support/processes.ts';
import { testRedis } from '../support/redis.ts';
import { openTarget } from '../support/target-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const dataDir = temporaryFolder();
const { startApi, startWorker } = createProcesses(
  { url, prefix },
  { FETCHFLEET_DATA_DIR: dataDir, FETCHFLEET_SLICE_SIZE: '5', FETCHFLEET_INLINE_BODY_BYTES: '1000' },
);
const tried = new Set<string>();
const target = await openTarget({
  about: 'has large bodies, fails at first, or asks for a long wait',
  onRequest({ reply, after }, { target: path }) {
    if (path.startsWith('/wait')) return reply('', ['retry-after: 3000'], '503 Busy');
    if (path.startsWith('/missing')) return reply('no', [], '404 Not Found');
    if (path.startsWith('/slow')) return after(200, () => reply('x'.repeat(5000)));
    const isFirst = !tried.has(path);
    tried.add(path);
    reply('x'.repeat(5000), [], path.startsWith('/flaky') && isFirst ? '500 Not yet' : '200 OK');
  },
});
// Each wait is asked for by a host of its own, or it would hold for the other batches too.
const waiting = await Promise.all(
  Array.from({ length: 3 }, () =>
    openTarget({
      about: 'asks for a long wait',
      onRequest: ({ reply }) => reply('', ['retry-after: 3000'], '503 Busy'),
    }),
  ),
);
const at = { origin: '' };
beforeAll(async () => {
  at.origin = (await startApi()).origin;
  await startWorker();
}, 60_000);
afterAll(() => Promise.all([target, ...waiting].map((each) => each.close())));

// oxlint-disable-next-line typescript/no-explicit-any -- tests look wherever they want
type View = any;
const call = async (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
  key?: string,
): Promise<View> => {
  const { statusCode, body: answer } = await request(`${at.origin}/v1/batches${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { statusCode, ...(text !== '' && (JSON.parse(text) as object)) };
};
const submit = async (paths: readonly string[], more: object = {}, key?: string): Promise<string> => {
  const urls = paths.map((path) => (path.startsWith('/') ? `${target.origin}${path}` : path));
  return (await call('POST', '', { urls, ...more }, key)).id;
};
const untilEnded = (id: string): Promise<unknown> =>
  waitFor(async () => ![null, undefined].includes((await call('GET', `/${id}`)).endedAt));
const paths = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `/${name}/${i}`);
const counted = async (id: string, name: string): Promise<number> =>
  (await call('GET', `/${id}`)).counts[name];

const keyNames = async (): Promise<string[]> => {
  const names = new Set<string>();
  for await (const some of redis.scanStream({ match: `${prefix}:*`, count: 1000 }))
    for (const name of some as string[]) names.add(name.slice(prefix.length + 1));
  return [...names];
};
/** Of the service, not of a batch; of what was submitted under a key it is remembered that it was, for a day. */
const ofTheService =
  /^(clock|results|workers|truce|disk-mark|hosts|host:[^#]*|idempotency:.*|(slices|deliveries):(meta|id|pc|events|marker|stalled|stalled-check))$/;
const files = (): string[] =>
  readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

test('nothing is left of batches that were deleted, or whose retention is over', async () => {
  const brief = { retention: 1 };
  const [first, second, third] = waiting.map(({ origin }) => `${origin}/`);

  const large = await submit(paths('large', 12), {}, 'large');
  const expiring = await submit(paths('also-large', 12), brief);
  const retried = await submit(paths('flaky', 8), { ...brief, perHost: { concurrency: 2 } });
  const failing = await submit(paths('missing', 6), { ...brief, defaults: { retry: { maxAttempts: 1 } } });
  const delayed = await submit([first ?? '', ...paths('before', 3)], { perHost: { concurrency: 1 } });
  const late = await submit([second ?? '', '/x'], { ...brief, expiresIn: 3 });
  const paused = await submit([third ?? '', ...paths('slow', 40)], { perHost: { concurrency: 1 } });
  const unstarted = await submit(['/never'], { notBefore: new Date(Date.now() + 3_600_000).toISOString() });

  const { host, port } = new URL(at.origin);
  const body = `{"urls":["${target.origin}/abandoned"`;
  const head = `POST /v1/batches HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n`;
  const uploading = connect(Number(port), '127.0.0.1');
  uploading.write(`${head}${body}`, () => uploading.destroy());

  await waitFor(async () => (await counted(paused, 'succeeded')) > 1);
  expect(await redis.ttl(`${prefix}:{${paused}}:meta`)).toBe(-1);
  await call('POST', `/${paused}/pause`);
  await call('POST', `/${paused}/resume`);
  await call('POST', `/${paused}/pause`);
  await waitFor(async () => (await counted(delayed, 'succeeded')) === 3);
  await waitFor(async () => (await counted(delayed, 'pending')) === 1);
  for (const id of [large, failing]) await untilEnded(id);
  expect(files().length).toBeGreaterThan(12);
  await call('POST', `/${failing}/retry`);

  for (const id of [delayed, paused, unstarted]) await call('POST', `/${id}/cancel`);
  for (const id of [delayed, paused, unstarted, large])
    expect((await call('DELETE', `/${id}`)).statusCode).toBe(204);
  expect(
    await call('POST', '', { urls: paths('large', 12).map((each) => `${target.origin}${each}`) }, 'large'),
  ).toMatchObject({ statusCode: 410, code: 'batch_gone' });
  await waitFor(async () => (await keyNames()).every((name) => ofTheService.test(name)), {
    timeoutMs: 60_000,
    intervalMs: 500,
  }).catch(async () => {
    expect((await keyNames()).filter((name) => !ofTheService.test(name))).toEqual([]);
  });
  await waitFor(() => files().length === 0, { timeoutMs: 90_000, intervalMs: 200 });
  for (const id of [large, expiring, retried, failing, delayed, late, paused, unstarted])
    expect((await call('GET', `/${id}`)).statusCode).toBe(404);
}, 180_000);
