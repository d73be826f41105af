import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createDuty } from '../../worker/duty.ts';
import { waitFor } from '../support/wait-for.ts';

const logger = pino({ level: 'silent' });

test('runs again and again, also after a failure, until it is stopped', async () => {
  let rounds = 0;
  const duty = createDuty({
    name: 'test',
    everyMs: 1,
    logger,
    async round() {
      rounds++;
      if (rounds === 1) throw new Error('once');
    },
  });
  duty.start();
  await waitFor(() => rounds >= 3);
  await duty.stop();
  const stoppedAt = rounds;
  const until = Date.now() + 20;
  await waitFor(() => Date.now() > until);
  expect(rounds).toBe(stoppedAt);
});

test('stopping waits for the round under way', async () => {
  let finish = (): void => {};
  let isOver = false;
  let hasBegun = false;
  const duty = createDuty({
    name: 'test',
    everyMs: 1,
    logger,
    async round() {
      hasBegun = true;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      isOver = true;
    },
  });
  duty.start();
  await waitFor(() => hasBegun);
  const stopped = duty.stop().then(() => isOver);
  finish();
  expect(await stopped).toBe(true);
});
