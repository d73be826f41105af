// Rolling restarts: every worker is asked to end, and replaced, one after another, again and again, while a batch runs.
import { audit, zeros } from '../audit.ts';
import { readAccounts, submit, watch, type Watching } from '../follow.ts';
import { createPatientClient } from '../patient-client.ts';
import type { Random } from '../random.ts';
import { staged, type Stage } from '../stage.ts';

export const rollingRestarts = staged(
  {
    name: 'rolling-restarts',
    about:
      '100,000 URLs, four workers; 20 times all of them are asked to end and replaced, one after another',
    workers: 4,
    environment: { FETCHFLEET_CONCURRENCY: '64' },
  },
  async (stage) => {
    const { chaos, fleet, target } = stage;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 30_000, signal: chaos.signal });
    // Slow as long as there are restarts to come, so that the batch outlasts them on any machine.
    await target.behave({ is: 'steady', delayMs: 2000 });
    // A connection that is used again on trial may get a rival where the answer is late: no restart would have asked twice.
    const more = { defaults: { connection: 'reuse' } };
    const accepted = [await submit(client, stage, { name: 'a', total: chaos.count ?? 100_000, more })];
    const watching = watch(client, accepted, { withinMs: 1_200_000 });
    const made = await restartAll(stage, watching, chaos.times ?? 20);
    await target.behave({ is: 'steady', delayMs: 0 });
    const seen = await watching.ended;
    const found = audit(await readAccounts(client, accepted), await target.sightings());
    return {
      bounds: [
        ...zeros(found, seen),
        { name: 'fetched more than once', value: found.refetched, most: 0 },
        {
          name: 'exit codes other than 0',
          value: made.exitCodes.filter((code) => code !== 0).length,
          most: 0,
        },
        { name: 'rounds while the batch ran', value: made.rounds, least: chaos.times ?? 20 },
      ],
      figures: [
        { name: 'workers replaced', value: made.exitCodes.length },
        { name: 'polls', value: seen.polls },
      ],
    };
  },
);

type Made = { readonly rounds: number; readonly exitCodes: readonly (number | undefined)[] };

/** So many rounds, or as many as begin and end while there is work. */
const restartAll = async (
  { fleet, chaos }: Stage,
  work: Pick<Watching, 'done'>,
  rounds: number,
): Promise<Made> => {
  const random = chaos.random.fork('restarts');
  const exitCodes: (number | undefined)[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { pid } of fleet.workers()) {
      chaos.signal.throwIfAborted();
      exitCodes.push(await replace(fleet, pid, random));
    }
    if (work.done() === 1) return { rounds: round, exitCodes };
    chaos.progress(`round ${round + 1} is over`);
  }
  return { rounds, exitCodes };
};

/** Before its replacement is there, or after, as deployments do either. */
const replace = async (fleet: Stage['fleet'], pid: number, random: Random): Promise<number | undefined> => {
  const isFirst = random.pick([true, false]);
  if (isFirst) await fleet.startWorker();
  const exitCode = await fleet.stopWorker(pid);
  if (!isFirst) await fleet.startWorker();
  return exitCode;
};
