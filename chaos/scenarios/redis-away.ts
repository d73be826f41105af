// A Redis that is gone, silent, or takes no writes for a while: the API says so, nobody ends or spins, and all goes on after.
import { existsSync } from 'node:fs';
import { pause, pauseUntil } from '../../bench/pause.ts';
import { audit, refetchedFigure, zeros, type Accepted } from '../audit.ts';
import { readAccounts, submit, watch } from '../follow.ts';
import { loudest, measureNoise, quietBounds, type Noise } from '../noise.ts';
import { createPatientClient } from '../patient-client.ts';
import { isRefusal, probe, type Answered } from '../probe.ts';
import { staged, type Stage } from '../stage.ts';
import { makeTroubles, type Trouble } from '../troubles.ts';

/** For what was under way when Redis went, and for the moment at which it comes back. */
const marginMs = 3000;

export const redisAway = staged(
  {
    name: 'redis-away',
    about:
      '20,000 URLs, four workers; Redis killed and away for 30 s, frozen for 10 s, and made a replica for 10 s',
    workers: 4,
  },
  async (stage) => {
    const { chaos, fleet, target, lines } = stage;
    const { random, signal } = chaos;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 90_000, signal });
    await target.behave({ is: 'steady', delayMs: 300 });
    const batch = await submit(client, stage, { name: 'a', total: chaos.count ?? 20_000 });
    const watching = watch(client, [batch], { withinMs: 600_000 });
    const absences: Absence[] = [];
    const kinds = absencesOf(stage);
    const troubles: Trouble = {
      name: 'absences',
      times: kinds.length * (chaos.times ?? 1),
      async make() {
        const kind = kinds[absences.length % kinds.length] ?? random.pick(kinds);
        absences.push(await endure(stage, batch, kind));
      },
    };
    await makeTroubles([troubles], { random, work: watching, signal });
    const seen = await watching.ended;
    const found = audit(await readAccounts(client, [batch]), await target.sightings());
    const most = (of: (absence: Absence) => number): number => Math.max(0, ...absences.map(of));
    return {
      bounds: [
        ...zeros(found, seen),
        {
          name: 'until /readyz said 503',
          value: most(({ unreadyMs }) => unreadyMs) / 1000,
          most: 2,
          unit: 's',
        },
        {
          name: 'wrong answers of the API meanwhile',
          value: most(({ wrongAnswers }) => wrongAnswers),
          most: 0,
        },
        ...quietBounds(loudest(absences), 'meanwhile', 3),
        {
          name: 'processes that ended',
          value: [...lines.keys()].filter((pid) => !existsSync(`/proc/${pid}`)).length,
          most: 0,
        },
      ],
      figures: [
        { name: 'times away', value: absences.length },
        { name: 'longest until ready again', value: most(({ readyMs }) => readyMs) / 1000, unit: 's' },
        refetchedFigure(found),
      ],
    };
  },
);

type Kind = {
  readonly name: string;
  readonly ms: number;
  /** Whether batches can be read meanwhile. */
  readonly isReadable: boolean;
  begin(): Promise<void>;
  end(): Promise<void>;
};

const absencesOf = ({ redis, chaos }: Stage): readonly Kind[] => {
  const away = { name: 'away', ms: (chaos.seconds ?? 30) * 1000, isReadable: false };
  const frozen = { name: 'frozen', ms: (chaos.seconds ?? 10) * 1000, isReadable: false };
  const thaw: { done: Promise<void> } = { done: Promise.resolve() };
  return [
    { ...away, begin: () => redis.kill(), end: () => redis.start() },
    {
      ...frozen,
      async begin() {
        thaw.done = redis.freeze(frozen.ms);
        thaw.done.catch(() => {});
      },
      end: () => thaw.done,
    },
    {
      ...frozen,
      name: 'a replica',
      isReadable: true,
      begin: () => redis.ask(async (connection) => void (await connection.replicaof('127.0.0.1', 1))),
      end: () => redis.ask(async (connection) => void (await connection.replicaof('NO', 'ONE'))),
    },
  ];
};

/** What was seen of one absence. */
type Absence = Noise & {
  readonly unreadyMs: number;
  readonly readyMs: number;
  readonly wrongAnswers: number;
};

const endure = async (stage: Stage, batch: Accepted, kind: Kind): Promise<Absence> => {
  const { lines, chaos } = stage;
  await kind.begin();
  chaos.progress(`Redis is ${kind.name}`);
  const goneAt = performance.now();
  const unreadyMs = await untilReadyzSays(stage, 503);
  await pause(Math.max(0, marginMs - (performance.now() - goneAt)), chaos.signal);
  const ms = kind.ms - 2 * marginMs;
  const [noise, wrongAnswers] = await Promise.all([
    measureNoise(lines, ms, chaos.signal),
    countWrongAnswers(stage, batch, { isReadable: kind.isReadable, ms }),
  ]);
  await pause(Math.max(0, kind.ms - (performance.now() - goneAt)), chaos.signal);
  await kind.end();
  return { ...noise, wrongAnswers, unreadyMs, readyMs: await untilReadyzSays(stage, 200) };
};

/** Resolves with how long it took. */
const untilReadyzSays = async ({ fleet, chaos }: Stage, status: number): Promise<number> => {
  const { signal } = chaos;
  const begunAt = performance.now();
  const says = async (): Promise<boolean> =>
    (await probe(`${fleet.origin}/readyz`, { signal }))?.status === status;
  await pauseUntil(`/readyz to say ${status}`, says, { timeoutMs: 60_000, signal });
  return performance.now() - begunAt;
};

/** The process lives; what needs Redis is refused in form, or, where Redis can be read, answered. */
const countWrongAnswers = async (
  { fleet, target, chaos }: Stage,
  { id }: Accepted,
  { isReadable, ms }: { readonly isReadable: boolean; readonly ms: number },
): Promise<number> => {
  const { signal } = chaos;
  const batches = `${fleet.origin}/v1/batches`;
  const json = { urls: [`${target.origin('none')}/0`] };
  const isAlive = (answered: Answered | undefined): boolean => answered?.status === 200;
  const isRefused = (answered: Answered | undefined): boolean => isRefusal(answered, 503);
  const isRead = (answered: Answered | undefined): boolean =>
    isRefused(answered) || (isReadable && answered?.status === 200);
  const questions = [
    { url: `${fleet.origin}/livez`, isRight: isAlive },
    ...['', `/${id}`, `/${id}/results`, `/${id}/results/0`].map((path) => ({
      url: `${batches}${path}`,
      isRight: isRead,
    })),
    { url: batches, method: 'POST', json, isRight: isRefused },
  ] as const;
  const until = performance.now() + ms;
  const state = { wrong: 0 };
  while (performance.now() < until) {
    const answers = await Promise.all(questions.map(({ url, ...asked }) => probe(url, { ...asked, signal })));
    for (const [at, { url, isRight }] of questions.entries()) {
      if (isRight(answers[at])) continue;
      state.wrong += 1;
      chaos.progress(`${url} was answered ${answers[at]?.status}: ${answers[at]?.text.slice(0, 200)}`);
    }
    await pause(500, signal);
  }
  return state.wrong;
};
