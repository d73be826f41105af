// Fetchfleet itself, as it is deployed: one API and one worker process of the build, everything on.
import { existsSync } from 'node:fs';
import { request } from 'undici';
import { urlsOf, type Contender, type Ground, type Load, type Run } from '../contender.ts';
import { scriptPath } from '../script.ts';
import { freePort, startService, untilReady, type Service } from '../service.ts';

const scripts = [scriptPath('api/main'), scriptPath('worker/main')];

export const fetchfleet: Contender = {
  name: 'fetchfleet',
  about:
    'one API and one worker process, everything on; from the POST sent to the last result stored or read',
  async start(ground) {
    if (!scripts.every(existsSync)) return { missing: 'the API and the worker are not built' };
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const environment = environmentOf(ground, port);
    const services = scripts.map((script) => startService(script, environment));
    try {
      await untilReady(`${origin}/readyz`, services);
    } catch (error) {
      await stopAll(services);
      throw error;
    }
    return { run: (load, signal) => runBatch(origin, load, signal), stop: () => stopAll(services) };
  },
};

const stopAll = async (services: readonly Service[]): Promise<void> => {
  await Promise.all(services.map((service) => service.stop()));
};

const environmentOf = ({ redisUrl, directory, concurrency }: Ground, port: number): NodeJS.ProcessEnv => ({
  REDIS_URL: redisUrl,
  FETCHFLEET_KEY_PREFIX: 'bench-fetchfleet',
  FETCHFLEET_PORT: String(port),
  FETCHFLEET_DATA_DIR: directory,
  FETCHFLEET_CONCURRENCY: String(concurrency),
  FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
  FETCHFLEET_LOG_LEVEL: 'error',
});

type Batch = {
  readonly id: string;
  readonly endedAt?: string | number | null;
  readonly counts: Readonly<Record<string, number>>;
};

const runBatch = async (origin: string, load: Load, interrupted: AbortSignal): Promise<Run> => {
  const submission = JSON.stringify({ urls: urlsOf(load) });
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(load.timeoutMs)]);
  const startedAt = performance.now();
  const { id } = await submit(`${origin}/v1/batches`, submission, signal);
  const location = `${origin}/v1/batches/${id}`;
  const counts = await untilEnded(location, signal);
  const lines = load.until === 'read' ? await countResults(location, signal) : load.count;
  const durationMs = performance.now() - startedAt;
  if (counts['succeeded'] !== load.count || lines !== load.count) {
    throw new Error(`${lines} results of ${load.count}, counts ${JSON.stringify(counts)}`);
  }
  await request(location, { method: 'DELETE', signal }).then(({ body }) => body.dump());
  return { durationMs };
};

const submit = async (url: string, submission: string, signal: AbortSignal): Promise<Batch> => {
  const headers = { 'content-type': 'application/json' };
  const { statusCode, body } = await request(url, { method: 'POST', headers, body: submission, signal });
  if (statusCode !== 202) throw new Error(`the batch was answered ${statusCode}: ${await body.text()}`);
  return (await body.json()) as Batch;
};

const untilEnded = async (location: string, signal: AbortSignal): Promise<Batch['counts']> => {
  for (;;) {
    const { body } = await request(`${location}?wait=30`, { signal });
    const { endedAt, counts } = (await body.json()) as Batch;
    if (endedAt !== undefined && endedAt !== null) return counts;
  }
};

const countResults = async (location: string, signal: AbortSignal): Promise<number> => {
  const headers = { accept: 'application/x-ndjson' };
  const { body } = await request(`${location}/results`, { headers, signal });
  return (await body.text()).split('\n').length - 1;
};
