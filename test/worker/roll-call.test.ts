import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { WorkerRoll } from '../../shared/worker-roll.ts';
import { createRollCall } from '../../worker/roll-call.ts';
import { waitFor } from '../support/wait-for.ts';

const logger = pino({ level: 'silent' });

/** A roll that says what a test wants, and keeps what it was asked. */
const fakeRoll = (
  answers: Awaited<ReturnType<WorkerRoll['sign']>>[],
): { roll: WorkerRoll; asked: string[] } => {
  const asked: string[] = [];
  const roll: WorkerRoll = {
    async sign(worker) {
      asked.push(`sign ${worker}`);
      return answers.shift() ?? { isNew: false, dead: [] };
    },
    async takeOver(worker) {
      asked.push(`take over ${worker}`);
      return [];
    },
    async leave(worker) {
      asked.push(`leave ${worker}`);
    },
  };
  return { roll, asked };
};

test('takes over from every worker that died, from the start on', async () => {
  const { roll, asked } = fakeRoll([
    { isNew: true, dead: ['a', 'b'] },
    { isNew: false, dead: ['c'] },
  ]);
  const call = createRollCall({ roll, worker: 'me', logger, source: { async findLost() {} } });
  await call.start();
  expect(asked).toEqual(['sign me', 'take over a', 'take over b']);
  await waitFor(() => asked.includes('take over c'));
  await call.stop();
  expect(asked.at(-1)).toBe('leave me');
  expect(asked.filter((one) => one.startsWith('take'))).toHaveLength(3);
});

test('looks for lost slices when it was struck off, not otherwise', async () => {
  const { roll, asked } = fakeRoll([
    { isNew: false, dead: [] },
    { isNew: true, dead: [] },
    { isNew: false, dead: [] },
  ]);
  const findLost = async (): Promise<void> => void asked.push('find lost');
  const call = createRollCall({ roll, worker: 'me', logger, source: { findLost } });
  await call.start();
  await waitFor(() => asked.filter((one) => one === 'sign me').length >= 3);
  await call.stop();
  expect(asked.filter((one) => one !== 'leave me').slice(0, 4)).toEqual([
    'sign me',
    'sign me',
    'find lost',
    'sign me',
  ]);
});
