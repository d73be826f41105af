// Workers of `npm start` are killed: its supervisor sees the death, and what they had in flight is taken over sooner.
import { startCountingTarget } from '../../bench/counting-target.ts';
import { pauseUntil } from '../../bench/pause.ts';
import { scriptPath } from '../../bench/script.ts';
import { freePort, startService, untilReady } from '../../bench/service.ts';
import type { Trial } from '../../bench/trial.ts';
import { readHost } from '../../shared/config.ts';
import type { Chaos, ChaosScenario } from '../scenario.ts';
import { tryTakeovers, victimEnvironment, type Victims } from '../takeovers.ts';

const workers = 2;

export const takeoverUp: ChaosScenario = {
  name: 'takeover-up',
  about:
    '40,000 URLs under `npm start`, two workers, killed 5 times: what they had in flight is taken over within 3 s',
  async run(chaos) {
    const target = await startCountingTarget();
    try {
      return await withUp(chaos, (victims) =>
        tryTakeovers({ chaos, target }, victims, { times: chaos.times ?? 5, mostMs: 3000 }),
      );
    } finally {
      await target.stop();
    }
  },
};

/** All of `npm start`, with a private Redis, from before the story until after it, however it ended. */
const withUp = async (chaos: Chaos, story: (victims: Victims) => Promise<Trial>): Promise<Trial> => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const living = new Set<number>();
  const up = startService(scriptPath('cli/up'), environmentOf(port, await chaos.newDirectory()), {
    onLine: (line) => {
      const pid = /"pid":(\d+).*"msg":"taking slices"/.exec(line)?.[1];
      if (pid !== undefined) living.add(Number(pid));
    },
  });
  const replace = (): Promise<void> =>
    pauseUntil('all workers to take slices', async () => living.size === workers, {
      timeoutMs: 60_000,
      signal: chaos.signal,
    });
  try {
    await untilReady(`${origin}/readyz`, [up]);
    await replace();
    return await story({
      origin,
      workers,
      async kill() {
        const pid = chaos.random.pick([...living]);
        living.delete(pid);
        process.kill(pid, 'SIGKILL');
      },
      replace,
    });
  } finally {
    await up.stop();
  }
};

const environmentOf = (port: number, directory: string): NodeJS.ProcessEnv => {
  const { searchPath, cacheHome } = readHost();
  return {
    PATH: searchPath,
    ...(cacheHome !== undefined && { XDG_CACHE_HOME: cacheHome }),
    FETCHFLEET_PORT: String(port),
    FETCHFLEET_DATA_DIR: directory,
    FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
    FETCHFLEET_WORKERS: String(workers),
    ...victimEnvironment,
  };
};
