// Workers that freeze for longer than their locks last, and then go on: what they bring so late changes nothing.
import { pause, pauseUntil } from '../../bench/pause.ts';
import { audit, countChanged, zeros, type Accepted, type Account } from '../audit.ts';
import { readAccounts, submit, watch, type Watch } from '../follow.ts';
import { createPatientClient, type PatientClient } from '../patient-client.ts';
import { staged, type Stage } from '../stage.ts';

const workers = 4;
/** Requests that a worker has in flight at most. */
const concurrency = 32;
/** A lock lasts 15 s; what was held by it is another's after 25 s at the latest. */
const frozenMs = { least: 20_000, most: 25_000 };
/** For a worker that goes on, to bring what it has. */
const settleMs = 3000;
const slow = { is: 'steady', delayMs: 1000 } as const;
const fast = { is: 'steady', delayMs: 10 } as const;

export const frozenWorker = staged(
  {
    name: 'frozen-worker',
    about:
      '20,000 URLs, four workers; one frozen (SIGSTOP) for 20 to 25 s, 5 times, and while a batch is cancelled, and one ends',
    workers,
    environment: { FETCHFLEET_CONCURRENCY: String(concurrency), FETCHFLEET_SLICE_SIZE: '50' },
  },
  async (stage) => {
    const { chaos, fleet, target } = stage;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 30_000, signal: chaos.signal });
    const stories = [
      await freezeAgainAndAgain(stage, client),
      await freezeMeanwhile(stage, client, { name: 'b', endedAs: 'cancelled' }),
      await freezeMeanwhile(stage, client, { name: 'c' }),
    ];
    const accounts = await readAccounts(
      client,
      stories.map(({ accepted }) => accepted),
    );
    const changed = stories.flatMap(({ readings }, at) =>
      readings.map((reading) => countChanged(reading, accounts[at] as Account)),
    );
    const found = audit(accounts, await target.sightings());
    return {
      bounds: [
        ...zeros(found, { wrongPolls: sum(stories.map(({ seen }) => seen.wrongPolls)) }),
        { name: 'results that a late one changed', value: sum(changed), most: 0 },
        // Else no frozen worker had anything to bring.
        { name: 'fetched more than once', value: found.refetched, least: changed.length },
      ],
      figures: [
        { name: 'workers frozen', value: changed.length },
        { name: 'polls', value: sum(stories.map(({ seen }) => seen.polls)) },
      ],
    };
  },
);

/** A batch that workers froze under, as it stood each time when the frozen one was about to go on. */
type Story = { readonly accepted: Accepted; readonly seen: Watch; readonly readings: readonly Account[] };

const freezeAgainAndAgain = async (stage: Stage, client: PatientClient): Promise<Story> => {
  const { chaos, target } = stage;
  await target.behave(slow);
  const accepted = await submit(client, stage, { name: 'a', total: chaos.count ?? 20_000 });
  const watching = watch(client, [accepted], { withinMs: 900_000 });
  const readings: Account[] = [];
  for (let made = 0; made < (chaos.times ?? 5); made += 1) {
    await freeze(stage, async (ms) => {
      await pause(ms, chaos.signal);
      readings.push(...(await readAccounts(client, [accepted])));
    });
  }
  await target.behave(fast);
  return { accepted, seen: await watching.ended, readings };
};

/** The batch is cancelled, or ends because the others take over, while one is frozen. */
const freezeMeanwhile = async (
  stage: Stage,
  client: PatientClient,
  { name, ...how }: Pick<Accepted, 'name' | 'endedAs'>,
): Promise<Story> => {
  const { chaos, target } = stage;
  await target.behave(slow);
  const accepted = { ...(await submit(client, stage, { name, total: 1000 })), ...how };
  const watching = watch(client, [accepted], { withinMs: 120_000 });
  const readings: Account[] = [];
  await freeze(stage, async (ms) => {
    await target.behave(fast);
    if (how.endedAs === 'cancelled') await client.call('POST', `/v1/batches/${accepted.id}/cancel`);
    await Promise.all([watching.ended, pause(ms, chaos.signal)]);
    readings.push(...(await readAccounts(client, [accepted])));
  });
  return { accepted, seen: await watching.ended, readings };
};

/** One of the workers, all of which are busy, while `meanwhile` runs; it has brought what it has at the end. */
const freeze = async (
  { fleet, target, chaos }: Stage,
  meanwhile: (ms: number) => Promise<void>,
): Promise<void> => {
  const isAllBusy = async (): Promise<boolean> =>
    (await target.progress()).inFlight > (workers - 1) * concurrency;
  await pauseUntil('all workers to be busy', isAllBusy, { timeoutMs: 30_000, signal: chaos.signal });
  const victim = chaos.random.pick(fleet.workers());
  victim.signal('SIGSTOP');
  chaos.progress('a worker is frozen');
  try {
    await meanwhile(chaos.random.between(frozenMs.least, frozenMs.most));
  } finally {
    victim.signal('SIGCONT');
  }
  await pause(settleMs, chaos.signal);
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
