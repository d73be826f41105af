// A Redis that is killed and cut off, again and again, while workers die as well.
import { audit, refetchedFigure, zeros } from '../audit.ts';
import { readAccounts, submit, watch } from '../follow.ts';
import { createPatientClient } from '../patient-client.ts';
import { staged } from '../stage.ts';
import { makeTroubles, type Trouble } from '../troubles.ts';
import { killingWorkers } from './worker-kills.ts';
import { pause } from '../../bench/pause.ts';

const cutSeconds = 10;

export const redisKills = staged(
  {
    name: 'redis-kills',
    about:
      '100,000 URLs, four workers; Redis killed 10 times, cut off 5 times for 10 s, and 50 workers killed',
    workers: 4,
  },
  async (stage) => {
    const { chaos, redis, fleet, target } = stage;
    const { signal, random } = chaos;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 60_000, signal });
    await target.behave({ is: 'steady', delayMs: 100 });
    const accepted = [await submit(client, stage, { name: 'a', total: chaos.count ?? 100_000 })];
    const watching = watch(client, accepted, { withinMs: 900_000 });
    const kills: Trouble = {
      name: 'Redis kills',
      times: chaos.times ?? 10,
      async make() {
        await redis.kill();
        chaos.progress('Redis was killed');
        await pause(random.between(0, 3000), signal);
        await redis.start();
      },
    };
    const cuts: Trouble = {
      name: 'cuts',
      times: Math.ceil((chaos.times ?? 10) / 2),
      async make() {
        redis.line.cut();
        chaos.progress('Redis was cut off');
        await pause((chaos.seconds ?? cutSeconds) * 1000, signal);
        redis.line.mend();
      },
    };
    const workerKills = killingWorkers(stage, random.fork('victims'), 5 * (chaos.times ?? 10));
    const made = await makeTroubles([kills, cuts, workerKills], { random, work: watching, signal });
    const seen = await watching.ended;
    const found = audit(await readAccounts(client, accepted), await target.sightings());
    return {
      bounds: zeros(found, seen),
      figures: [
        { name: 'troubles', value: made },
        refetchedFigure(found),
        { name: 'polls', value: seen.polls },
      ],
    };
  },
);
