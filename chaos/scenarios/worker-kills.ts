// Workers that are killed at random moments, each replaced by another.
import { audit, zeros } from '../audit.ts';
import { readAccounts, submit, watch } from '../follow.ts';
import { createPatientClient } from '../patient-client.ts';
import { staged, type Stage } from '../stage.ts';
import { startAnyhow } from '../start-anyhow.ts';
import { makeTroubles, type Trouble } from '../troubles.ts';
import type { Random } from '../random.ts';

/** Requests that a worker has in flight at most. */
const concurrency = 256;

export const workerKills = staged(
  {
    name: 'worker-kills',
    about: '100,000 URLs, four workers, 50 of them killed with SIGKILL on the way',
    workers: 4,
    environment: { FETCHFLEET_CONCURRENCY: String(concurrency) },
  },
  async (stage) => {
    const { chaos, fleet, target } = stage;
    const { signal, random } = chaos;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 30_000, signal });
    await target.behave({ is: 'steady', delayMs: 100 });
    const accepted = [await submit(client, stage, { name: 'a', total: chaos.count ?? 100_000 })];
    const watching = watch(client, accepted, { withinMs: 600_000 });
    const trouble = killingWorkers(stage, random.fork('victims'), chaos.times ?? 50);
    const kills = await makeTroubles([trouble], { random, work: watching, signal });
    const seen = await watching.ended;
    const found = audit(await readAccounts(client, accepted), await target.sightings());
    return {
      bounds: [
        ...zeros(found, seen),
        { name: 'fetched more than once', value: found.refetched, most: kills * concurrency },
      ],
      figures: [
        { name: 'workers killed', value: kills },
        { name: 'polls', value: seen.polls },
      ],
    };
  },
);

/** Kills one of the workers, and starts another in its place. */
export const killingWorkers = ({ fleet, chaos }: Stage, victims: Random, times: number): Trouble => ({
  name: 'worker kills',
  times,
  async make() {
    const { pid } = victims.pick(fleet.workers());
    await fleet.killWorker(pid);
    chaos.progress('a worker was killed');
    await startAnyhow(() => fleet.startWorker());
  },
});
