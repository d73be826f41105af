// A host that may be asked 8 requests at once, by three workers, of which one is killed every few seconds.
import { pause } from '../pause.ts';
import { meanInFlight, mostInFlight, spanOf, trim, type Sighting } from '../sighting.ts';
import { staged, urlsAt, type Stage } from '../stage.ts';
import type { Trial } from '../trial.ts';

const concurrency = 8;
/** Long beside what it takes to send the next request, so that the mean speaks of permits and not of this machine. */
const delayMs = 50;
const kills = 5;

export const hostLimit = staged(
  {
    name: 'host-limit',
    about: `20,000 requests to one host, at most ${concurrency} at once, three workers, ${kills} of them killed on the way`,
    workers: 3,
  },
  async (stage) => {
    const { bench, fleet, target } = stage;
    const total = bench.count ?? 20_000;
    await target.behave({ is: 'steady', delayMs });
    const { id } = await fleet.api.submit({ perHost: { concurrency }, urls: urlsAt(target, ['a'], total) });
    const peace = new AbortController();
    const war = killWorkers(stage, AbortSignal.any([peace.signal, bench.signal]));
    const { counts } = await fleet.api.untilEnded(id);
    peace.abort();
    const killed = await war;
    const indexes = await fleet.api.results(id, ['index']);
    const sightings = await target.sightings();
    return judge({ sightings, total, indexes, succeeded: counts['succeeded'] ?? 0, killed });
  },
);

type Seen = {
  readonly sightings: readonly Sighting[];
  readonly total: number;
  /** A line for each result. */
  readonly indexes: readonly string[];
  readonly succeeded: number;
  /** Workers. */
  readonly killed: number;
};

export const judge = ({ sightings, total, indexes, succeeded, killed }: Seen): Trial => {
  const span = spanOf(sightings);
  return {
    bounds: [
      { name: 'most at once', value: mostInFlight(sightings), most: concurrency },
      { name: 'mean in flight', value: meanInFlight(sightings, trim(span, 0.05)), least: 7.5 },
      { name: 'requests with a result', value: new Set(indexes).size, least: total },
      { name: 'results', value: indexes.length, most: total },
      { name: 'succeeded', value: succeeded, least: total },
    ],
    figures: [
      { name: 'workers killed', value: killed },
      { name: 'duration', value: (span.untilMs - span.fromMs) / 1000, unit: 's' },
      { name: 'mean in flight, ends included', value: meanInFlight(sightings, span) },
      { name: 'sent more than once', value: sightings.length - total },
    ],
  };
};

/** Kills one of the workers about every ten seconds and starts another a second later; resolves with how many were killed. */
const killWorkers = async ({ bench, fleet }: Stage, signal: AbortSignal): Promise<number> => {
  let killed = 0;
  try {
    while (killed < kills) {
      await pause(8000 + Math.random() * 4000, signal);
      const pids = fleet.workers().map(({ pid }) => pid);
      await fleet.killWorker(pids[Math.floor(Math.random() * pids.length)] ?? 0);
      killed += 1;
      bench.progress(`worker ${killed} of ${kills} killed`);
      await pause(1000, signal);
      await fleet.startWorker();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return killed;
};
