// A small batch that comes while a large one has every worker busy; and two of equal size whose priorities differ.
import { pause, pauseUntil } from '../pause.ts';
import { staged, urlsAt, type Stage } from '../stage.ts';
import { median } from '../statistics.ts';
import type { Trial } from '../trial.ts';

const hosts = Array.from({ length: 20 }, (_, number) => `host-${number}`);
const large = 200_000;
const small = 10;
const delayMs = 50;
/**
 * Of each worker. So that requests in flight are what there is too little of, 1,500 URLs a second at most, and not the
 * machine: then the time of the small batch is what the order of the slices makes of it.
 */
const concurrency = 25;
const workers = 3;
/** In flight where the workers are busy, but for what is on its way from one request to the next. */
const fullFlight = workers * concurrency * 0.7;

export const fairness = staged(
  {
    name: 'fairness',
    about: `${small} URLs behind ${large.toLocaleString('en')}, to hosts that take ${delayMs} ms, three busy workers`,
    workers,
    environment: { FETCHFLEET_CONCURRENCY: String(concurrency) },
  },
  async (stage) => {
    const { bench, fleet, target } = stage;
    await target.behave({ is: 'steady', delayMs });
    await timeSmall(stage);
    const { id } = await fleet.api.submit({ urls: urlsAt(target, hosts, bench.count ?? large) });
    const alone: number[] = [];
    const beside: number[] = [];
    // In turns, with the large batch paused and running, so that a slow spell of the machine hits both.
    for (let pair = 1; pair <= (bench.rounds ?? 9); pair += 1) {
      bench.progress(`pair ${pair}`);
      await untilInFlight(stage, (inFlight) => inFlight >= fullFlight);
      await pause(500, bench.signal);
      beside.push(await timeSmall(stage));
      await fleet.api.act(id, 'pause');
      await untilInFlight(stage, (inFlight) => inFlight === 0);
      await pause(500, bench.signal);
      alone.push(await timeSmall(stage));
      await fleet.api.act(id, 'resume');
    }
    const { counts } = await fleet.api.read(id);
    await fleet.api.act(id, 'cancel');
    return judge({ alone, beside, large: counts, favouredShare: await shareOfFavoured(stage) });
  },
);

type Seen = {
  /** Milliseconds of small batches, without and behind the large one, in pairs. */
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  /** The counts of the large batch when the last small one had ended. */
  readonly large: Readonly<Record<string, number>>;
  readonly favouredShare: number;
};

export const judge = ({
  alone,
  beside,
  large: { total = 0, succeeded = 0 },
  favouredShare,
}: Seen): Trial => ({
  bounds: [
    {
      name: 'time behind the large batch, by that alone',
      value: median(beside.map((ms, pair) => ms / (alone[pair] ?? Number.NaN))),
      most: 2,
    },
    // Else some of the small ones had nothing to wait behind.
    { name: 'left of the large batch at the end of this', value: total - succeeded, least: 1 },
  ],
  figures: [
    { name: 'alone', value: median(alone), unit: 'ms' },
    { name: 'behind the large batch', value: median(beside), unit: 'ms' },
    { name: 'behind it at worst', value: Math.max(...beside), unit: 'ms' },
    { name: 'of the large batch done meanwhile', value: succeeded, unit: 'URLs' },
    { name: 'share of a batch of priority 90 beside one of 10', value: favouredShare * 100, unit: '%' },
  ],
});

const untilInFlight = async (
  { bench, target }: Stage,
  isSo: (inFlight: number) => boolean,
): Promise<void> => {
  const condition = async (): Promise<boolean> => isSo((await target.progress()).inFlight);
  await pauseUntil('the flight of the large batch', condition, { timeoutMs: 15_000, signal: bench.signal });
};

/** Resolves with the ms from the POST sent to the end of a small batch. */
const timeSmall = async ({ fleet, target }: Stage): Promise<number> => {
  const startedAt = performance.now();
  const { id } = await fleet.api.submit({ urls: urlsAt(target, hosts, small) });
  await fleet.api.untilEnded(id);
  return performance.now() - startedAt;
};

/** What part of the work the batch of the higher priority has had by the time the first of the two ends. */
const shareOfFavoured = async ({ bench, fleet, target }: Stage): Promise<number> => {
  const urls = urlsAt(target, hosts, Math.min(bench.count ?? large, large / 10));
  bench.progress('two batches of different priority');
  const { id: other } = await fleet.api.submit({ priority: 10, urls });
  const { id: favoured } = await fleet.api.submit({ priority: 90, urls });
  const done = { favoured: 0, other: 0 };
  const hasEnded = async (): Promise<boolean> => {
    const [one, two] = [await fleet.api.read(favoured), await fleet.api.read(other)];
    done.favoured = one.counts['succeeded'] ?? 0;
    done.other = two.counts['succeeded'] ?? 0;
    return Math.max(done.favoured, done.other) === urls.length;
  };
  await pauseUntil('one of two batches', hasEnded, { timeoutMs: 60_000, signal: bench.signal });
  return done.favoured / (done.favoured + done.other);
};
