// What the Dockerfile builds really runs: built without an engine, started as its user, on a real Redis.
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { request } from 'undici';
import { parse } from 'yaml';
import { freePort } from '../../bench/service.ts';
import { readStages } from '../support/dockerfile.ts';
import { buildImage, imageUser } from '../support/image.ts';
import { testRedis } from '../support/redis.ts';
import { runNode, type RunningProcess } from '../support/run-process.ts';
import { waitFor } from '../support/wait-for.ts';

const { url: redisUrl, prefix } = testRedis();
const closers: (() => unknown)[] = [];
afterAll(() => Promise.all(closers.map((close) => close())), 60_000);

test('builds from what the Dockerfile copies, and fetches a batch as an ordinary user', async () => {
  const root = await build();
  expect((await readdir(path.join(root, 'app'))).toSorted()).toEqual([
    'LICENSE',
    'dist',
    'node_modules',
    'package.json',
  ]);
  expect(existsSync(path.join(root, 'app/node_modules/typescript'))).toBe(false);

  const { origin, api, worker } = await startServices(root);
  await expect(fetchBatch(origin, await listenTarget())).resolves.toEqual(['body of /0', 'body of /1']);

  for (const each of [api, worker]) each.signal('SIGTERM');
  await expect(Promise.all([api.exit, worker.exit])).resolves.toEqual([0, 0]);
}, 240_000);

const build = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fetchfleet-image-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  return await buildImage(readStages(), folder);
};

type Services = { readonly origin: string; readonly api: RunningProcess; readonly worker: RunningProcess };

const startServices = async (root: string): Promise<Services> => {
  const port = await freePort();
  const env = {
    NODE_ENV: 'production',
    REDIS_URL: await forwardToRedis(),
    FETCHFLEET_KEY_PREFIX: prefix,
    FETCHFLEET_PORT: String(port),
    FETCHFLEET_DATA_DIR: path.join(root, 'data'),
    FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
  };
  const start = ([program, ...args]: readonly string[]): RunningProcess => {
    expect(program).toBe('node');
    return runNode(args, { cwd: path.join(root, 'app'), env, uid: imageUser });
  };
  const api = start(apiCommand());
  const worker = start(await workerCommand());
  const origin = `http://127.0.0.1:${port}`;
  await waitFor(() => isReady(`${origin}/readyz`), { timeoutMs: 20_000 });
  return { origin, api, worker };
};

const apiCommand = (): readonly string[] => {
  const command = readStages()
    .at(-1)
    ?.instructions.find(({ name }) => name === 'CMD');
  return JSON.parse(command?.value ?? '[]') as string[];
};

const workerCommand = async (): Promise<readonly string[]> => {
  const compose = parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }) as {
    services: { worker: { command: string[] } };
  };
  return compose.services.worker.command;
};

const isReady = (url: string): Promise<boolean> =>
  request(url).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 200;
    },
    () => false,
  );

/** The bodies of a batch of two, in the order of submission. */
const fetchBatch = async (origin: string, target: string): Promise<unknown[]> => {
  const submitted = await request(`${origin}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ urls: [`${target}/0`, `${target}/1`] }),
  });
  const { id } = (await submitted.body.json()) as { id: string };
  const ended = await request(`${origin}/v1/batches/${id}?wait=30`);
  expect(await ended.body.json()).toMatchObject({ status: 'completed', counts: { succeeded: 2 } });
  const bodies = [0, 1].map(async (index) => {
    const { body } = await request(`${origin}/v1/batches/${id}/results/${index}/body`);
    return await body.text();
  });
  return await Promise.all(bodies);
};

const listenTarget = (): Promise<string> =>
  listen(
    createServer(({ url }, response) => void response.end(`body of ${url}`)),
    'http',
  );

/** The tests' Redis listens on a socket file that only its owner may open. */
const forwardToRedis = (): Promise<string> => {
  const { protocol, hostname, port, pathname } = new URL(redisUrl);
  const server = createTcpServer((client) => {
    const upstream =
      protocol === 'unix:' ? connect(decodeURIComponent(pathname)) : connect(Number(port), hostname);
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
    closers.push(() => client.destroy());
  });
  return listen(server, 'redis');
};

const listen = async (server: Server, scheme: string): Promise<string> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => void server.close());
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
