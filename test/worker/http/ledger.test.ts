import { expect, test } from '@jest/globals';
import { createEngine } from '../../support/engine.ts';
import { openTarget } from '../../support/target-server.ts';
import { Ledger } from '../../../worker/http/ledger.ts';

test('knows nothing but its beginning when nothing was asked', () => {
  const began = { startedAt: 1_700_000_000_000, beganAt: 1000 };
  const entry = new Ledger('http://a.example/', began).close(1002.25);
  expect(entry).toMatchObject({
    startedAt: 1_700_000_000_000,
    finalUrl: 'http://a.example/',
    redirects: [],
    connection: undefined,
  });
  expect(entry.timings).toMatchObject({
    dnsMs: 0,
    connectMs: 0,
    tlsMs: 0,
    ttfbMs: 0,
    bodyMs: 0,
    totalMs: 2.3,
  });
});

test('adds up the times of all hops, in tenths of a millisecond', async () => {
  const target = await openTarget({
    about: 'takes 30 ms a hop',
    onRequest: ({ after, reply }, { target: path }) =>
      after(30, () => (path === '/end' ? reply('ok') : reply('', ['location: /end'], '302 X'))),
  });
  const engine = createEngine();
  const { timings } = await engine.fetch(`${target.origin}/`);
  engine.connections.close();
  await target.close();
  expect(timings.ttfbMs).toBeGreaterThanOrEqual(59);
  expect(timings.totalMs).toBeGreaterThanOrEqual(timings.ttfbMs);
  expect(Object.values(timings).map((ms) => Math.round(ms * 10) / 10)).toEqual(Object.values(timings));
});
