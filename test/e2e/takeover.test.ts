// A worker is killed in the middle of a batch: another goes on with what it held, without the wait until its locks run out.
import { expect, test } from '@jest/globals';
import { createProcesses, readBatch, readResults, submitUrls } from '../support/processes.ts';
import { testRedis } from '../support/redis.ts';
import { openTarget } from '../support/target-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const [concurrency, total] = [20, 600];
/** So many requests are answered before the kill: some slices are left half done. */
const answeredFirst = 205;

const { url, prefix } = testRedis();
const { startApi, startWorker } = createProcesses(
  { url, prefix },
  {
    FETCHFLEET_DATA_DIR: temporaryFolder(),
    FETCHFLEET_SLICE_SIZE: '10',
    FETCHFLEET_CONCURRENCY: String(concurrency),
  },
);

test('another worker finishes what a killed one held within seconds, each result once', async () => {
  const seen: string[] = [];
  const held: (() => void)[] = [];
  let isHolding = true;
  const target = await openTarget({
    about: 'answers some, and the rest when it is told to',
    onRequest({ reply, after }, request) {
      seen.push(request.target);
      // On a connection of its own, so that nothing but the kill has a request sent twice.
      const answer = (): void => reply('ok', ['connection: close']);
      if (seen.length > answeredFirst && isHolding) held.push(answer);
      else after(20, answer);
    },
  });
  const { origin } = await startApi();
  const [victim] = [await startWorker(), await startWorker()];
  const urls = Array.from({ length: total }, (_, i) => `${target.origin}/${i}`);
  const { id } = await submitUrls(origin, urls);

  await waitFor(() => held.length === 2 * concurrency);
  await waitFor(async () => (await readBatch(origin, id)).counts['succeeded'] === answeredFirst);
  victim.signal('SIGKILL');
  await victim.exit;
  isHolding = false;
  for (const answer of held) answer();
  // Far below the 15 s that its locks would have held, and above all that a busy machine may add.
  await waitFor(async () => (await readBatch(origin, id)).endedAt !== null, { timeoutMs: 10_000 });
  await target.close();

  expect((await readBatch(origin, id)).counts).toMatchObject({ total, succeeded: total });
  expect((await readResults(origin, id)).map(({ index }) => index)).toEqual(urls.map((_, index) => index));
  // What the victim had in flight, and nothing that was recorded.
  expect(seen.length - new Set(seen).size).toBe(concurrency);
}, 60_000);
