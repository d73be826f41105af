import { expect, test } from '@jest/globals';
import { pause, pauseUntil } from '../../bench/pause.ts';

const { signal } = new AbortController();

test('waits until it is true', async () => {
  const asked = { times: 0 };
  const condition = async (): Promise<boolean> => (asked.times += 1) === 3;
  await pauseUntil('three', condition, { timeoutMs: 5000, signal });
  expect(asked.times).toBe(3);
});

test('says what it has waited for in vain', async () => {
  await expect(pauseUntil('rain', async () => false, { timeoutMs: 30, signal })).rejects.toThrow(
    'waited 30 ms for rain',
  );
});

test('does not wait on when it is interrupted', async () => {
  await expect(pause(60_000, AbortSignal.abort())).rejects.toThrow('aborted');
  const never = pauseUntil('rain', async () => false, { timeoutMs: 60_000, signal: AbortSignal.timeout(30) });
  await expect(never).rejects.toThrow('aborted');
});
