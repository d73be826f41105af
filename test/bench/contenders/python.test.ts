import { expect, test } from '@jest/globals';
import type { Load } from '../../../bench/contender.ts';
import { aiohttp, pythonPeer, scrapy, threads } from '../../../bench/contenders/python.ts';
import { listenRefuser, loadOf } from '../../support/bench-load.ts';
import { listenResponder } from '../../support/responder.ts';

const ground = { redisUrl: '', directory: '', concurrency: 4 };
const { signal } = new AbortController();

/** With more time than our own loops get: others take longer to begin. */
const patient = async (origin: Promise<string>): Promise<Load> => ({
  ...loadOf(await origin),
  timeoutMs: 25_000,
});

/** A machine need not have the packages; then it must say so. */
test.each([
  ['threads', threads],
  ['aiohttp', aiohttp],
  ['scrapy', scrapy],
])(
  '%s fetches the whole load, fails where a single answer is not 200, or is named as missing',
  async (_, peer) => {
    const running = await peer.start(ground);
    if ('missing' in running) {
      expect(running.missing).toMatch(/: install python3-\w+$/);
      return;
    }
    try {
      expect(running.version).toMatch(/^\w+ [\d.]+, Python [\d.]+$/);
      const run = await running.run(await patient(listenResponder()), signal);
      expect(run.durationMs).toBeGreaterThan(0);
      expect(run.cpuSeconds).toBeGreaterThan(0);
      await expect(running.run(await patient(listenRefuser()), signal)).rejects.toThrow(
        /status 503|24 of 25/,
      );
    } finally {
      await running.stop();
    }
  },
  60_000,
);

test('is missing where there is no Python, and says what to install', async () => {
  const peer = { name: 'a', about: '', script: 'threads.py', debianPackage: 'python3-requests' };
  await expect(pythonPeer(peer, { searchPath: '/nowhere' }).start(ground)).resolves.toEqual({
    missing: 'no python3 on the PATH: install python3-requests',
  });
});
