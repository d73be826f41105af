// `npm run chaos`: breaks the service in every way we know, from a seed, and audits what is left.
import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatHelp } from '../bench/help.ts';
import { formatTrial, holds } from '../bench/trial.ts';
import { readHost } from '../shared/config.ts';
import { findRedisServer } from '../shared/redis-server.ts';
import { parseCommandLine } from './command-line.ts';
import { createRandom } from './random.ts';
import type { Chaos, ChaosScenario } from './scenario.ts';
import { apiKills } from './scenarios/api-kills.ts';
import { clockJumps } from './scenarios/clock-jumps.ts';
import { everything } from './scenarios/everything.ts';
import { failpoints } from './scenarios/failpoints.ts';
import { frozenWorker } from './scenarios/frozen-worker.ts';
import { fullRedis } from './scenarios/full-redis.ts';
import { lostReplies } from './scenarios/lost-replies.ts';
import { nothingLeft } from './scenarios/nothing-left.ts';
import { redisAway } from './scenarios/redis-away.ts';
import { redisKills } from './scenarios/redis-kills.ts';
import { rollingRestarts } from './scenarios/rolling-restarts.ts';
import { takeover } from './scenarios/takeover.ts';
import { takeoverUp } from './scenarios/takeover-up.ts';
import { tornFile } from './scenarios/torn-file.ts';
import { workerKills } from './scenarios/worker-kills.ts';

const all: readonly ChaosScenario[] = [
  workerKills,
  redisKills,
  apiKills,
  lostReplies,
  tornFile,
  failpoints,
  rollingRestarts,
  frozenWorker,
  fullRedis,
  takeover,
  takeoverUp,
  nothingLeft,
  redisAway,
  clockJumps,
  everything,
];

const flags = ['--seed N', '--count N', '--times N', '--seconds N'];

const main = async (): Promise<void> => {
  if (process.argv.includes('--help')) return print(formatHelp('npm run chaos', flags, { all }));
  const asked = parseCommandLine(process.argv.slice(2), { all: all.map(({ name }) => name) });
  const seed = asked.seed ?? randomInt(1, 2 ** 32);
  const redisServer = await findRedisServer(readHost());
  const root = await mkdtemp(path.join(tmpdir(), 'ff-chaos-'));
  print(`Seed ${seed} (again: npm run chaos -- --seed ${seed}), Redis: ${redisServer.description}\n`);
  try {
    const random = createRandom(seed);
    for (const scenario of all.filter(({ name }) => asked.scenarios.includes(name))) {
      await play(scenario, {
        ...asked,
        random: random.fork(scenario.name),
        redisServer,
        // Short: what is deep in it has the path of a socket, 100 bytes at most.
        newDirectory: () => mkdtemp(path.join(root, 'd')),
        signal: interrupt.signal,
        progress: (text) => void process.stderr.write(`… ${scenario.name}: ${text}\n`),
      });
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

/** A scenario that fails, or breaks a bound, does not keep the others from running, but the exit code tells of it. */
const play = async (scenario: ChaosScenario, chaos: Chaos): Promise<void> => {
  const startedAt = performance.now();
  try {
    const { bounds, figures } = await scenario.run(chaos);
    const took = { name: 'took', value: (performance.now() - startedAt) / 1000, unit: 's' };
    print(
      `${formatTrial({ scenario: scenario.name, about: scenario.about, bounds, figures: [...figures, took] })}\n`,
    );
    if (!bounds.every(holds)) process.exitCode = 1;
  } catch (error) {
    chaos.signal.throwIfAborted();
    print(`${scenario.name}: failed: ${(error as Error).stack}\n`);
    process.exitCode = 1;
  }
};

const interrupt = new AbortController();
// Hundreds of clients listen to it at once.
setMaxListeners(0, interrupt.signal);
// Once: a second Ctrl-C ends everything at once.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupt.abort(new Error('interrupted')));
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
