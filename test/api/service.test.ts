import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { request } from 'undici';
import { createApiService } from '../../api/service.ts';
import { loadConfig, readHost, type Config } from '../../shared/config.ts';
import { createKeys } from '../../shared/keys.ts';
import { startThrowawayRedis } from '../../shared/private-redis.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { testRedis } from '../support/redis.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const folder = temporaryFolder();
const logger = pino({ level: 'silent' });
const configOf = (more: NodeJS.ProcessEnv = {}): Config =>
  loadConfig({
    REDIS_URL: url,
    FETCHFLEET_PORT: '0',
    FETCHFLEET_KEY_PREFIX: prefix,
    FETCHFLEET_DATA_DIR: folder,
    ...more,
  });

test('serves until it is stopped, and answers what is under way before it goes', async () => {
  const service = createApiService(configOf(), logger);
  const origin = `http://127.0.0.1:${await service.start()}`;
  const submitted = await request(`${origin}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"urls":["https://example.com/"]}',
  });
  const { id } = (await submitted.body.json()) as { id: string };
  // Its slices reach the queue, after which it leaves the outbox.
  await waitFor(async () => (await redis.zcard(createKeys(prefix).outbox)) === 0);
  const waiting = request(`${origin}/v1/batches/${id}?wait=60`);
  await (await request(`${origin}/readyz`)).body.dump();
  await service.stop(5000);
  expect(await (await waiting).body.json()).toMatchObject({ id, status: 'queued' });
  await expect(request(`${origin}/livez`)).rejects.toThrow('ECONNREFUSED');
});

test('a Redis that is full takes no batch, and takes them again once it has room', async () => {
  const own = await startThrowawayRedis(readHost());
  const filler = connectRedis(own.url, 'store');
  const service = createApiService(configOf({ REDIS_URL: own.url }), logger);
  const origin = `http://127.0.0.1:${await service.start()}`;
  const submit = async (): Promise<{ is: number; code?: string }> => {
    const answer = await request(`${origin}/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"urls":["https://example.com/"]}',
    });
    return { ...((await answer.body.json()) as object), is: answer.statusCode };
  };
  expect((await submit()).is).toBe(202);
  await filler.config('SET', 'maxmemory', 1);
  for (let i = 0; i < 2; i++) expect(await submit()).toMatchObject({ is: 507, code: 'storage_full' });
  await filler.config('SET', 'maxmemory', 0);
  await waitFor(async () => (await submit()).is === 202);
  await service.stop(5000);
  await closeRedis(filler);
  await own.stop();
});

test('needs a Redis to be named', () => {
  expect(() => createApiService(configOf({ REDIS_URL: '' }), logger)).toThrow('REDIS_URL is not set');
});

test('rejects with the reason where its port is taken, and can still be stopped', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const service = createApiService(configOf({ FETCHFLEET_PORT: String(port) }), logger);
  await expect(service.start()).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  await service.stop(1000);
  await new Promise((resolve) => other.close(resolve));
});
