import { expect, test } from '@jest/globals';
import type { Contender, Load } from '../../bench/contender.ts';
import { runRace, type Race } from '../../bench/race.ts';
import type { Bench } from '../../bench/scenario.ts';

const race = (contenders: readonly Contender[]): Race => ({
  scenario: 'test',
  about: 'a race',
  target: { delayMs: 0, deadKeepAlive: false },
  load: { count: 10, concurrency: 2, timeoutMs: 1000, until: 'stored' },
  rounds: 2,
  contenders,
});

const bench = (overrides: Partial<Bench> = {}): { bench: Bench; log: string[] } => {
  const log: string[] = [];
  const target = {
    name: 'a target',
    origin: 'http://127.0.0.1:9',
    cpuSeconds: async () => 0,
    stop: async () => void log.push('target stops'),
  };
  const given = {
    redisUrl: 'redis://127.0.0.1:9',
    rounds: undefined,
    count: undefined,
    contenders: undefined,
    newDirectory: async () => '/nowhere',
    startTarget: async () => target,
    signal: new AbortController().signal,
    progress: () => {},
  };
  return { bench: { ...given, ...overrides }, log };
};

/** A contender that takes `durationsMs` in turn, and logs its runs. */
const runner = (name: string, log: string[], run: (load: Load) => Promise<number>): Contender => ({
  name,
  about: name,
  start: async () => ({
    run: async (load) => {
      log.push(name);
      return { durationMs: await run(load), cpuSeconds: 1, peakBytes: log.length };
    },
    stop: async () => void log.push(`${name} stops`),
  }),
});

test('lets the contenders take turns, and does not count the warm-up', async () => {
  const { bench: given, log } = bench();
  const runs = { a: 0 };
  const a = runner('a', log, async () => (runs.a += 1));
  const b = runner('b', log, async () => 7);
  const report = await runRace(race([a, b]), given);
  expect(log).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a stops', 'b stops', 'target stops']);
  expect(report).toMatchObject({ subject: 'a', target: 'a target', count: 10, skipped: [] });
  expect(report.rows.map(({ name, durationsMs }) => [name, durationsMs])).toEqual([
    ['a', [2, 3]],
    ['b', [7, 7]],
  ]);
});

test('keeps the CPU seconds of each counted run', async () => {
  const { bench: given, log } = bench();
  const report = await runRace(race([runner('a', log, async () => 1)]), given);
  expect(report.rows[0]?.cpuSeconds).toEqual([1, 1]);
});

test('keeps the memory that was the most when the last run ended', async () => {
  const { bench: given, log } = bench();
  const report = await runRace(race([runner('a', log, async () => 1)]), given);
  expect(report.rows[0]?.peakBytes).toBe(3);
});

test('starts a target for every run where nobody may have asked it before', async () => {
  const started = { targets: 0 };
  const startTarget: Bench['startTarget'] = async () => {
    const origin = `http://127.0.0.1:${(started.targets += 1)}`;
    return {
      name: 'new',
      origin,
      cpuSeconds: async () => 0,
      stop: async () => void log.push(`${origin} stops`),
    };
  };
  const { bench: given, log } = bench({ startTarget });
  const asked: string[] = [];
  const a = runner('a', log, async ({ origin }) => asked.push(origin));
  await runRace({ ...race([a]), isStrange: true }, given);
  expect(new Set(asked).size).toBe(3);
  expect(log.filter((line) => line.startsWith('http'))).toHaveLength(started.targets);
});

test('gives every contender the same load, of the size asked for', async () => {
  const loads: Load[] = [];
  const note = async (load: Load): Promise<number> => loads.push(load);
  const { bench: given, log } = bench({ count: 3, rounds: 1 });
  const report = await runRace(race([runner('a', log, note), runner('b', log, note)]), given);
  expect(report.count).toBe(3);
  expect(loads).toEqual(
    Array.from({ length: 4 }, () => ({ ...race([]).load, count: 3, origin: 'http://127.0.0.1:9' })),
  );
});

test('gives those fewer URLs that would take too long', async () => {
  const counts: Record<string, number> = {};
  const contender = (name: string): Contender =>
    runner(name, log, async ({ count }) => (counts[name] = count));
  const { bench: given, log } = bench();
  const report = await runRace({ ...race([contender('a'), contender('b')]), fewer: { b: 4 } }, given);
  expect(counts).toEqual({ a: 10, b: 4 });
  expect(report.rows.map(({ count }) => count)).toEqual([10, 4]);
});

test('warms up with a part of a large load', async () => {
  const counts: number[] = [];
  const { bench: given, log } = bench({ count: 10_000, rounds: 1 });
  await runRace(race([runner('a', log, async ({ count }) => counts.push(count))]), given);
  expect(counts).toEqual([2000, 10_000]);
});

test('warms up with as much as a race asks for, but not those who would take too long', async () => {
  const counts: [string, number][] = [];
  const contender = (name: string): Contender =>
    runner(name, log, async ({ count }) => counts.push([name, count]));
  const { bench: given, log } = bench({ rounds: 1 });
  await runRace({ ...race([contender('a'), contender('b')]), fewer: { b: 4 }, warmUp: 3 }, given);
  expect(counts).toEqual([
    ['a', 10],
    ['a', 10],
    ['a', 10],
    ['b', 4],
    ['a', 10],
    ['b', 4],
  ]);
});

test('lets only those take part who are asked for, and says what they are made of', async () => {
  const { bench: given, log } = bench({ contenders: ['b'] });
  const b: Contender = {
    ...runner('b', log, async () => 7),
    start: async () => ({ version: 'b 1.2', run: async () => ({ durationMs: 7 }), stop: async () => {} }),
  };
  const report = await runRace(race([runner('a', log, async () => 1), b]), given);
  expect(report).toMatchObject({ subject: 'b', skipped: [] });
  expect(report.rows.map(({ about }) => about)).toEqual(['b; b 1.2']);
});

test('judges what the race asks of its subject', async () => {
  const { bench: given, log } = bench();
  const bounds: Race['bounds'] = ({ rows }) => [{ name: 'rows', value: rows.length, least: 2 }];
  const contenders = [runner('a', log, async () => 1), runner('b', log, async () => 1)];
  const report = await runRace({ ...race(contenders), bounds }, given);
  expect(report.bounds).toEqual([{ name: 'rows', value: 2, least: 2 }]);
  const { bench: withoutIt } = bench({ contenders: ['b'] });
  expect((await runRace({ ...race(contenders), bounds }, withoutIt)).bounds).toEqual([]);
});

test('names a contender that this machine lacks, and races the others', async () => {
  const { bench: given, log } = bench();
  const missing: Contender = {
    name: 'c',
    about: 'c',
    start: async () => ({ missing: 'c is not installed' }),
  };
  const report = await runRace(race([missing, runner('b', log, async () => 7)]), given);
  expect(report.skipped).toEqual([{ name: 'c', reason: 'c is not installed' }]);
  expect(report.rows.map(({ name }) => name)).toEqual(['b']);
});

test('drops a contender that fails, with its earlier rounds, and goes on', async () => {
  const { bench: given, log } = bench();
  const runs = { a: 0 };
  const a = runner('a', log, async () => {
    if ((runs.a += 1) === 3) throw new Error('9 of 10');
    return 1;
  });
  const report = await runRace(race([a, runner('b', log, async () => 7)]), given);
  expect(report.skipped).toEqual([{ name: 'a', reason: 'failed: 9 of 10' }]);
  expect(report.rows.map(({ name }) => name)).toEqual(['b']);
  expect(log).toContain('a stops');
});

test('stops between two runs when it is interrupted, and leaves nothing running', async () => {
  const interrupt = new AbortController();
  const { bench: given, log } = bench({ signal: interrupt.signal });
  const a = runner('a', log, async () => {
    interrupt.abort(new Error('interrupted'));
    return 1;
  });
  await expect(runRace(race([a, runner('b', log, async () => 7)]), given)).rejects.toThrow('interrupted');
  expect(log).toEqual(['a', 'a stops', 'b stops', 'target stops']);
});

test('goes on without a contender that cannot start', async () => {
  const { bench: given } = bench();
  const broken: Contender = { name: 'd', about: 'd', start: () => Promise.reject(new Error('port taken')) };
  const report = await runRace(race([broken]), given);
  expect(report.skipped).toEqual([{ name: 'd', reason: 'port taken' }]);
});
