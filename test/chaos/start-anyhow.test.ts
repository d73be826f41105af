import { expect, test } from '@jest/globals';
import { startAnyhow } from '../../chaos/start-anyhow.ts';

const failing = (times: number): { start: () => Promise<string>; readonly started: number } => {
  const state = {
    started: 0,
    async start() {
      state.started += 1;
      if (state.started <= times) throw new Error(`start ${state.started} failed`);
      return 'up';
    },
  };
  return state;
};

test('starts once what starts', async () => {
  const service = failing(0);
  await startAnyhow(service.start);
  expect(service.started).toBe(1);
});

test('starts again what could not start', async () => {
  const service = failing(9);
  await startAnyhow(service.start);
  expect(service.started).toBe(10);
});

test('does not start for ever what never does', async () => {
  const service = failing(100);
  await expect(startAnyhow(service.start)).rejects.toThrow('start 10 failed');
});
