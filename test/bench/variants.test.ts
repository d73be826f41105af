import { expect, test } from '@jest/globals';
import { holds } from '../../bench/trial.ts';
import { judgeVariants } from '../../bench/variants.ts';
import { reportOf, rowOf } from '../support/bench-report.ts';

const variants = { what: 'permits', on: 'with', off: 'without', least: 0.9 };
const cpu = { cpuSeconds: [0.1, 0.1, 0.1] };

test.each([
  [90, true],
  [89, false],
])('minds what it costs to have something: %d of 100, %s', (perSecond, expected) => {
  const report = reportOf({ ...rowOf('with', perSecond), ...cpu }, { ...rowOf('without', 100), ...cpu });
  const { bounds, figures } = judgeVariants(report, variants);
  expect(bounds.map(holds)).toEqual([expected]);
  expect(figures).toContainEqual({ name: 'CPU of API and worker without', value: 100, unit: 'µs/URL' });
});

test('only tells it where nothing was promised', () => {
  const { least: _, ...told } = variants;
  const { bounds, figures } = judgeVariants(reportOf(rowOf('with', 50), rowOf('without', 100)), told);
  expect(bounds).toEqual([]);
  expect(figures[0]).toEqual({ name: 'throughput with permits, by that without', value: 0.5 });
});

test('says why there is nothing to compare', () => {
  const skipped = [{ name: 'with', reason: 'failed: 9 of 10' }];
  expect(() => judgeVariants({ ...reportOf(rowOf('without', 1)), skipped }, variants)).toThrow(
    'with: failed: 9 of 10',
  );
});
