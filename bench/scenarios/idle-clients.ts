// Thousands who wait for one batch, by server-sent events and by long polls: what each costs, and when all have heard.
import { gatherCrowd, type Crowd } from '../crowd.ts';
import { pause, pauseUntil } from '../pause.ts';
import { cpuSecondsOf, residentBytesOf } from '../process-usage.ts';
import { staged, type Stage } from '../stage.ts';

/** Which way they wait, and what comes to them no sooner than at the end. */
const ways = [
  { path: '/events', accept: 'text/event-stream', news: 'event: end' },
  { path: '?wait=60', accept: 'application/json', news: '"status":"cancelled"' },
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
    const { bytes, waiting, heardMs, apiSeconds, ownSeconds } = await wait(stage, count);
    return {
      bounds: [
        { name: 'clients that waited', value: waiting, least: count },
        { name: 'memory of the API a client', value: bytes / count / 1000, unit: 'kB', most: 20 },
        { name: 'the last of them had heard the end after', value: heardMs, unit: 'ms', most: 1000 },
      ],
      figures: [
        { name: 'the API with them', value: residentBytesOf(fleet.apiPid()) / 2 ** 20, unit: 'MiB' },
        { name: 'CPU time of the API until then, a client', value: (apiSeconds / count) * 1e6, unit: 'µs' },
        { name: 'CPU time of the clients until then, each', value: (ownSeconds / count) * 1e6, unit: 'µs' },
      ],
    };
  },
);

type Waited = Readonly<Record<'bytes' | 'waiting' | 'heardMs' | 'apiSeconds' | 'ownSeconds', number>>;

/** `count` clients wait for a batch that is then cancelled. */
const wait = async (stage: Stage, count: number): Promise<Waited> => {
  const { bench, fleet, target } = stage;
  const { id } = await fleet.api.submit({ urls: [`${target.origin('slow')}/`] });
  const before = residentBytesOf(fleet.apiPid());
  const crowds: Crowd[] = [];
  const sum = (of: (crowd: Crowd) => number): number => crowds.reduce((all, crowd) => all + of(crowd), 0);
  try {
    for (const way of ways) crowds.push(await gather(stage, { id, way, count: count / ways.length }));
    // Those whose call the API has not begun yet do not wait for the end, but for their turn.
    const isCaughtUp = async (): Promise<boolean> => (await fleet.api.openCalls()) > count;
    await pauseUntil('the API to take all calls', isCaughtUp, { timeoutMs: 60_000, signal: bench.signal });
    await pause(2000, bench.signal);
    const bytes = residentBytesOf(fleet.apiPid()) - before;
    const waiting = sum((crowd) => crowd.size() - crowd.told());
    const [endedAt, apiSpent, ownSpent] = [performance.now(), cpuSecondsOf(fleet.apiPid()), ownCpuSeconds()];
    await fleet.api.act(id, 'cancel');
    const hasHeard = async (): Promise<boolean> => sum((crowd) => crowd.told()) >= waiting;
    await pauseUntil('all to hear the end', hasHeard, { timeoutMs: 30_000, signal: bench.signal });
    const heardMs = performance.now() - endedAt;
    const apiSeconds = cpuSecondsOf(fleet.apiPid()) - apiSpent;
    return { bytes, waiting, heardMs, apiSeconds, ownSeconds: ownCpuSeconds() - ownSpent };
  } finally {
    crowds.forEach((crowd) => crowd.close());
  }
};

type Gathering = { readonly id: string; readonly way: (typeof ways)[number]; readonly count: number };

const gather = ({ bench, fleet }: Stage, { id, way, count }: Gathering): Promise<Crowd> => {
  const { path, accept, news } = way;
  bench.progress(`${count} clients gather: ${path}`);
  return gatherCrowd({
    port: Number(new URL(fleet.origin).port),
    count: Math.ceil(count),
    request: `GET /v1/batches/${id}${path} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\n\r\n`,
    news,
    taken: () => fleet.api.read(id),
  });
};

const ownCpuSeconds = (): number => cpuSecondsOf(process.pid);
