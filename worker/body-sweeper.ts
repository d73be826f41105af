// Bodies outlive their batch when Redis lets it expire: this finds such bodies and removes them.
import type { BatchStore } from '../shared/batch-store.ts';
import type { BodyStore } from '../shared/body-store.ts';
import { unlessNewer } from '../shared/unknown-version.ts';

/** Removes the bodies of every batch that is gone; returns how many batches that were. */
export const sweepBodies = async (bodies: BodyStore, batches: BatchStore): Promise<number> => {
  let swept = 0;
  for (const id of await bodies.batches()) {
    if ((await batches.get(id).catch(unlessNewer)) !== undefined) continue;
    await bodies.removeAll(id);
    swept++;
  }
  return swept;
};
