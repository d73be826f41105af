// A Redis that fills up under a batch and is given room again, and one that is full while there is nothing to do.
import { pause } from '../../bench/pause.ts';
import { audit, refetchedFigure, zeros } from '../audit.ts';
import type { BreakableRedis } from '../breakable-redis.ts';
import { readAccounts, submit, watch } from '../follow.ts';
import { loudest, measureNoise, quietBounds, type Noise } from '../noise.ts';
import { createPatientClient } from '../patient-client.ts';
import { isRefusal, probe } from '../probe.ts';
import type { Random } from '../random.ts';
import { staged, type Stage } from '../stage.ts';
import { makeTroubles, type Trouble } from '../troubles.ts';

const fullSeconds = 15;
const idleSeconds = 20;
/** For what was under way when Redis filled up. */
const settleMs = 3000;

export const fullRedis = staged(
  {
    name: 'full-redis',
    about:
      '20,000 URLs, four workers; Redis filled to maxmemory for 15 s and given room, 5 times, and for 20 s while all are idle',
    workers: 4,
  },
  async (stage) => {
    const { chaos, fleet, target } = stage;
    const { random, signal } = chaos;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 60_000, signal });
    await target.behave({ is: 'steady', delayMs: 300 });
    const a = await submit(client, stage, { name: 'a', total: chaos.count ?? 20_000 });
    const watching = watch(client, [a], { withinMs: 600_000 });
    const seenFull: Full[] = [];
    const fills: Trouble = {
      name: 'fills',
      times: chaos.times ?? 5,
      make: async () => void seenFull.push(await fill(stage, chaos.seconds ?? fullSeconds)),
    };
    await makeTroubles([fills], { random, work: watching, signal });
    await watching.ended;

    const idle = await fill(stage, chaos.seconds ?? idleSeconds);
    const b = await submit(client, stage, { name: 'b', total: 1000 });
    const after = watch(client, [b], { withinMs: 60_000 });
    const wrongPolls = (await watching.ended).wrongPolls + (await after.ended).wrongPolls;
    const found = audit(await readAccounts(client, [a, b]), await target.sightings());
    const wrongAnswers = [...seenFull, idle].reduce((sum, full) => sum + full.wrongAnswers, 0);
    return {
      bounds: [
        ...zeros(found, { wrongPolls }),
        { name: 'wrong answers of the API while Redis was full', value: wrongAnswers, most: 0 },
        ...quietBounds(loudest(seenFull), 'full under a batch'),
        ...quietBounds(idle, 'full and idle'),
      ],
      figures: [{ name: 'times full', value: seenFull.length + 1 }, refetchedFigure(found)],
    };
  },
);

type Full = Noise & { readonly wrongAnswers: number };

/** For so long, and what was seen of the processes meanwhile. */
const fill = async (stage: Stage, seconds: number): Promise<Full> => {
  const { redis, lines, chaos } = stage;
  const limit = await limitRedis(redis, chaos.random);
  chaos.progress(`Redis is full at ${limit} bytes`);
  try {
    await pause(settleMs, chaos.signal);
    const [noise, wrongAnswers] = await Promise.all([
      measureNoise(lines, seconds * 1000, chaos.signal),
      countWrongAnswers(stage, seconds),
    ]);
    return { ...noise, wrongAnswers };
  } finally {
    await redis.ask((connection) => connection.config('SET', 'maxmemory', 0));
  }
};

/** Far below what it holds; or at it, so that what ends makes a little room now and then. Resolves with the limit. */
const limitRedis = (redis: BreakableRedis, random: Random): Promise<number> =>
  redis.ask(async (connection) => {
    const used = Number(/^used_memory:(\d+)/m.exec(await connection.info('memory'))?.[1]);
    const limit = random.pick([1, used]);
    await connection.config('SET', 'maxmemory', limit);
    return limit;
  });

/** Batches can be read, and new ones are turned away. */
const countWrongAnswers = async ({ fleet, target, chaos }: Stage, seconds: number): Promise<number> => {
  const { signal } = chaos;
  const batches = `${fleet.origin}/v1/batches`;
  const json = { urls: [`${target.origin('none')}/0`] };
  const state = { wrong: 0 };
  for (let second = 0; second < seconds; second += 1) {
    const readable = await probe(batches, { signal });
    const refused = await probe(batches, { method: 'POST', json, signal });
    if (readable?.status !== 200) state.wrong += 1;
    if (!isRefusal(refused, 507)) state.wrong += 1;
    await pause(1000, signal);
  }
  return state.wrong;
};
