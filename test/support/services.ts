// The whole service as its own processes, unbuilt: one API and one worker, on the Redis of this test run.
import { request } from 'undici';
import { freePort } from '../../bench/service.ts';
import type { TestRedis } from './redis.ts';
import { runNode } from './run-process.ts';
import { sourceScript } from './source-script.ts';
import { waitFor } from './wait-for.ts';

export type Services = {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Submits a batch and resolves with its id and results, by index, once it has ended. */
  fetchBatch(submission: object): Promise<{ readonly id: string; readonly results: readonly Result[] }>;
  /** What the processes have written. */
  output(): string;
};

// oxlint-disable-next-line typescript/no-explicit-any -- tests look wherever they want
export type Result = any;

/** Resolves when they are ready; they end with the test file. */
export const startServices = async ({ url, prefix }: TestRedis, dataDir: string): Promise<Services> => {
  const port = await freePort();
  const env = {
    REDIS_URL: url,
    FETCHFLEET_KEY_PREFIX: prefix,
    FETCHFLEET_PORT: String(port),
    FETCHFLEET_DATA_DIR: dataDir,
    FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
  };
  const processes = ['api/main.ts', 'worker/main.ts'].map((script) => runNode(sourceScript(script), { env }));
  const origin = `http://127.0.0.1:${port}`;
  await waitFor(() => isReady(`${origin}/readyz`), { timeoutMs: 30_000 });
  return {
    origin,
    fetchBatch: (submission) => fetchBatch(`${origin}/v1/batches`, submission),
    output: () => processes.map((each) => each.output()).join(''),
  };
};

const isReady = (url: string): Promise<boolean> =>
  request(url).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 200;
    },
    () => false,
  );

const fetchBatch = async (batches: string, submission: object): ReturnType<Services['fetchBatch']> => {
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(submission) } as const;
  const { id, ...refusal } = (await (await request(batches, sent)).body.json()) as { id?: string };
  if (id === undefined) throw new Error(JSON.stringify(refusal));
  await waitFor(async () => (await readJson(`${batches}/${id}?wait=30`)).endedAt, { timeoutMs: 60_000 });
  const { body } = await request(`${batches}/${id}/results`, { headers: { accept: 'application/x-ndjson' } });
  const lines = (await body.text()).trimEnd().split('\n');
  const results = lines.map((line): Result => JSON.parse(line)).toSorted((a, b) => a.index - b.index);
  return { id, results };
};

const readJson = async (url: string): Promise<Result> => (await request(url)).body.json();
