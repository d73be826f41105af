// The API and workers as their own processes, unbuilt, one by one: for tests that kill them.
import { request } from 'undici';
import type { TestRedis } from './redis.ts';
import { runNode, type RunningProcess } from './run-process.ts';
import { sourceScript } from './source-script.ts';

export type Processes = {
  /** Resolves when it takes slices. */
  readonly startWorker: () => Promise<RunningProcess>;
  /** Resolves when it listens, at `origin`. */
  readonly startApi: () => Promise<{ readonly api: RunningProcess; readonly origin: string }>;
};

/** Each may fetch from loopback, and has `settings` beside what it needs to start. They end with the test file. */
export const createProcesses = (
  { url, prefix }: Pick<TestRedis, 'url' | 'prefix'>,
  settings: Readonly<Record<string, string>>,
): Processes => {
  const env = {
    REDIS_URL: url,
    FETCHFLEET_KEY_PREFIX: prefix,
    FETCHFLEET_PORT: '0',
    FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
    ...settings,
  };
  return {
    async startWorker() {
      const worker = runNode(sourceScript('worker/main.ts'), { env });
      await worker.says('taking slices', 20_000);
      return worker;
    },
    async startApi() {
      const api = runNode(sourceScript('api/main.ts'), { env });
      await api.says('"msg":"listening"', 20_000);
      return { api, origin: `http://127.0.0.1:${/"port":(\d+)/.exec(api.output())?.[1]}` };
    },
  };
};

export type BatchView = {
  readonly id: string;
  readonly endedAt: string | null;
  readonly counts: Readonly<Record<string, number>>;
};

/** Submits plain GETs. */
export const submitUrls = async (origin: string, urls: readonly string[]): Promise<BatchView> => {
  const submitted = await request(`${origin}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ urls }),
  });
  return (await submitted.body.json()) as BatchView;
};

export const readBatch = async (origin: string, id: string): Promise<BatchView> =>
  (await (await request(`${origin}/v1/batches/${id}`)).body.json()) as BatchView;

/** What the counts must sum to is their total. */
export const sumOfParts = (counts: Readonly<Record<string, number>>): number =>
  Object.entries(counts).reduce((sum, [name, count]) => (name === 'total' ? sum : sum + count), 0);

// oxlint-disable-next-line typescript/no-explicit-any -- tests look wherever they want
type ResultView = any;

/** All results there are, by index. */
export const readResults = async (origin: string, id: string): Promise<ResultView[]> => {
  const { body } = await request(`${origin}/v1/batches/${id}/results`, {
    headers: { accept: 'application/x-ndjson' },
  });
  const lines = (await body.text()).trimEnd().split('\n');
  return lines.map((line): ResultView => JSON.parse(line)).toSorted((a, b) => a.index - b.index);
};
