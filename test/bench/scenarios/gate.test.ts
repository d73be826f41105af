import { expect, test } from '@jest/globals';
import type { Row } from '../../../bench/scenario.ts';
import { gateBounds } from '../../../bench/scenarios/gate.ts';
import { holds } from '../../../bench/trial.ts';
import { reportOf, rowOf } from '../../support/bench-report.ts';

const verdicts = (...rows: readonly Row[]): boolean[] => gateBounds(reportOf(...rows)).map(holds);

test('lets pass what is as before, and what is somewhat slower', () => {
  const bare = rowOf('undici-request', 100);
  expect(verdicts(rowOf('fetchfleet', 80), rowOf('engine', 140), bare)).toEqual([true, true, true]);
  expect(verdicts(rowOf('fetchfleet', 50), rowOf('engine', 90), bare)).toEqual([true, true, true]);
});

test('fails a collapse: less than half of before in every round', () => {
  const bare = rowOf('undici-request', 100);
  expect(verdicts(rowOf('fetchfleet', 39), rowOf('engine', 140), bare)).toEqual([false, true, true]);
  expect(verdicts(rowOf('fetchfleet', 39, 80, 39), rowOf('engine', 140), bare)).toEqual([true, true, true]);
});

test('fails where one of them did not take part: nothing was looked at', () => {
  expect(verdicts(rowOf('fetchfleet', 80), rowOf('engine', 140))).toEqual([false, false, true]);
  expect(verdicts(rowOf('engine', 140), rowOf('undici-request', 100))).toEqual([false, true, true]);
});
