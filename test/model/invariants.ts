// What holds of Redis after every step, whatever the model says: read from what is stored, and from what the clients were told.
import { locate, type Location } from '../../shared/locator.ts';
import type { Sight } from './sight.ts';
import type { ModelBatch, Part, World } from './world.ts';

/** What is known of each batch from what was looked at. */
export type Memory = {
  /** What does not hold of the batches that were looked at; none where all does. */
  look(world: World, sight: Sight): string[];
  /** A result that was recorded may be gone by now. */
  forget(): void;
};

export const createMemory = (): Memory => {
  const known = new Map<string, Stored>();
  const before = new Map<string, Stored>();
  return {
    look(world, sight) {
      remember(known, sight);
      const laws = sight.scope.batches.flatMap((batch) => {
        const [now, was] = [known.get(batch.id) ?? unknown, before.get(batch.id)];
        before.set(batch.id, now);
        return brokenIn(world, batch, { now, was });
      });
      const doubled = [...world.told].filter(([, ids]) => ids.size > 1);
      return [
        ...laws,
        ...doubled.map(([claim, ids]) => `${claim} made more than one: ${[...ids].join(', ')}`),
      ];
    },
    forget: () => before.clear(),
  };
};

type Stored = {
  readonly meta: Readonly<Record<string, string>>;
  readonly locations: readonly Location[];
  readonly claims: readonly string[];
  /** How much there is in each part. */
  readonly sizes: Readonly<Partial<Record<Part, number>>>;
};

const unknown: Stored = { meta: {}, locations: [], claims: [], sizes: {} };

const remember = (known: Map<string, Stored>, { reply, scope }: Sight): void => {
  for (const [i, { of }] of [...scope.places.values()].entries()) {
    if (of === undefined) continue;
    const texts = reply[1][i]?.[0].map(String) ?? [];
    const stored = known.get(of.batch.id) ?? unknown;
    known.set(of.batch.id, {
      ...stored,
      ...(of.part === 'meta' && { meta: pairs(texts) }),
      ...(of.part === 'index' && { locations: texts.map((locator) => locate(Number(locator))) }),
      ...(of.part === 'claims' && { claims: texts }),
      sizes: { ...stored.sizes, [of.part]: texts.length },
    });
  }
};

const pairs = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])));

const brokenIn = (
  world: World,
  batch: ModelBatch,
  { now, was }: { readonly now: Stored; readonly was: Stored | undefined },
): string[] => {
  const { id } = batch;
  const sealed = now.meta['sealed'] === '1';
  const laws: readonly (readonly [string, boolean])[] = [
    ['an unsealed batch is in nobody’s sight', now.meta['sealed'] !== '0' || !isSeen(world, id)],
    ['nothing is left of a batch that was removed', !world.gone.has(id) || isNothing(now)],
    ['counts sum to the total, and none is below nothing', !sealed || countsAgree(now)],
    ['tallies sum to the counts', !sealed || talliesAgree(now)],
    ['a batch is retained once it has ended', !hasEnded(now) || isRetained(world, id, now)],
    ['an open batch ends only where it is ended', !hasEnded(now) || !isOpen(now) || isClosed(now)],
    ['what is claimed is running', !sealed || claimedOf(now) === countOf(now, 'running')],
    ['a result, once recorded, stays', was === undefined || staysRecorded(was, now)],
    [
      'a batch that has ended has every result once, or says how the rest ended',
      !hasEnded(now) || isWhole(now),
    ],
    [
      'an accepted batch is in the outbox, on the queue, paused or ended',
      !sealed || isUnderWay(world, batch, now),
    ],
  ];
  return laws.flatMap(([law, holds]) => (holds ? [] : [`${id}: ${law}`]));
};

const isNothing = ({ sizes }: Stored): boolean => Object.values(sizes).every((size) => size === 0);

const countOf = ({ meta }: Stored, name: string): number => Number(meta[name] ?? 0);
const isOpen = ({ meta }: Stored): boolean => meta['open'] !== undefined;
const isClosed = ({ meta }: Stored): boolean => meta['closedAs'] !== undefined;
const hasEnded = ({ meta }: Stored): boolean => meta['endedAt'] !== undefined;

const isSeen = (world: World, id: string): boolean =>
  world.outbox.has(id) || world.deadlines.has(id) || [...world.listed.values()].some((ids) => ids.has(id));

const recordedIn = ({ locations }: Stored): number => locations.filter(({ at }) => at === 'segment').length;

const countsAgree = (now: Stored): boolean => {
  const [running, succeeded, failed] = [
    countOf(now, 'running'),
    countOf(now, 'succeeded'),
    countOf(now, 'failed'),
  ];
  const ended = countOf(now, 'cancelled') + countOf(now, 'expired');
  const pending = countOf(now, 'total') - running - succeeded - failed - ended;
  return Math.min(pending, running, succeeded, failed, ended) >= 0 && succeeded + failed === recordedIn(now);
};

/** Here, every failure but one without a response has a status. */
const talliesAgree = (now: Stored): boolean => {
  const [refused, failed] = [countOf(now, 't:http_status'), countOf(now, 'failed')];
  return (
    countOf(now, 't:200') === countOf(now, 'succeeded') &&
    countOf(now, 't:503') === refused &&
    countOf(now, 't:connect_failed') + refused === failed
  );
};

const isRetained = ({ retained }: World, id: string, { meta }: Stored): boolean =>
  retained.has(`${meta['owner']}:${id}`);

const claimedOf = ({ claims }: Stored): number =>
  Object.entries(pairs(claims)).reduce(
    (sum, [name, held]) => (name.startsWith('g') ? sum : sum + Number(held)),
    0,
  );

/** Only a retry, of a batch that had ended, opens a request again. */
const staysRecorded = (before: Stored, now: Stored): boolean =>
  before.meta['retry'] !== now.meta['retry'] ||
  now.meta['sealed'] !== '1' ||
  countOf(now, 'failed') < countOf(before, 'failed') ||
  before.locations.every(
    (was, i) => was.at !== 'segment' || JSON.stringify(was) === JSON.stringify(now.locations[i]),
  );

const isWhole = (now: Stored): boolean => {
  const left = countOf(now, 'total') - recordedIn(now);
  const closedAs = now.meta['closedAs'];
  return closedAs === undefined ? left === 0 : countOf(now, closedAs) === left;
};

const isUnderWay = (world: World, { id }: ModelBatch, now: Stored): boolean => {
  if (hasEnded(now) || now.meta['paused'] !== undefined || world.outbox.has(id) || world.bereft.has(id))
    return true;
  const generation = countOf(now, 'generation');
  const queued = new Set<number>();
  for (const job of world.jobs.all.values()) {
    if (job.batchId === id && job.generation === generation) queued.add(job.slice);
  }
  return now.locations.every((location) => location.at !== 'slice' || queued.has(location.slice));
};
