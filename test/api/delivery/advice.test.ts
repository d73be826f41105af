import { expect, test } from '@jest/globals';
import { advise, type AdviceCode } from '../../../api/delivery/advice.ts';
import type { Figures, HostFigures } from '../../../api/delivery/figures.ts';
import { phases, type Phase } from '../../../api/delivery/tally.ts';
import { failureCodes, type FailureCode } from '../../../shared/failure.ts';

/** Of a hundred seconds, so many in each phase. */
const timeOf = (seconds: Partial<Record<Phase, number>>): Figures['time'] =>
  Object.fromEntries(
    phases.map((phase) => {
      const each = seconds[phase] ?? 0;
      return [phase, { sumMs: each * 1000, share: each / 100, p50: 0, p95: 0, p99: 0 }];
    }),
  ) as Figures['time'];

const host = (name: string, results: number, p50 = 10): HostFigures => ({
  host: name,
  results,
  failed: 0,
  reused: 0,
  totalMs: { p50, p95: p50, p99: p50 },
});

const quiet: Figures = {
  batch: 'bat_x',
  status: 'completed',
  results: { stored: 1000, read: 1000 },
  time: timeOf({ firstByte: 20, line: 20, body: 20, other: 20, connect: 20 }),
  hosts: [host('https://a', 400), host('https://b', 300), host('https://c', 300)],
  failures: [],
  connections: { reused: 900, fresh: 100 },
  throttled: 0,
};

const failure = (code: FailureCode, count: number): Figures['failures'][number] => ({
  code,
  count,
  example: { index: 7, url: 'https://a/', message: '' },
});

const cases: readonly [AdviceCode, Partial<Figures>, RegExp][] = [
  [
    'failures',
    { failures: [failure('timed_out', 20)] },
    /^2 % of the results are timed_out, such as 7: .*timeoutMs/,
  ],
  ['throttled', { throttled: 3 }, /^hosts turned 3 attempts away.*perHost\.rate/],
  ['retries', { time: timeOf({ retries: 40 }) }, /^40 % of the time went into attempts/],
  ['line', { time: timeOf({ line: 90 }) }, /^90 % of the time was spent waiting in line: more workers/],
  [
    'line',
    { time: timeOf({ line: 90 }), hosts: [host('https://a', 900)] },
    /nearly all for https:\/\/a: its limits/,
  ],
  ['dns', { time: timeOf({ dns: 31 }) }, /FETCHFLEET_DNS_SERVERS/],
  [
    'connections',
    { time: timeOf({ connect: 20, tls: 20 }), connections: { reused: 10, fresh: 90 } },
    /^40 % of the time went into new connections, since 90 % .*"reuse"/,
  ],
  ['firstByte', { time: timeOf({ firstByte: 60 }) }, /^60 % of the time the hosts took/],
  ['body', { time: timeOf({ body: 50 }) }, /receiving bodies/],
  [
    'slowHost',
    { hosts: [host('https://a', 500), host('https://b', 300), host('https://slow', 200, 900)] },
    /^https:\/\/slow took 900 ms for half of its answers, other hosts 10 ms; it had 20 %/,
  ],
];

test.each(cases)('finds %s, and nothing else (%#)', (code, figures, text) => {
  const advice = advise({ ...quiet, ...figures });
  expect(advice.map((each) => each.code)).toEqual([code]);
  expect(advice[0]?.text).toMatch(text);
});

test.each<[string, Partial<Figures>]>([
  ['a batch like others', {}],
  ['a batch of which nothing was read', { results: { stored: 0, read: 0 }, throttled: 5 }],
  ['a failure in a thousand', { failures: [failure('timed_out', 1)] }],
  [
    'a share of next to nothing',
    { time: { ...quiet.time, dns: { sumMs: 900, share: 0.9, p50: 0, p95: 0, p99: 0 } } },
  ],
  ['new connections among many reused', { time: timeOf({ connect: 50 }) }],
  ['a slow host among two', { hosts: [host('https://a', 500), host('https://slow', 500, 900)] }],
  ['a host that is five times as slow, and fast', { hosts: [...quiet.hosts, host('https://d', 50, 90)] }],
])('has no word for %s', (_, figures) => {
  expect(advise({ ...quiet, ...figures })).toEqual([]);
});

test.each(failureCodes)('knows what to do about %s', (code) => {
  const [first] = advise({ ...quiet, failures: [failure(code, 1000)] });
  expect(first?.text).toMatch(new RegExp(`^100 % of the results are ${code}, such as 7: \\w`));
});
