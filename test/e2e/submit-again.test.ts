// APIs are killed under clients that send again with their key: every submission makes one batch, and clients hear of nothing else.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import { createBatchStore } from '../../shared/batch-store.ts';
import { createKeys } from '../../shared/keys.ts';
import { createProcesses } from '../support/processes.ts';
import { testRedis } from '../support/redis.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const redis = testRedis();
const { startApi } = createProcesses(redis, { FETCHFLEET_DATA_DIR: temporaryFolder() });
const batches = createBatchStore(redis.redis, createKeys(redis.prefix));
const clients = 24;
const perClient = 4;
/** Every third submission takes more than one step to save. */
const sizes = [1, 100, 5500];

test('every submission makes one batch, whenever the API was killed', async () => {
  let current = startApi();
  const heard = new Set<number>();
  const progress = { accepted: 0 };

  const submit = async (size: number): Promise<string> => {
    const body = JSON.stringify({ urls: Array.from({ length: size }, (_, i) => `https://example.com/${i}`) });
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    return await waitFor(
      async () => {
        const { origin } = await current;
        const answer = await request(`${origin}/v1/batches`, { method: 'POST', headers, body }).catch(
          () => {},
        );
        if (answer === undefined) return undefined; // the connection was closed
        heard.add(answer.statusCode);
        const { id } = (await answer.body.json().catch(() => ({}))) as { id?: string };
        return answer.statusCode === 202 ? id : undefined;
      },
      { timeoutMs: 60_000, intervalMs: 50 },
    );
  };
  const runClient = async (): Promise<string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < perClient; i++) {
      ids.push(await submit(sizes[i % sizes.length] ?? 1));
      progress.accepted += 1;
    }
    return ids;
  };

  const running = Promise.all(Array.from({ length: clients }, runClient));
  for (const accepted of [clients, 2 * clients]) {
    await waitFor(() => progress.accepted >= accepted, { timeoutMs: 60_000 });
    const { api } = await current;
    current = api.exit.then(() => startApi());
    api.signal('SIGKILL');
    await current;
  }
  const ids = (await running).flat();

  const listed = (await batches.list({ owner: 'default', limit: 1000 })).batches;
  expect(listed.map(({ id }) => id).toSorted((a, b) => a.localeCompare(b))).toEqual(
    ids.toSorted((a, b) => a.localeCompare(b)),
  );
  expect(new Set(ids).size).toBe(clients * perClient);
  expect(listed.reduce((sum, { counts }) => sum + counts.total, 0)).toBe(clients * (1 + 100 + 5500 + 1));
  expect([...heard].filter((status) => ![202, 503].includes(status))).toEqual([]);
}, 120_000);
