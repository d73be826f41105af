import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { UnknownVersionError } from '../../shared/unknown-version.ts';
import { createNewerWork } from '../../worker/newer-work.ts';

test('tells of each kind of newer work once, and of nothing else', () => {
  const log: string[] = [];
  const isNewerWork = createNewerWork(pino({}, { write: (line: string) => void log.push(line) }));
  const errors = ['a slice', 'a slice', 'a job'].map((what) => new UnknownVersionError(what, 2));
  expect(errors.map(isNewerWork)).toEqual([true, true, true]);
  expect(isNewerWork(new Error('a bug'))).toBe(false);
  expect(log.map((line) => (JSON.parse(line) as { why: string }).why.split(' of ')[0])).toEqual([
    'a slice',
    'a job',
  ]);
});
