// What is left of a batch when processes are killed under it: everything.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { documentOf } from '../../bench/document.ts';
import { createProcesses, readBatch, readResults, submitUrls, sumOfParts } from '../support/processes.ts';
import { listenResponder } from '../support/responder.ts';
import { testRedis } from '../support/redis.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder();
const { startApi, startWorker } = createProcesses(testRedis(), {
  FETCHFLEET_DATA_DIR: folder,
  FETCHFLEET_CONCURRENCY: '20',
});
const total = 3000;

test('a killed worker and a killed API lose nothing and count nothing twice', async () => {
  const target = await listenResponder({ delayMs: 5 });
  const { api, origin: first } = await startApi();
  const worker = await startWorker();
  const { id } = await submitUrls(
    first,
    Array.from({ length: total }, (_, i) => `${target}/${i}`),
  );

  await waitFor(async () => ((await readBatch(first, id)).counts['succeeded'] ?? 0) > 200);
  for (const killed of [worker, api]) {
    killed.signal('SIGKILL');
    await killed.exit;
  }
  const { origin } = await startApi();
  expect((await readBatch(origin, id)).endedAt).toBeNull();
  await startWorker();

  const ended = await waitFor(
    async () => {
      const batch = await readBatch(origin, id);
      expect(sumOfParts(batch.counts)).toBe(total);
      return batch.endedAt === null ? undefined : batch;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
  expect(ended.counts).toMatchObject({ total, succeeded: total });
  const indexes = (await readResults(origin, id)).map(({ index }) => index);
  expect(indexes).toEqual(Array.from({ length: total }, (_, i) => i));
}, 120_000);

test('a worker killed while large bodies come leaves whole ones, and nothing once their batch is deleted', async () => {
  const target = await listenResponder({ document: 'large' });
  const { origin } = await startApi();
  const worker = await startWorker();
  const urls = Array.from({ length: 300 }, (_, i) => `${target}/${i}`);
  const { id } = await submitUrls(origin, urls);
  const bodies = path.join(folder, 'bodies');
  const partials = async (): Promise<readonly string[]> => {
    const files = await readdir(path.join(bodies, id), { recursive: true }).catch(() => []);
    return files.filter((file) => file.endsWith('.partial'));
  };
  await waitFor(async () => ((await readBatch(origin, id)).counts['succeeded'] ?? 0) > 20);
  await waitFor(async () => (await partials()).length > 5, { intervalMs: 1 });
  worker.signal('SIGKILL');
  await worker.exit;
  expect((await partials()).length).toBeGreaterThan(0);

  await startWorker();
  const hasEnded = async (): Promise<boolean> => (await readBatch(origin, id)).endedAt !== null;
  await waitFor(hasEnded, { timeoutMs: 60_000, intervalMs: 100 });
  expect((await readBatch(origin, id)).counts).toMatchObject({ succeeded: urls.length });
  const { bytes } = documentOf('large');
  for (const index of urls.keys()) {
    const answer = await fetch(`${origin}/v1/batches/${id}/results/${index}/body`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  }
  const deleted = await fetch(`${origin}/v1/batches/${id}`, { method: 'DELETE' });
  expect(deleted.status).toBe(204);
  await waitFor(async () => !(await readdir(bodies)).includes(id));
}, 120_000);
