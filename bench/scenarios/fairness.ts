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
 * Of each worker. So that requests in flight are what there is too little of, about 3,000 URLs a second, and not the
 * machine: then the time of the small batch is what the order of the slices makes of it.
 */
const concurrency = 50;

export const fairness = staged(
  {
    name: 'fairness',
    about: `${small} URLs behind ${large.toLocaleString('en')}, to hosts that take ${delayMs} ms, three busy workers`,
    workers: 3,
    environment: { FETCHFLEET_CONCURRENCY: String(concurrency) },
  },
  async (stage) => {
    const { bench, fleet, target } = stage;
    const pairs = bench.rounds ?? 9;
    await target.behave({ is: 'steady', delayMs });
    await timeSmall(stage);
    const alone = await timeSeveral(stage, pairs);
    const { id } = await fleet.api.submit({ urls: urlsAt(target, hosts, bench.count ?? large) });
    await pause(2000, bench.signal);
    const beside = await timeSeveral(stage, pairs);
    const { counts } = await fleet.api.read(id);
    await fleet.api.act(id, 'cancel');
    return judge({ alone, beside, large: counts, favouredShare: await shareOfFavoured(stage) });
  },
);

type Seen = {
  /** Milliseconds of small batches, without and behind the large one. */
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
    { name: 'time behind the large batch, by that alone', value: median(beside) / median(alone), most: 2 },
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

const timeSeveral = async (stage: Stage, times: number): Promise<readonly number[]> => {
  const took: number[] = [];
  for (let time = 0; time < times; time += 1) {
    await pause(300, stage.bench.signal);
    took.push(await timeSmall(stage));
  }
  return took;
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
