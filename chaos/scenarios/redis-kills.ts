// A Redis that is killed and cut off, again and again, while workers die as well.
import { pause } from '../../bench/pause.ts';
import { survive } from '../ordeal.ts';
import { staged, type Stage } from '../stage.ts';
import type { Trouble } from '../troubles.ts';
import { killingWorkers } from './worker-kills.ts';

const cutSeconds = 10;

export const redisKills = staged(
  {
    name: 'redis-kills',
    about:
      '100,000 URLs, four workers; Redis killed 10 times, cut off 5 times for 10 s, and 50 workers killed',
    workers: 4,
  },
  async (stage) => {
    const { count = 100_000, times = 10, random } = stage.chaos;
    return await survive(stage, {
      total: count,
      delayMs: 100,
      troubles: [
        killingRedis(stage, times),
        cuttingRedisOff(stage, Math.ceil(times / 2)),
        killingWorkers(stage, random.fork('victims'), 5 * times),
      ],
      patienceMs: 60_000,
    });
  },
);

const mostAwayMs = 3000;

/** Kills Redis, and starts it again after a while. */
export const killingRedis = ({ redis, chaos }: Stage, times: number): Trouble => {
  const absences = chaos.random.fork('absences');
  return {
    name: 'Redis kills',
    times,
    async make() {
      await redis.kill();
      chaos.progress('Redis was killed');
      await pause(absences.between(0, mostAwayMs), chaos.signal);
      await redis.start();
    },
  };
};

/** Cuts all connections to Redis, and lets nobody through for some time. */
export const cuttingRedisOff = ({ redis, chaos }: Stage, times: number): Trouble => ({
  name: 'cuts',
  times,
  async make() {
    redis.line.cut();
    chaos.progress('Redis was cut off');
    await pause((chaos.seconds ?? cutSeconds) * 1000, chaos.signal);
    redis.line.mend();
  },
});
