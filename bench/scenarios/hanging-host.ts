// A hundred hosts of which one never answers: how long the other 99 take, beside how long they take without it.
import { sharedNowMs } from '../clock.ts';
import { pauseUntil } from '../pause.ts';
import { arrivedIn, spanOf } from '../sighting.ts';
import { staged, urlsAt, type Stage } from '../stage.ts';
import { median } from '../statistics.ts';
import type { Trial } from '../trial.ts';

const fine = Array.from({ length: 99 }, (_, number) => `fine-${number}`);
const perHost = 100;
const timeoutMs = 5000;

export const hangingHost = staged(
  {
    name: 'hanging-host',
    about: `one of 100 hosts hangs for ${timeoutMs / 1000} s a request, ${perHost} requests each, three workers`,
    workers: 3,
  },
  async (stage) => {
    const { bench, target } = stage;
    await target.behave({ is: 'steady', delayMs: 20 });
    await fetchFine(stage);
    const without: number[] = [];
    const beside: number[] = [];
    for (let pair = 1; pair <= (bench.rounds ?? 9); pair += 1) {
      bench.progress(`pair ${pair}`);
      without.push(await fetchFine(stage));
      // Another host each time: it must not be known already.
      await target.behave({ is: 'hanging' }, `hangs-${pair}`);
      beside.push(await fetchFine(stage, `hangs-${pair}`));
    }
    return judge(without, beside);
  },
);

/** Milliseconds of pairs of runs. */
export const judge = (without: readonly number[], beside: readonly number[]): Trial => {
  const ratio = median(beside.map((ms, pair) => ms / (without[pair] ?? Number.NaN)));
  return {
    bounds: [{ name: 'time of 99 hosts beside a hanging one, by that without', value: ratio, most: 1.1 }],
    figures: [
      { name: 'without it', value: median(without), unit: 'ms' },
      { name: 'beside it', value: median(beside), unit: 'ms' },
    ],
  };
};

/** Resolves with the time from the POST sent to the last answer of a fine host. */
const fetchFine = async ({ bench, fleet, target }: Stage, hanging?: string): Promise<number> => {
  const hosts = hanging === undefined ? fine : [hanging, ...fine];
  const each = bench.count === undefined ? perHost : Math.ceil(bench.count / 100);
  const fromMs = sharedNowMs();
  const { id } = await fleet.api.submit({
    defaults: { timeoutMs, retry: { maxAttempts: 1 } },
    urls: urlsAt(target, hosts, hosts.length * each),
  });
  const isDone = async (): Promise<boolean> =>
    (await fleet.api.read(id)).counts['succeeded'] === fine.length * each;
  await pauseUntil('the fine hosts', isDone, { timeoutMs: 60_000, signal: bench.signal });
  if (hanging !== undefined) await fleet.api.act(id, 'cancel');
  const arrived = arrivedIn(await target.sightings(), { fromMs, untilMs: Number.POSITIVE_INFINITY });
  return spanOf(arrived.filter(({ host }) => host.startsWith('fine-'))).untilMs - fromMs;
};
