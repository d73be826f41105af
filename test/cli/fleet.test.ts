import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { probeRedis } from '../../shared/redis-probe.ts';
import { isRunning, runNode } from '../support/run-process.ts';
import type { RunningProcess } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder();
const slow = 60_000;

const start = (name: string, env: Record<string, string> = {}): RunningProcess =>
  runNode(sourceScript('test/support/fixtures/fleet.ts'), {
    env: { FETCHFLEET_PORT: '0', FETCHFLEET_DATA_DIR: path.join(folder, name), ...env },
  });

const ready = async (fleet: RunningProcess, workers = 1): Promise<number[]> => {
  await fleet.says('Ctrl-C stops it', 20_000);
  return waitFor(() => {
    const pids = [...fleet.output().matchAll(/^(?:api|worker) (\d+)\b/gm)].map((match) => Number(match[1]));
    return pids.length > workers && pids;
  });
};

const redisPid = async (name: string): Promise<number> =>
  (await probeRedis(path.join(folder, name, 'redis', 'redis.sock'), 5000))?.pid ?? 0;

test(
  'Ctrl-C stops the API, then the workers, then Redis, and exits 0',
  async () => {
    const fleet = start('ordered', { FETCHFLEET_WORKERS: '2' });
    const children = await ready(fleet, 2);
    const redis = await redisPid('ordered');
    fleet.signal('SIGINT');
    expect(await fleet.exit).toBe(0);
    const stops = [...fleet.output().matchAll(/^(api stopped|worker drained \d)$/gm)].map(([line]) => line);
    expect(stops[0]).toBe('api stopped');
    expect(stops.slice(1).toSorted()).toEqual(['worker drained 1', 'worker drained 2']);
    expect([...children, redis].filter(isRunning)).toEqual([]);
  },
  slow,
);

test(
  'greets with an address that answers',
  async () => {
    const fleet = start('greeting');
    await ready(fleet);
    const [, origin = ''] =
      /Fetchfleet is ready: (\S+) \(1 worker, (?:Redis|Valkey) /.exec(fleet.output()) ?? [];
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
    fleet.signal('SIGTERM');
    expect(await fleet.exit).toBe(0);
  },
  slow,
);

test(
  'starts again what was killed: API, worker and Redis',
  async () => {
    const fleet = start('killed');
    const [first = 0, second = 0] = await ready(fleet);
    process.kill(await redisPid('killed'), 'SIGKILL');
    process.kill(first, 'SIGKILL');
    process.kill(second, 'SIGKILL');
    await ready(fleet, 3);
    fleet.signal('SIGTERM');
    expect(await fleet.exit).toBe(0);
  },
  slow,
);

test(
  'a second Ctrl-C ends everything at once',
  async () => {
    const fleet = start('forced', { STUBBORN: 'yes' });
    const children = await ready(fleet);
    const redis = await redisPid('forced');
    fleet.signal('SIGINT');
    await fleet.says('api stopped');
    const repeat = waitFor(() => {
      fleet.signal('SIGINT');
      return [...children, redis].filter(isRunning).length === 0;
    });
    expect(await fleet.exit).toBe(1);
    await expect(repeat).resolves.toBe(true);
  },
  slow,
);

test(
  'after kill -9 of the supervisor the children drain and Redis ends, and the next start is not held up',
  async () => {
    const fleet = start('orphaned', { FETCHFLEET_GRACE_MS: '100' });
    const children = await ready(fleet);
    const redis = await redisPid('orphaned');
    fleet.signal('SIGKILL');
    await waitFor(() => children.filter(isRunning).length === 0);
    expect(fleet.output()).toContain('worker drained 1');
    const next = start('orphaned');
    await ready(next);
    expect(isRunning(redis)).toBe(false);
    next.signal('SIGTERM');
    expect(await next.exit).toBe(0);
  },
  slow,
);

test(
  'a port in use is one line, before anything is started',
  async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const fleet = start('port', { FETCHFLEET_PORT: String(port) });
    expect(await fleet.exit).toBe(1);
    expect(fleet.output()).toBe(
      `port ${port} of 127.0.0.1 is in use: stop what listens there, or set FETCHFLEET_PORT to another\n`,
    );
    holder.close();
  },
  slow,
);

test(
  'uses the Redis of REDIS_URL, and leaves it running',
  async () => {
    const url = process.env['TEST_REDIS_URL'] ?? '';
    const fleet = start('given', { REDIS_URL: url });
    await ready(fleet);
    expect(fleet.output()).toContain(` on ${url}\n`);
    expect(await redisPid('given')).toBe(0);
    fleet.signal('SIGTERM');
    expect(await fleet.exit).toBe(0);
    expect(await probeRedis(new URL(url).pathname, 5000)).toBeDefined();
  },
  slow,
);
