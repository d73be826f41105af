// A worker is killed in the middle of a batch: another goes on with what it held, without the wait until its locks run out.
import { expect, test } from '@jest/globals';
import { queueKey } from '../../shared/queue.ts';
import { createProcesses, readBatch, readResults, submitUrls } from '../support/processes.ts';
import { testRedis } from '../support/redis.ts';
import { openTarget } from '../support/target-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const { startApi, startWorker } = createProcesses(
  { url, prefix },
  { FETCHFLEET_DATA_DIR: temporaryFolder(), FETCHFLEET_SLICE_SIZE: '10', FETCHFLEET_CONCURRENCY: '20' },
);
const total = 600;

/** How many slices are held by the worker of this process. */
const countHeld = async (pid: number): Promise<number> => {
  const active = await redis.lrange(queueKey(prefix, 'active'), 0, -1);
  const locks = await Promise.all(active.map((job) => redis.get(queueKey(prefix, `${job}:lock`))));
  return locks.filter((lock) => lock?.includes(`:${pid}:`)).length;
};

test('another worker finishes what a killed one held within seconds, each result once', async () => {
  const seen: string[] = [];
  const target = await openTarget({
    about: 'answers after a while',
    onRequest({ reply, after }, request) {
      seen.push(request.target);
      // 20 at once, 4 in the 20 ms that a result may wait to be recorded: more than twice as many may be fetched again below.
      after(100, () => reply('ok'));
    },
  });
  const { origin } = await startApi();
  const [victim] = [await startWorker(), await startWorker()];
  const urls = Array.from({ length: total }, (_, i) => `${target.origin}/${i}`);
  const { id } = await submitUrls(origin, urls);

  await waitFor(async () => ((await readBatch(origin, id)).counts['succeeded'] ?? 0) > 100);
  await waitFor(async () => (await countHeld(victim.pid)) >= 2);
  victim.signal('SIGKILL');
  await victim.exit;
  // Far below the 15 s that its locks would have held, and above all that a busy machine may add.
  await waitFor(async () => (await readBatch(origin, id)).endedAt !== null, { timeoutMs: 10_000 });
  await target.close();

  expect((await readBatch(origin, id)).counts).toMatchObject({ total, succeeded: total });
  expect((await readResults(origin, id)).map(({ index }) => index)).toEqual(urls.map((_, index) => index));
  expect(seen.length - new Set(seen).size).toBeLessThanOrEqual(20 + 10);
}, 60_000);
