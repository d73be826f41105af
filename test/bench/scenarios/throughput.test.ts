import { expect, test } from '@jest/globals';
import { throughputBounds } from '../../../bench/scenarios/throughput.ts';
import { holds } from '../../../bench/trial.ts';
import { reportOf, rowOf } from '../../support/bench-report.ts';

test.each([
  [120, true],
  [119, false],
])('wants %d of us where the bare loop does 100: %s', (perSecond, expected) => {
  const report = reportOf(rowOf('fetchfleet', perSecond), rowOf('undici-request', 100));
  const [bound] = throughputBounds(report);
  expect(bound?.name).toBe('speed by that of undici-request');
  expect(bound === undefined ? undefined : holds(bound)).toBe(expected);
});

test('asks nothing of peers that were not there, but that the subject does not fail', () => {
  const bounds = throughputBounds(reportOf(rowOf('fetchfleet', 1)));
  expect(bounds.map(({ name }) => name)).toEqual(['failures of fetchfleet']);
});
