// A response that kills every worker that reads it: its request ends, and takes nobody with it.
import { expect, test } from '@jest/globals';
import { createProcesses, readBatch, readResults, submitUrls, sumOfParts } from '../support/processes.ts';
import { testRedis } from '../support/redis.ts';
import type { RunningProcess } from '../support/run-process.ts';
import { openTarget } from '../support/target-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const { startApi, startWorker } = createProcesses(testRedis(), {
  FETCHFLEET_DATA_DIR: temporaryFolder(),
  FETCHFLEET_SLICE_SIZE: '10',
  FETCHFLEET_CONCURRENCY: '8',
});
const total = 40;
const poison = 14;

test('a request that kills its worker is worker_lost, and all others of its batch succeed', async () => {
  let worker: Promise<RunningProcess> | undefined;
  const seen: string[] = [];
  const target = await openTarget({
    about: 'kills the worker that asks for the poison',
    onRequest: ({ reply, after }, request) => {
      seen.push(request.target);
      if (request.target === `/${poison}`) void worker?.then((each) => each.signal('SIGKILL'));
      else after(20, () => reply('ok'));
    },
  });
  const { origin } = await startApi();
  const urls = Array.from({ length: total }, (_, i) => `${target.origin}/${i}`);
  const { id } = await submitUrls(origin, urls);

  const hasEnded = async (): Promise<boolean> => {
    const { counts, endedAt } = await readBatch(origin, id);
    expect(sumOfParts(counts)).toBe(total);
    return endedAt !== null;
  };
  let deaths = 0;
  for (;;) {
    let isDead = false;
    worker = startWorker();
    void (await worker).exit.then(() => (isDead = true));
    await waitFor(async () => isDead || (await hasEnded()), { timeoutMs: 20_000 });
    if (!isDead) break;
    deaths += 1;
  }
  await target.close();

  expect(deaths).toBe(6);
  expect(seen.filter((path) => path === `/${poison}`)).toHaveLength(6);
  expect((await readBatch(origin, id)).counts).toMatchObject({ total, succeeded: total - 1, failed: 1 });
  const results = await readResults(origin, id);
  expect(results.map(({ index }) => index)).toEqual(urls.map((_, index) => index));
  expect(results.filter(({ outcome }) => outcome !== 'succeeded')).toMatchObject([
    { index: poison, outcome: 'failed', failure: { code: 'worker_lost' } },
  ]);
}, 60_000);
