// Records what the service of today leaves behind, for test/e2e/recorded-versions.test.ts. To be run when a version of its
// payloads has risen, once: node --import ./test/support/typescript.mjs test/support/record-version.ts 2
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { request } from 'undici';
import { freePort, startService, untilReady } from '../../bench/service.ts';
import { readHost } from '../../shared/config.ts';
import { startThrowawayRedis } from '../../shared/private-redis.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { openRecordedTarget, recordedTarget } from './recorded-target.ts';
import { recordingFolder, recordKeys, type Recording } from './recording.ts';
import { waitFor } from './wait-for.ts';

const prefix = 'recorded';
const dataDir = mkdtempSync(path.join(tmpdir(), 'fetchfleet-record-'));
const server = await startThrowawayRedis(readHost());
const redis = connectRedis(server.url, 'store');
const target = await openRecordedTarget(() => true);
const port = await freePort();
const environment = {
  REDIS_URL: server.url,
  FETCHFLEET_KEY_PREFIX: prefix,
  FETCHFLEET_PORT: String(port),
  FETCHFLEET_DATA_DIR: dataDir,
  FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
  FETCHFLEET_SLICE_SIZE: '2',
  FETCHFLEET_INLINE_BODY_BYTES: '20',
};
const [api, worker] = ['api/main.ts', 'worker/main.ts'].map((script) => startService(script, environment));
const batches = `http://127.0.0.1:${port}/v1/batches`;
await untilReady(`http://127.0.0.1:${port}/readyz`, []);

type View = { id: string; endedAt: string | null; counts: { succeeded: number } };
const submit = async (body: string, key?: string): Promise<string> => {
  const headers = {
    'content-type': 'application/json',
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const answer = await request(batches, { method: 'POST', headers, body });
  return ((await answer.body.json()) as View).id;
};
const read = async (id: string): Promise<View> =>
  (await request(`${batches}/${id}`)).body.json() as Promise<View>;
const urlsOf = (...paths: string[]): string[] =>
  paths.map((each) => `http://${recordedTarget.address}:${recordedTarget.port}${each}`);

const submitted = {
  key: 'recorded-key',
  body: JSON.stringify({
    name: 'recorded',
    metadata: { kept: true },
    urls: urlsOf('/short', '/with-a-path-so-long-that-its-body-is-large', '/missing'),
  }),
};
const completed = await submit(submitted.body, submitted.key);
await waitFor(async () => (await read(completed)).endedAt !== null);
const halfDone = await submit(
  JSON.stringify({
    requests: urlsOf('/a', '/b', '/again/1', '/again/2').map((url, i) => ({ url, id: `request ${i}` })),
    defaults: { headers: { 'x-recorded': 'yes' }, method: 'GET' },
    perHost: { concurrency: 4 },
  }),
);
const isDelayed = async (): Promise<boolean> => (await redis.zcard(`${prefix}:slices:delayed`)) > 0;
await waitFor(async () => (await read(halfDone)).counts.succeeded === 2 && isDelayed());
await worker?.stop();
const queued = await submit(JSON.stringify({ urls: urlsOf('/c', '/d', '/e'), priority: 70 }));
await waitFor(async () => (await redis.zcard(`${prefix}:slices:prioritized`)) > 0);
const notBefore = new Date(Date.now() + 30_000).toISOString();
const inOutbox = await submit(JSON.stringify({ urls: urlsOf('/f'), notBefore }));
await api?.stop();

// A recording must not get old.
const never = 9_999_999_999_999;
for (const id of [halfDone, queued, inOutbox]) {
  await redis.hset(`${prefix}:{${id}}:meta`, 'expiresAt', never);
  await redis.zadd(`${prefix}:deadlines`, never, id);
}
const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));
const recording: Recording = {
  about:
    'completed: has ended, with a failed result and a large body. halfDone: two results, and a slice that waits for its next attempt. queued: on the queue. inOutbox: not on the queue yet.',
  target: recordedTarget,
  batches: { completed, halfDone, queued, inOutbox },
  submitted,
  keys: await recordKeys(redis, prefix),
  files: Object.fromEntries(files.map((file) => [path.relative(dataDir, file), readFileSync(file, 'utf8')])),
};
const file = path.join(recordingFolder, `v${process.argv[2]}.json`);
writeFileSync(file, `${JSON.stringify(recording, undefined, 2)}\n`, { flag: 'wx' });

target.close();
await closeRedis(redis);
await server.stop();
rmSync(dataDir, { recursive: true });
