import { expect, test } from '@jest/globals';
import { fetchByAgent } from '../../../bench/contenders/undici-agent.ts';
import { listenRefuser, loadOf } from '../../support/bench-load.ts';
import { listenResponder } from '../../support/responder.ts';

test('fetches the whole load', async () => {
  await expect(fetchByAgent(loadOf(await listenResponder()))).resolves.toBeUndefined();
});

test('goes on past what fails, and says how much that was', async () => {
  await expect(fetchByAgent(loadOf(await listenRefuser()))).rejects.toThrow(/^1 of 25 URLs \(Error\) in \d/);
});

test('gives up on a host that does not answer', async () => {
  const dead = await listenResponder({ delayMs: 20, deadKeepAlive: true });
  await expect(fetchByAgent({ ...loadOf(dead), count: 12, concurrency: 3 }, 500)).rejects.toThrow(
    /^\d+ of 12 URLs \(HeadersTimeoutError\)/,
  );
});
