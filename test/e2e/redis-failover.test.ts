// The primary dies and its replica is promoted under the same address: the batch goes on there, with nothing started anew.
import { renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import { freePort } from '../../bench/service.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { createProcesses, readBatch, readResults, submitUrls, sumOfParts } from '../support/processes.ts';
import { listenResponder } from '../support/responder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const [primary, replica] = [await startOwnRedis(), await startOwnRedis()];
const folder = temporaryFolder();
const address = path.join(folder, 'address');
/** Who connects from here on comes to that server. */
const pointTo = (socketPath: string): void => {
  symlinkSync(socketPath, `${address}.new`);
  renameSync(`${address}.new`, address);
};
const { startApi, startWorker } = createProcesses(
  { url: `unix://${address}`, prefix: 'own' },
  { FETCHFLEET_DATA_DIR: folder, FETCHFLEET_CONCURRENCY: '16', FETCHFLEET_SLICE_SIZE: '20' },
);
const total = 1200;

test('a batch goes on at the promoted replica, each result once', async () => {
  const port = await freePort();
  await primary.redis.config('SET', 'port', port);
  await replica.redis.replicaof('127.0.0.1', port);
  const isLinked = async (): Promise<boolean> =>
    (await replica.redis.info('replication')).includes('master_link_status:up');
  await waitFor(isLinked);
  pointTo(primary.socketPath);
  const target = await listenResponder({ delayMs: 30 });
  const { api, origin } = await startApi();
  const processes = [api, await startWorker(), await startWorker()];
  const state = { ended: 0 };
  for (const { exit } of processes) void exit.then(() => (state.ended += 1));
  const urls = Array.from({ length: total }, (_, i) => `${target}/${i}`);
  const { id } = await submitUrls(origin, urls);
  await waitFor(async () => ((await readBatch(origin, id)).counts['succeeded'] ?? 0) > 100);

  await primary.kill();
  pointTo(replica.socketPath);
  const readiness = async (): Promise<number> => {
    const { statusCode, body } = await request(`${origin}/readyz`);
    await body.dump();
    return statusCode;
  };
  // It can be asked, and takes no writes yet.
  await waitFor(async () => /connected_clients:([5-9]|\d\d)/.test(await replica.redis.info('clients')));
  expect(await readiness()).toBe(503);
  await replica.redis.replicaof('NO', 'ONE');
  await waitFor(async () => (await readiness()) === 200);

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
  expect(indexes).toEqual(urls.map((_, index) => index));
  expect(state.ended).toBe(0);
}, 120_000);
