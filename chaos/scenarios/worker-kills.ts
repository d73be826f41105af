// Workers that are killed at random moments, each replaced by another.
import { survive } from '../ordeal.ts';
import type { Random } from '../random.ts';
import { staged, type Stage } from '../stage.ts';
import { startAnyhow } from '../start-anyhow.ts';
import type { Trouble } from '../troubles.ts';

/** Requests that a worker has in flight at most: so few that there is time for all kills, though each request is short. */
const concurrency = 96;
/** Short: one that four kills in a row happen to meet is taken for what the workers died of. */
const delayMs = 300;
/** What ended is recorded so soon, and goes with its worker before. */
const recordedWithinMs = 20;
/** Requests that a worker takes with it at most: those in flight, and those that ended a moment ago. */
const atStake = Math.ceil(concurrency * (1 + recordedWithinMs / delayMs));

export const workerKills = staged(
  {
    name: 'worker-kills',
    about: '100,000 URLs, four workers, 50 of them killed with SIGKILL on the way',
    workers: 4,
    environment: { FETCHFLEET_CONCURRENCY: String(concurrency) },
  },
  async (stage) => {
    const { count = 100_000, times = 50, random } = stage.chaos;
    const { bounds, figures, found, made } = await survive(stage, {
      total: count,
      delayMs,
      troubles: [killingWorkers(stage, random.fork('victims'), times)],
      patienceMs: 30_000,
    });
    return {
      bounds: [...bounds, { name: 'fetched more than once', value: found.refetched, most: made * atStake }],
      figures,
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
