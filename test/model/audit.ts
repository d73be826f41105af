// The last look at a story: what users can read of every batch, and what is left once all of them are removed.
import { Wrong } from './stage.ts';
import { resultsOf } from '../support/batches.ts';
import { createResultStore } from '../../shared/result-store.ts';
import type { Redis } from '../../shared/redis.ts';
import type { StoredResult } from '../../shared/result.ts';
import { unrecordedFrom } from './call.ts';
import { leaps } from './moves.ts';
import { actAlone, type Play } from './scene.ts';
import { isThere, parts, type ModelBatch } from './world.ts';

export const audit = async (redis: Redis, play: Play): Promise<void> => {
  const { stage, stories } = play;
  const { world, trace } = stage;
  const wrong: string[] = [];
  const batches = [...world.batches.values()];
  for (const batch of batches) {
    if (batch.meta?.sealed !== 1) continue;
    const [read, must] = [await readAll(redis, play, batch), mustRead(batch)];
    if (read.join() !== must.join()) wrong.push(`${batch.id} reads ${read.join()}, not ${must.join()}`);
  }
  for (const { id, meta } of batches) {
    if (meta?.endedAt !== undefined)
      await actAlone(play, 'the end', stories.remove(id, meta.given['owner'] ?? ''));
  }
  await stage.pass(leaps.hours);
  await actAlone(play, 'the end', stories.reconcile());
  await actAlone(play, 'the end', stories.retire());
  for (const batch of batches) {
    if (parts.some((part) => isThere(batch, part))) wrong.push(`${batch.id} was removed, but not all of it`);
  }
  const { outbox, deadlines, unfinished, retained, jobs } = world;
  const sets = [outbox, deadlines, unfinished, retained, jobs.all, ...world.listed.values()];
  const left = sets.flatMap((set) => [...set.keys()]);
  if (left.length > 0) wrong.push(`something is left: ${left.join(', ')}`);
  const strays = await stage.findStrays();
  if (strays.length > 0) wrong.push(`keys are left: ${strays.join(', ')}`);
  if (wrong.length > 0) throw new Wrong(wrong, trace);
};

/** Page by page, in the order of indexes. */
const readAll = async (redis: Redis, { stage }: Play, { id }: ModelBatch): Promise<string[]> => {
  const results = createResultStore(redis, stage.world.keys);
  const found: StoredResult[] = [];
  for (let after = 0; ;) {
    const page = await results.page(id, { after, limit: 3 });
    found.push(...resultsOf(page));
    if (page.isLast) return found.toSorted((a, b) => a.index - b.index).map(nameOf);
    after = page.next;
  }
};

const nameOf = ({ index, outcome, url }: StoredResult): string => `${index} ${outcome} ${url}`;

/** The result that was recorded first, or that it never ran. */
const mustRead = ({ index, segments, meta }: ModelBatch): string[] =>
  index.map((locator, at) => {
    const result = segments.get(locator)?.find((one) => one.index === at);
    if (locator < unrecordedFrom && result !== undefined) return nameOf(result);
    return `${at} ${meta?.closedAs} http://127.0.0.1:1/${at}`;
  });
