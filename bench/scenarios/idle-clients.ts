// Thousands who wait for one batch, by server-sent events and by long polls: what each costs, and when all have heard.
import { gatherCrowd, type Crowd } from '../crowd.ts';
import { pause, pauseUntil } from '../pause.ts';
import { residentBytesOf } from '../process-usage.ts';
import { staged, type Stage } from '../stage.ts';

/** Which way they wait, and what comes to them no sooner than at the end. */
const ways = [
  { path: 'events', accept: 'text/event-stream', news: 'event: end' },
  { path: '?wait=60', accept: 'application/json', news: 'HTTP/1.1 200' },
] as const;

export const idleClients = staged(
  {
    name: 'idle-clients',
    about: '10,000 clients (or --count) wait for the end of a batch, half by events and half by long polls',
    workers: 1,
  },
  async (stage) => {
    const { bench, fleet, target } = stage;
    const count = bench.count ?? 10_000;
    await target.behave({ is: 'steady', delayMs: 120_000 });
    // The code is compiled, and the heap has grown as it does under any load, before anything is measured.
    await wait(stage, Math.min(count, 1000));
    const { bytes, waiting, heardMs } = await wait(stage, count);
    return {
      bounds: [
        { name: 'clients that waited', value: waiting, least: count },
        { name: 'memory of the API a client', value: bytes / count / 1000, unit: 'kB', most: 20 },
        { name: 'the last of them had heard the end after', value: heardMs, unit: 'ms', most: 1000 },
      ],
      figures: [{ name: 'the API with them', value: residentBytesOf(fleet.apiPid()) / 2 ** 20, unit: 'MiB' }],
    };
  },
);

type Waited = Readonly<Record<'bytes' | 'waiting' | 'heardMs', number>>;

/** `count` clients wait for a batch that is then cancelled. */
const wait = async ({ bench, fleet, target }: Stage, count: number): Promise<Waited> => {
  const { id } = await fleet.api.submit({ urls: [`${target.origin('slow')}/`] });
  const before = residentBytesOf(fleet.apiPid());
  const crowds: Crowd[] = [];
  const sum = (of: (crowd: Crowd) => number): number => crowds.reduce((all, crowd) => all + of(crowd), 0);
  try {
    for (const { path, accept, news } of ways) {
      const slash = path.startsWith('?') ? '' : '/';
      const request = `GET /v1/batches/${id}${slash}${path} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\n\r\n`;
      bench.progress(`${count / ways.length} clients gather: ${path}`);
      crowds.push(
        await gatherCrowd({
          port: Number(new URL(fleet.origin).port),
          count: Math.ceil(count / ways.length),
          request,
          news,
          taken: () => fleet.api.read(id),
        }),
      );
    }
    await pause(2000, bench.signal);
    const bytes = residentBytesOf(fleet.apiPid()) - before;
    const waiting = sum((crowd) => crowd.size() - crowd.told());
    const endedAt = performance.now();
    await fleet.api.act(id, 'cancel');
    const hasHeard = async (): Promise<boolean> => sum((crowd) => crowd.told()) >= waiting;
    await pauseUntil('all to hear the end', hasHeard, { timeoutMs: 30_000, signal: bench.signal });
    return { bytes, waiting, heardMs: performance.now() - endedAt };
  } finally {
    crowds.forEach((crowd) => crowd.close());
  }
};
