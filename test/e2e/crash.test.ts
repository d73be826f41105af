// What is left of a batch when processes are killed under it: everything.
import { expect, test } from '@jest/globals';
import { createProcesses, readBatch, readResults, submitUrls, sumOfParts } from '../support/processes.ts';
import { listenResponder } from '../support/responder.ts';
import { testRedis } from '../support/redis.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const { startApi, startWorker } = createProcesses(testRedis(), {
  FETCHFLEET_DATA_DIR: temporaryFolder(),
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
