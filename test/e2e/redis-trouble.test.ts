// Redis is killed, frozen, demoted or filled in the middle of a batch: callers are told, nobody crashes or spins, and all goes on after.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { startOwnRedis } from '../support/own-redis.ts';
import { createProcesses, readBatch, readResults, submitUrls, sumOfParts } from '../support/processes.ts';
import type { RunningProcess } from '../support/run-process.ts';
import { openTarget } from '../support/target-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const own = await startOwnRedis();
const { startApi, startWorker } = createProcesses(own, {
  FETCHFLEET_DATA_DIR: temporaryFolder(),
  FETCHFLEET_CONCURRENCY: '16',
  FETCHFLEET_SLICE_SIZE: '20',
});
const seen = new Map<string, number>();
const target = await openTarget({
  about: 'answers after a while',
  onRequest({ reply, after }, { target: path }) {
    seen.set(path, (seen.get(path) ?? 0) + 1);
    after(30, () => reply('ok'));
  },
});
const running: { origin: string; processes: RunningProcess[]; ended: number } = {
  origin: '',
  processes: [],
  ended: 0,
};
beforeAll(async () => {
  const { api, origin } = await startApi();
  running.origin = origin;
  running.processes = [api, await startWorker(), await startWorker()];
  for (const { exit } of running.processes) void exit.then(() => (running.ended += 1));
}, 60_000);
afterAll(() => target.close());
beforeEach(() => seen.clear());

const total = 1200;
const submit = async (name: string): Promise<{ id: string; urls: readonly string[] }> => {
  const urls = Array.from({ length: total }, (_, i) => `${target.origin}/${name}/${i}`);
  const { id } = await submitUrls(running.origin, urls);
  await waitFor(async () => ((await readBatch(running.origin, id)).counts['succeeded'] ?? 0) > 100);
  return { id, urls };
};

/** As a caller sees it. */
type Seen = { status: number; retryAfter: unknown; type: unknown; code: unknown };
const ask = async (method: 'GET' | 'POST', path: string): Promise<Seen> => {
  const { statusCode, headers, body } = await request(`${running.origin}${path}`, {
    method,
    ...(method === 'POST' && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ urls: [`${target.origin}/more`] }),
    }),
    headersTimeout: 10_000,
  });
  const { code, status } = (await body.json()) as { code?: string; status?: unknown };
  return {
    status: statusCode,
    retryAfter: headers['retry-after'],
    type: headers['content-type'],
    code: code ?? status,
  };
};

const expectEnd = async (id: string): Promise<void> => {
  const ended = await waitFor(
    async () => {
      const batch = await readBatch(running.origin, id);
      expect(sumOfParts(batch.counts)).toBe(total);
      return batch.endedAt === null ? undefined : batch;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
  expect(ended.counts).toMatchObject({ total, succeeded: total });
  const indexes = (await readResults(running.origin, id)).map(({ index }) => index);
  expect(indexes).toEqual(Array.from({ length: total }, (_, i) => i));
  expect(running.ended).toBe(0);
};

const linesOf = (some: RunningProcess): number => some.output().split('\n').length;
/** How many lines the process writes in so many ms. */
const countLines = async (some: readonly RunningProcess[], ms: number): Promise<number[]> => {
  const before = some.map(linesOf);
  const until = performance.now() + ms;
  await waitFor(() => performance.now() > until);
  return some.map((each, i) => linesOf(each) - (before[i] ?? 0));
};

type Redis = typeof own.redis;
const pidOf = async (redis: Redis): Promise<number> =>
  Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
const frozen = { pid: 0 };
const nowhere = ['127.0.0.1', 1] as const;

describe.each([
  { trouble: 'killed and started again', begin: own.kill, end: own.start },
  {
    trouble: 'frozen',
    begin: async () => void process.kill(await pidOf(own.redis), 'SIGSTOP'),
    end: async () => void process.kill(frozen.pid, 'SIGCONT'),
  },
  {
    trouble: 'made a replica, which takes no writes',
    begin: async () => void (await own.redis.replicaof(...nowhere)),
    end: async () => void (await own.redis.replicaof('NO', 'ONE')),
  },
])('Redis is $trouble', ({ trouble, begin, end }) => {
  test('callers are told to come again, workers wait, and the batch ends with every result once', async () => {
    const { id } = await submit(trouble.slice(0, 4));
    frozen.pid = await pidOf(own.redis);
    await begin();
    const away = { status: 503, retryAfter: '2', code: 'store_unavailable' };
    const type = expect.stringMatching('^application/problem\\+json');
    await waitFor(async () => (await ask('GET', '/readyz')).status === 503);
    expect(await ask('POST', '/v1/batches')).toEqual({ ...away, type });
    expect(await ask('GET', '/readyz')).toEqual({ ...away, type });
    expect(await ask('GET', '/livez')).toMatchObject({ status: 200 });
    const asked = seen.size;
    const [, ...lines] = await countLines(running.processes, 3000);
    expect(Math.max(...lines)).toBeLessThan(12);
    expect(seen.size - asked).toBeLessThan(64);
    await end();
    await waitFor(async () => (await ask('GET', '/readyz')).status === 200);
    await expectEnd(id);
  }, 120_000);
});

describe('Redis is full', () => {
  test('what was taken ends, nothing more is taken, and given room the batch goes on', async () => {
    const { id } = await submit('full');
    await own.fill();
    expect(await ask('POST', '/v1/batches')).toMatchObject({
      status: 507,
      retryAfter: '30',
      code: 'storage_full',
    });
    const stuck = await waitFor(async () => {
      const { counts } = await readBatch(running.origin, id);
      expect(sumOfParts(counts)).toBe(total);
      return counts['running'] === 0 && counts;
    });
    expect(stuck['succeeded']).toBeLessThan(total);
    await waitFor(async () => (await ask('GET', '/readyz')).code === 'full');
    const asked = seen.size;
    const lines = await countLines(running.processes, 4000);
    expect(Math.max(...lines)).toBeLessThan(8);
    expect(seen.size).toBe(asked);
    await own.makeRoom();
    await expectEnd(id);
    expect([...seen].filter(([path, times]) => path.startsWith('/full') && times > 1)).toEqual([]);
  }, 120_000);

  test('idle workers say so once a second, and take a batch soon after there is room', async () => {
    await own.fill();
    const lines = await countLines(running.processes, 5000);
    expect(Math.max(...lines)).toBeLessThan(9);
    await own.makeRoom();
    const { id } = await waitFor(async () => {
      const batch = await submitUrls(running.origin, [`${target.origin}/after`]);
      return batch.id !== undefined && batch;
    });
    await waitFor(async () => (await readBatch(running.origin, id)).endedAt !== null);
    expect(running.ended).toBe(0);
  }, 60_000);
});
