// Which steps of a process are worth dying at, and the order in which they are. Pure.
import type { Random } from './random.ts';
import type { Failpoint } from './step-line.ts';

/**
 * True for steps that change what is kept of a batch or its slices. The others make a connection, read, tell that a process
 * lives, look whether there is something to do, or are about hosts.
 */
export const isMoving = (step: string): boolean =>
  !still.has(step) && !step.startsWith('queue: move stalled');

const connecting = [
  'auth',
  'client',
  'command',
  'config',
  'hello',
  'info',
  'ping',
  'quit',
  'script',
  'select',
  'subscribe',
  'unsubscribe',
];
const reading = [
  'exists',
  'get',
  'getrange',
  'hget',
  'hgetall',
  'hmget',
  'lookUp',
  'memory',
  'pubsub',
  'time',
  'zcard',
  'zrange',
  'zrangebyscore',
  'zrevrangebylex',
  'zscan',
  'zscore',
];
const living = ['bzpopmin', 'mark', 'renewLocks', 'signOfLife', 'takeDue', 'watchProgress'];
const aboutHosts = ['adaptHost', 'blockHost', 'forgetHosts', 'park'];
const still: ReadonlySet<string> = new Set([...connecting, ...reading, ...living, ...aboutHosts]);

/** Steps pass by several times; which of them is the last one is drawn. */
const mostNth = 4;

/** Each step before and after, `times` times, in rounds of all of them. */
export const planFailpoints = (steps: readonly string[], times: number, random: Random): Failpoint[] =>
  Array.from({ length: times }).flatMap(() =>
    steps.flatMap((step) =>
      (['before', 'after'] as const).map((when) => ({ step, when, nth: random.whole(1, mostNth) })),
    ),
  );
