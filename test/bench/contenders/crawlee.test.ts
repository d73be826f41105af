import { expect, test } from '@jest/globals';
import type { Load } from '../../../bench/contender.ts';
import { crawlee, crawleeIn, installCrawlee } from '../../../bench/contenders/crawlee.ts';
import { listenRefuser, loadOf } from '../../support/bench-load.ts';
import { listenResponder } from '../../support/responder.ts';

const ground = { redisUrl: '', directory: '', concurrency: 4 };
const { signal } = new AbortController();

/** With more time than our own loops get: others take longer to begin. */
const patient = async (origin: Promise<string>): Promise<Load> => ({
  ...loadOf(await origin),
  timeoutMs: 25_000,
});

test('is missing where it is not installed, and says how to install it', async () => {
  await expect(crawleeIn('/nowhere').start(ground)).resolves.toEqual({
    missing: `it is not installed: ${installCrawlee}`,
  });
});

test('fetches the whole load, and fails where a single answer is not 200, if it is installed', async () => {
  const running = await crawlee.start(ground);
  if ('missing' in running) {
    expect(running.missing).toContain('not installed');
    return;
  }
  try {
    expect(running.version).toMatch(/^crawlee 3\./);
    const run = await running.run(await patient(listenResponder()), signal);
    expect(run.durationMs).toBeGreaterThan(0);
    await expect(running.run(await patient(listenRefuser()), signal)).rejects.toThrow('24 of 25 fetched');
  } finally {
    await running.stop();
  }
}, 60_000);
