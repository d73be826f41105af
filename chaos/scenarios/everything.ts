// All the troubles of the other scenarios at once.
import { survive } from '../ordeal.ts';
import { staged } from '../stage.ts';
import { killingApi } from './api-kills.ts';
import { losingReplies } from './lost-replies.ts';
import { cuttingRedisOff, killingRedis } from './redis-kills.ts';
import { killingWorkers } from './worker-kills.ts';

export const everything = staged(
  {
    name: 'everything',
    about:
      '100,000 URLs, three workers; 20 workers, 10 APIs and 10 times Redis killed, 50 replies lost, 5 cuts of 10 s',
    workers: 3,
  },
  async (stage) => {
    const { count = 100_000, times = 10, random } = stage.chaos;
    return await survive(stage, {
      total: count,
      // So slow that there is time for all of it.
      delayMs: 2000,
      troubles: [
        killingWorkers(stage, random.fork('victims'), 2 * times),
        killingApi(stage, times),
        killingRedis(stage, times),
        cuttingRedisOff(stage, Math.ceil(times / 2)),
        losingReplies(stage, 5 * times),
      ],
      patienceMs: 120_000,
    });
  },
);
