import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connectionAnimals, fewAtOnce } from '../support/animals/connections.ts';
import { createEngine, summary } from '../support/engine.ts';
import { openTarget } from '../support/target-server.ts';
import type { Animal } from '../support/target-server.ts';
import type { Outcome } from '../../worker/outcome.ts';

// Wall-clock promises on a machine that may be busy with others: kept at one of three tries.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

const production = { connectTimeoutMs: 5000, headersTimeoutMs: 30_000, bodyTimeoutMs: 15_000 };
const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

type Get = () => Promise<Outcome>;

const setUp = async (animal: Animal): Promise<Get> => {
  const target = await openTarget(animal);
  const engine = createEngine({ timeouts: production });
  opened.push(target, engine.connections);
  return () => engine.fetch(`${target.origin}/`, { timeoutMs: 60_000 });
};

/** `count` requests, `width` at a time. */
const crowd = async (
  get: Get,
  count: number,
  width: number,
): Promise<{ outcomes: Outcome[]; tookMs: number }> => {
  const startedAt = performance.now();
  const outcomes: Outcome[] = [];
  let started = 0;
  const queue = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      outcomes.push(await get());
    }
  };
  await Promise.all(Array.from({ length: width }, queue));
  return { outcomes, tookMs: performance.now() - startedAt };
};

// The first requests of a process compile what all use.
beforeAll(async () => {
  await crowd(await setUp(connectionAnimals.asksForClose), 20, 10);
});

describe('story 2: the host that mishandles kept connections', () => {
  test('40 requests, 10 at once, to a host that answers one request per socket in 200 ms, take under 1.5 s', async () => {
    const get = await setUp(connectionAnimals.deadKeepAlive);
    const { outcomes, tookMs } = await crowd(get, 40, 10);
    expect(outcomes.map(summary)).toEqual(Array(40).fill('200 first'));
    expect(tookMs).toBeLessThan(1500);
    const diagnosis = expect.stringMatching(
      /a reused connection gave no answer within \d+ ms, a fresh one did/,
    );
    expect((await get()).connection).toMatchObject({ reused: false, policy: 'fresh', diagnosis });
  });

  test('100 requests to an API that takes 2 s all answer within 2.4 s', async () => {
    const get = await setUp({
      about: '2-s API',
      onRequest: ({ after, reply }) => after(2000, () => reply('slow')),
    });
    const { outcomes, tookMs } = await crowd(get, 100, 100);
    expect(new Set(outcomes.map(summary))).toEqual(new Set(['200 slow']));
    expect(tookMs).toBeLessThan(2400);
  });

  test('100 requests at once to an API that takes 200 ms and serves 25 connections at a time all answer in 4 turns', async () => {
    const get = await setUp(fewAtOnce(25, 200));
    const { outcomes, tookMs } = await crowd(get, 100, 100);
    expect(new Set(outcomes.map(summary))).toEqual(new Set(['200 served']));
    expect(tookMs).toBeGreaterThan(790);
    expect(tookMs).toBeLessThan(1200);
  });
});
