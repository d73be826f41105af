// What is left of batches that are gone: in Redis, and in the data directory.
import { readdir } from 'node:fs/promises';
import type { Redis } from '../shared/redis.ts';

/** Keys, and paths under the directory, that belong to no service but to a batch. */
export const findLeftovers = async (redis: Redis, directory: string): Promise<readonly string[]> => {
  const names = await redis.keys('*');
  const lifetimes = await Promise.all(names.map((name) => redis.pttl(name)));
  const keys = names.filter((name, at) => !isServiceWide({ name, expires: (lifetimes[at] ?? -1) >= 0 }));
  const paths = await readdir(directory, { recursive: true });
  return [...keys.toSorted(), ...paths.filter((each) => each !== 'bodies').toSorted()];
};

/** Whether the key is one of a fixed number, or one of those that are remembered for a time only. Pure. */
export const isServiceWide = ({
  name,
  expires,
}: {
  readonly name: string;
  readonly expires: boolean;
}): boolean => fixed.has(name) || (expires && remembered.test(name));

const queueNames = ['slices', 'deliveries'];
/** What BullMQ keeps of a queue that is empty. */
const ofQueues = ['events', 'id', 'marker', 'meta', 'pc', 'stalled', 'stalled-check'];

const fixed: ReadonlySet<string> = new Set([
  'ff:clock',
  'ff:results',
  'ff:hosts',
  'ff:workers',
  'ff:truce',
  'ff:disk-mark',
  ...queueNames.flatMap((queue) => ofQueues.map((name) => `ff:${queue}:${name}`)),
]);

/** What a host was like, but for what one batch had of it, and that an Idempotency-Key was used. */
const remembered = /^ff:(host:[^#]*|idempotency:.*)$/;
