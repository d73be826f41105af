// Fetchfleet itself, as it is deployed: one API and one worker process of the build, everything on.
import { existsSync } from 'node:fs';
import { createApiClient, type ApiClient } from '../api-client.ts';
import { urlsOf, type Contender, type Ground, type Load, type Run } from '../contender.ts';
import { cpuSecondsOf, peakBytesOf } from '../process-usage.ts';
import { scriptPath } from '../script.ts';
import { freePort, startService, untilReady, type Service } from '../service.ts';

const scripts = { api: scriptPath('api/main'), worker: scriptPath('worker/main') };

type Variant = Pick<Contender, 'name' | 'about'> & {
  /** Variables beside those that every variant is given. */
  readonly environment: Readonly<Record<string, string>>;
};

export const fetchfleetWith = ({ name, about, environment: more }: Variant): Contender => ({
  name,
  about,
  async start(ground) {
    if (!Object.values(scripts).every(existsSync)) return { missing: 'the API and the worker are not built' };
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const environment = {
      ...environmentOf(ground, port),
      FETCHFLEET_KEY_PREFIX: `bench-${name.replaceAll(' ', '-')}`,
      ...more,
    };
    const worker = startService(scripts.worker, environment);
    const services = [startService(scripts.api, environment), worker];
    try {
      await untilReady(`${origin}/readyz`, services);
    } catch (error) {
      await stopAll(services);
      throw error;
    }
    const cpuSeconds = (): number => services.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0);
    return {
      async run(load, signal) {
        const before = cpuSeconds();
        const { durationMs } = await runBatch(origin, load, signal);
        return {
          durationMs,
          cpuSeconds: cpuSeconds() - before,
          peakBytes: peakBytesOf(worker.pid),
        };
      },
      stop: () => stopAll(services),
    };
  },
});

export const fetchfleet = fetchfleetWith({
  name: 'fetchfleet',
  about:
    'one API and one worker process, everything on; from the POST sent to the last result stored or read',
  environment: {},
});

const stopAll = async (services: readonly Service[]): Promise<void> => {
  await Promise.all(services.map((service) => service.stop()));
};

const environmentOf = ({ redisUrl, directory, concurrency }: Ground, port: number): NodeJS.ProcessEnv => ({
  REDIS_URL: redisUrl,
  FETCHFLEET_PORT: String(port),
  FETCHFLEET_DATA_DIR: directory,
  FETCHFLEET_CONCURRENCY: String(concurrency),
  FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
  FETCHFLEET_LOG_LEVEL: 'error',
});

const runBatch = async (origin: string, load: Load, interrupted: AbortSignal): Promise<Run> => {
  const submission = { urls: urlsOf(load) };
  const api = createApiClient(origin, AbortSignal.any([interrupted, AbortSignal.timeout(load.timeoutMs)]));
  const startedAt = performance.now();
  const { id } = await api.submit(submission);
  const countSucceeded = await (load.until === 'read' ? readAll(api, id) : awaitAll(api, id));
  const durationMs = performance.now() - startedAt;
  const succeeded = countSucceeded();
  if (succeeded !== load.count) throw new Error(`${succeeded} of ${load.count} succeeded`);
  await api.remove(id);
  return { durationMs };
};

/** Called once the time has been taken. */
type Count = () => number;

const awaitAll = async (api: ApiClient, id: string): Promise<Count> => {
  const { counts } = await api.untilEnded(id);
  return () => counts['succeeded'] ?? 0;
};

const readAll = async (api: ApiClient, id: string): Promise<Count> => {
  const lines = await api.followResults(id);
  return () => lines.filter((line) => (JSON.parse(line) as Result).outcome === 'succeeded').length;
};

type Result = { readonly outcome: string };
