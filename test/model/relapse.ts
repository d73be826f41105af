// Redis goes back in time, by as little as it takes: what was written last is not there any more.
import { defineScript, type Script } from '../../shared/script.ts';
import type { Step } from './step.ts';
import type { ModelBatch, World } from './world.ts';

const forget = defineScript("return redis.call('HDEL', KEYS[1], unpack(ARGV))");

export const relapseScripts: readonly Script[] = [forget];

/** What may be forgotten now, a step each. */
export const relapses = (world: World): Step[] =>
  [...world.batches.values()].flatMap((batch) => {
    if (batch.meta?.sealed === 0)
      return [...batch.slices.keys()].map((slice) => forgetSlice(world, batch, slice));
    const { startTag, endedAt, linedUp } = batch.meta ?? {};
    const isTaken = startTag !== undefined && endedAt === undefined && linedUp === undefined;
    return isTaken && world.outbox.has(batch.id) ? [forgetTurn(world, batch)] : [];
  });

const forgetSlice = (world: World, batch: ModelBatch, slice: string): Step => ({
  label: () => `slice ${slice} of ${batch.id} is forgotten`,
  script: forget,
  keys: [world.keys.batch(batch.id).slices],
  args: [slice],
  rule: () => (batch.slices.delete(slice) ? 1 : 0),
});

const forgetTurn = (world: World, { id, meta }: ModelBatch): Step => ({
  label: () => `the turn of ${id} is forgotten`,
  script: forget,
  keys: [world.keys.batch(id).meta],
  args: ['startTag', 'tagSpacing'],
  rule: () => {
    if (meta === undefined) return 0;
    meta.startTag = undefined;
    meta.tagSpacing = undefined;
    return 2;
  },
});
