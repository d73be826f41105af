import { expect, test } from '@jest/globals';
import { createRetryWait } from '../../worker/retry-wait.ts';

const never = new AbortController().signal;
const inAnHour = (): number => Date.now() + 3_600_000;

test('a time that has come is not waited for', async () => {
  expect(await createRetryWait(1, Date.now, never).until(Date.now())).toBe(true);
});

test('waits for a retry while another request of the slice is busy', async () => {
  const wait = createRetryWait(2, Date.now, never);
  const at = Date.now() + 20;
  expect(await wait.until(at)).toBe(true);
  expect(Date.now()).toBeGreaterThanOrEqual(at - 1);
});

test('gives up as soon as every request only waits', async () => {
  const wait = createRetryWait(3, Date.now, never);
  const first = wait.until(inAnHour());
  const second = wait.until(inAnHour());
  wait.leave();
  expect(await Promise.all([first, second])).toEqual([false, false]);
});

test('the only request of a slice does not wait', async () => {
  expect(await createRetryWait(1, Date.now, never).until(inAnHour())).toBe(false);
});

test('a retry that came due keeps the others waiting', async () => {
  const wait = createRetryWait(2, Date.now, never);
  const soon = wait.until(Date.now() + 20);
  wait.leave();
  expect(await soon).toBe(false);
});

test('gives up when the worker stops', async () => {
  const stopping = new AbortController();
  const wait = createRetryWait(2, Date.now, stopping.signal);
  const waiting = wait.until(inAnHour());
  stopping.abort();
  expect(await waiting).toBe(false);
  expect(await wait.until(inAnHour())).toBe(false);
});

test('ends every wait when told to', async () => {
  const wait = createRetryWait(3, Date.now, never);
  const waits = [wait.until(inAnHour()), wait.until(inAnHour())];
  wait.endAll();
  expect(await Promise.all(waits)).toEqual([false, false]);
});
