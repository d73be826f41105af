// What each earlier version left in Redis and on disk is read, finished and delivered by the service of today.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { createProcesses, readBatch, readResults, type BatchView } from '../support/processes.ts';
import { openRecordedTarget, recordedTarget } from '../support/recorded-target.ts';
import { readRecording, recordingFolder, restore } from '../support/recording.ts';
import { testRedis } from '../support/redis.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix: testPrefix } = testRedis();
const running: { close?: () => void } = {};
beforeAll(async () => {
  const target = await openRecordedTarget(() => false);
  running.close = () => void target.close();
});
afterAll(() => running.close?.());

describe.each(readdirSync(recordingFolder))('recorded by %s', (file) => {
  const recording = readRecording(file);
  const { completed = '', halfDone = '', queued = '', inOutbox = '' } = recording.batches;
  const prefix = `${testPrefix}-${path.parse(file).name}`;
  const dataDir = temporaryFolder();
  const { startApi, startWorker } = createProcesses({ url, prefix }, { FETCHFLEET_DATA_DIR: dataDir });
  const at = { origin: '' };
  beforeAll(async () => {
    await restore(recording, { redis, prefix, dataDir });
    at.origin = (await startApi()).origin;
    await startWorker();
  }, 60_000);

  const host = `http://${recordedTarget.address}:${recordedTarget.port}`;
  const expectResults = async (id: string, paths: readonly string[]): Promise<void> => {
    await waitFor(async () => (await readBatch(at.origin, id)).endedAt !== null);
    expect((await readBatch(at.origin, id)).counts).toMatchObject({
      total: paths.length,
      succeeded: paths.length,
    });
    const results = await readResults(at.origin, id);
    expect(results.map(({ index, url: asked, body }) => [index, asked, body.text])).toEqual(
      paths.map((each, index) => [index, `${host}${each}`, `the body of ${each}`]),
    );
  };

  test('a batch that has ended is delivered with every result and body', async () => {
    const { counts, ...view } = await readBatch(at.origin, completed);
    expect(counts).toMatchObject({ total: 3, succeeded: 2, failed: 1 });
    expect(view).toMatchObject({ name: 'recorded', metadata: { kept: true }, status: 'completed' });
    const [short, large, missing] = await readResults(at.origin, completed);
    expect(short).toMatchObject({ outcome: 'succeeded', status: 200, body: { text: 'the body of /short' } });
    expect(large).toMatchObject({ outcome: 'succeeded', attempts: [{ status: 200 }] });
    const body = await request(`${at.origin}/v1/batches/${completed}/results/1/body`);
    expect(await body.body.text()).toMatch(/^the body of \/with-a-path-so-long/);
    expect(missing).toMatchObject({ outcome: 'failed', status: 404, failure: { code: 'http_status' } });
  });

  test('batches that stood on the queue, waited for a retry or for their turn run to their end', async () => {
    await expectResults(halfDone, ['/a', '/b', '/again/1', '/again/2']);
    expect((await readResults(at.origin, halfDone))[2]).toMatchObject({
      id: 'request 2',
      attempts: [{ status: 503 }, { status: 200 }],
    });
    await expectResults(queued, ['/c', '/d', '/e']);
    await expectResults(inOutbox, ['/f']);
  }, 60_000);

  test('what is sent again under its Idempotency-Key makes no second batch', async () => {
    const { key, body } = recording.submitted;
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const answer = await request(`${at.origin}/v1/batches`, { method: 'POST', headers, body });
    expect(answer.statusCode).toBe(202);
    expect(((await answer.body.json()) as BatchView).id).toBe(completed);
  });
});
