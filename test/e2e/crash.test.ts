// What is left of a batch when processes are killed under it: everything.
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import { listenResponder } from '../support/responder.ts';
import { testRedis } from '../support/redis.ts';
import { runNode, type RunningProcess } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const { url, prefix } = testRedis();
const env = {
  REDIS_URL: url,
  FETCHFLEET_KEY_PREFIX: prefix,
  FETCHFLEET_DATA_DIR: temporaryFolder(),
  FETCHFLEET_PORT: '0',
  FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
  FETCHFLEET_CONCURRENCY: '20',
};
const total = 3000;

const startWorker = async (): Promise<RunningProcess> => {
  const worker = runNode(sourceScript('worker/main.ts'), { env });
  await worker.says('taking slices', 20_000);
  return worker;
};

const startApi = async (): Promise<{ api: RunningProcess; origin: string }> => {
  const api = runNode(sourceScript('api/main.ts'), { env });
  await api.says('"msg":"listening"', 20_000);
  return { api, origin: `http://127.0.0.1:${/"port":(\d+)/.exec(api.output())?.[1]}` };
};

type Batch = {
  readonly id: string;
  readonly endedAt: string | null;
  readonly counts: Record<string, number>;
};

const getJson = async (address: string): Promise<Batch> =>
  (await (await request(address)).body.json()) as Batch;

const sumOfParts = (counts: Record<string, number>): number =>
  Object.entries(counts).reduce((sum, [name, count]) => (name === 'total' ? sum : sum + count), 0);

test('a killed worker and a killed API lose nothing and count nothing twice', async () => {
  const target = await listenResponder({ delayMs: 5 });
  const { api, origin: first } = await startApi();
  const worker = await startWorker();
  const submitted = await request(`${first}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ urls: Array.from({ length: total }, (_, i) => `${target}/${i}`) }),
  });
  const { id } = (await submitted.body.json()) as Batch;

  await waitFor(async () => ((await getJson(`${first}/v1/batches/${id}`)).counts['succeeded'] ?? 0) > 200);
  for (const killed of [worker, api]) {
    killed.signal('SIGKILL');
    await killed.exit;
  }
  const { origin } = await startApi();
  expect((await getJson(`${origin}/v1/batches/${id}`)).endedAt).toBeNull();
  await startWorker();

  const ended = await waitFor(
    async () => {
      const batch = await getJson(`${origin}/v1/batches/${id}`);
      expect(sumOfParts(batch.counts)).toBe(total);
      return batch.endedAt === null ? undefined : batch;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
  expect(ended.counts).toMatchObject({ total, succeeded: total });
  const results = await request(`${origin}/v1/batches/${id}/results`, {
    headers: { accept: 'application/x-ndjson' },
  });
  const indexes = (await results.body.text())
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { index: number }).index);
  expect(indexes.toSorted((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i));
}, 120_000);
