// A batch that is steered while real processes work on it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { request } from 'undici';
import { testRedis } from '../support/redis.ts';
import { startServices, type Result, type Services } from '../support/services.ts';
import { openTarget, type TargetServer } from '../support/target-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const redis = testRedis();
const dataDir = temporaryFolder();
const running: { services?: Services; target?: TargetServer } = {};
const arrivals: { readonly at: number; readonly target: string }[] = [];
const broken = new Set<string>();

beforeAll(async () => {
  running.target = await openTarget({
    about: 'answers after a while, POSTs after a longer while',
    onRequest: ({ reply, after }, { method, target }) => {
      arrivals.push({ at: performance.now(), target });
      after(method === 'POST' ? 2500 : 250, () => reply('ok', [], broken.has(target) ? '500 No' : '200 OK'));
    },
  });
  running.services = await startServices(redis, dataDir);
}, 60_000);
afterAll(() => running.target?.close());

const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Result> => {
  const answer = await request(`${running.services?.origin}/v1/batches${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return await answer.body.json();
};

const resultsOf = async (id: string): Promise<Result[]> => {
  const { body } = await request(`${running.services?.origin}/v1/batches/${id}/results`, {
    headers: { accept: 'application/x-ndjson' },
  });
  const lines = (await body.text()).trimEnd().split('\n');
  return lines.map((line): Result => JSON.parse(line)).toSorted((a, b) => a.index - b.index);
};

const visits = (path: string): number => arrivals.filter(({ target }) => target === path).length;

test('a pause stops a batch within a second, and a resume ends it with every result once', async () => {
  const total = 2000;
  const requests = Array.from({ length: total }, (_, i) => ({
    url: `${running.target?.origin}/a${i}`,
    method: i < 5 ? 'POST' : 'GET',
  }));
  const { id } = await call('POST', '', { requests });
  await waitFor(() => arrivals.length > 300, { timeoutMs: 20_000 });
  const paused = await call('POST', `/${id}/pause`);
  const pausedAt = performance.now();
  expect(paused.status).toBe('paused');

  await waitFor(async () => (await call('GET', `/${id}`)).counts.running === 0, { timeoutMs: 20_000 });
  await waitFor(() => performance.now() > pausedAt + 3000);
  expect(arrivals.filter(({ at }) => at > pausedAt + 1000)).toEqual([]);
  const { counts, status } = await call('GET', `/${id}`);
  expect(status).toBe('paused');
  expect(counts.pending + counts.succeeded).toBe(total);
  expect(counts.pending).toBeGreaterThan(0);
  for (let i = 0; i < 5; i++)
    expect(await resultsOf(id)).toContainEqual(expect.objectContaining({ index: i }));

  await call('POST', `/${id}/resume`);
  const ended = await waitFor(
    async () => {
      const batch = await call('GET', `/${id}?wait=10`);
      return batch.endedAt === null ? undefined : batch;
    },
    { timeoutMs: 60_000 },
  );
  expect(ended).toMatchObject({ status: 'completed', counts: { total, succeeded: total } });
  expect((await resultsOf(id)).map(({ index }) => index)).toEqual(requests.map((_, i) => i));
  for (let i = 0; i < 5; i++) expect(visits(`/a${i}`)).toBe(1);
}, 120_000);

test('a batch that says when starts then', async () => {
  const notBefore = Date.now() + 1500;
  const { id } = await call('POST', '', {
    urls: [`${running.target?.origin}/later`],
    notBefore: new Date(notBefore).toISOString(),
  });
  const ended = await call('GET', `/${id}?wait=20`);
  expect(ended.status).toBe('completed');
  expect(Date.parse(ended.startedAt)).toBeGreaterThanOrEqual(notBefore);
  expect(Date.parse(ended.startedAt)).toBeLessThan(notBefore + 4000);
  expect(visits('/later')).toBe(1);
}, 60_000);

test('a retry sends the failed requests again, and only those', async () => {
  const total = 300;
  const paths = Array.from({ length: total }, (_, i) => `/b${i}`);
  for (const path of paths.filter((_, i) => i % 3 === 0)) broken.add(path);
  const urls = paths.map((path) => `${running.target?.origin}${path}`);
  const { id } = await call('POST', '', { urls, defaults: { retry: { maxAttempts: 1 } } });
  const first = await call('GET', `/${id}?wait=30`);
  expect(first.counts).toMatchObject({ succeeded: 200, failed: 100 });
  broken.clear();
  const answer = await call('POST', `/${id}/retry`, { codes: ['http_status'] });
  expect(answer.counts).toMatchObject({ total, succeeded: 200, failed: 0 });
  const ended = await call('GET', `/${id}?wait=30`);
  expect(ended).toMatchObject({ status: 'completed', counts: { total, succeeded: total, failed: 0 } });
  const results = await resultsOf(id);
  expect(results.map(({ index, outcome, attempts }) => [index, outcome, attempts.length])).toEqual(
    paths.map((_, i) => [i, 'succeeded', 1]),
  );
  expect(paths.map(visits)).toEqual(paths.map((_, i) => (i % 3 === 0 ? 2 : 1)));
}, 60_000);
