import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import { testRedis } from '../support/redis.ts';
import { runNode, type RunningProcess } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { url, prefix } = testRedis();
const folder = temporaryFolder();

const run = (env: Record<string, string> = {}): RunningProcess =>
  runNode(sourceScript('api/main.ts'), {
    env: {
      REDIS_URL: url,
      FETCHFLEET_KEY_PREFIX: prefix,
      FETCHFLEET_DATA_DIR: folder,
      FETCHFLEET_PORT: '0',
      ...env,
    },
  });

test('serves, and on SIGTERM answers who waits and exits 0', async () => {
  const api = run();
  await api.says('"msg":"listening"');
  const port = /"port":(\d+)/.exec(api.output())?.[1];
  const origin = `http://127.0.0.1:${port}`;
  const submitted = await request(`${origin}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"urls":["https://example.com/"]}',
  });
  const { id } = (await submitted.body.json()) as { id: string };
  const waiting = request(`${origin}/v1/batches/${id}?wait=60`);
  await (await request(`${origin}/readyz`)).body.dump();
  api.signal('SIGTERM');
  expect((await waiting).statusCode).toBe(200);
  expect(await api.exit).toBe(0);
}, 20_000);

test('says in one line that its port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const api = run({ FETCHFLEET_PORT: String(port) });
  expect(await api.exit).not.toBe(0);
  expect(api.output()).toBe(
    `port ${port} of 127.0.0.1 is in use: stop what listens there, or set FETCHFLEET_PORT to another\n`,
  );
  await new Promise((resolve) => other.close(resolve));
}, 20_000);

test('says in one line that no Redis is named', async () => {
  const api = run({ REDIS_URL: '' });
  expect(await api.exit).not.toBe(0);
  expect(api.output()).toBe('REDIS_URL is not set: the API needs a Redis, or run `npm start`\n');
}, 20_000);
