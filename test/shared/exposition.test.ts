import { expect, test } from '@jest/globals';
import { byLabel, gauge, writeExposition } from '../../shared/exposition.ts';

test('writes metrics as Prometheus reads them', () => {
  const text = writeExposition([
    gauge('up', 'Is it?', 1),
    {
      name: 'calls_total',
      type: 'counter',
      help: 'a\\b\nc',
      samples: [
        { labels: { path: '"\\\n', method: 'GET' }, value: 1.5 },
        ...byLabel('method', [
          ['PUT', 0],
          ['é', Infinity],
        ]),
        { value: -Infinity },
        { value: Number.NaN },
      ],
    },
  ]);
  expect(text.split('\n')).toEqual([
    '# HELP up Is it?',
    '# TYPE up gauge',
    'up 1',
    String.raw`# HELP calls_total a\\b\nc`,
    '# TYPE calls_total counter',
    String.raw`calls_total{path="\"\\\n",method="GET"} 1.5`,
    'calls_total{method="PUT"} 0',
    'calls_total{method="é"} +Inf',
    'calls_total -Inf',
    'calls_total NaN',
    '',
  ]);
});

test('says of a metric without figures what it would be', () => {
  expect(writeExposition([{ name: 'x', type: 'gauge', help: 'y', samples: [] }])).toBe(
    '# HELP x y\n# TYPE x gauge\n',
  );
});
