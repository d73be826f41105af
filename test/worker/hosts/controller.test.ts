import { describe, expect, test } from '@jest/globals';
import type { HostWindow } from '../../../shared/permit-store.ts';
import { judge, type Bounds, type Decision, type HostState } from '../../../worker/hosts/controller.ts';

const bounds: Bounds = { start: 128, most: 256, explores: true };

const quick: HostWindow = {
  successes: 1000,
  overloads: 0,
  meanMs: 40,
  leastMs: 38,
  ms: 1000,
  wanted: 500,
  state: '',
};

/** Feeds windows one after the other, as workers would. */
const follow = (windows: readonly Partial<HostWindow>[], within = bounds): Decision | undefined => {
  let state = '';
  let decision: Decision | undefined;
  for (const window of windows) {
    decision = judge({ ...quick, ...window, state }, within);
    if (decision !== undefined) state = JSON.stringify(decision.state);
  }
  return decision;
};

const times = (count: number, window: Partial<HostWindow>): Partial<HostWindow>[] =>
  Array.from({ length: count }, () => window);

const failing: Partial<HostWindow> = { successes: 0, overloads: 10, meanMs: 0, leastMs: 0 };

test('a host that answers quickly soon gets more, up to the most it may have', () => {
  expect(follow([{}])?.state.limit).toBe(192);
  expect(follow([{}, {}])?.state.limit).toBe(256);
  expect(follow(times(20, {}))?.state.limit).toBe(256);
});

test.each(['overloads', 'slowness'])(
  'once a host was in trouble, by %s, its limit grows in smaller steps',
  (by) => {
    const trouble = by === 'overloads' ? { overloads: 100 } : { meanMs: 400 };
    const grown = [1, 2].map((windows) => follow([{}, trouble, ...times(windows, {})])?.state.limit);
    expect(grown).toEqual([134 + 13, 147 + 14]);
  },
);

test('what is slow while connections are opened is not taken for a slow host', () => {
  expect(follow([{ meanMs: 400 }])?.state).toMatchObject({ limit: 128, quickestMs: 38, why: '' });
  expect(follow([{ meanMs: 400 }, {}])?.state.limit).toBe(192);
  expect(follow([{ meanMs: 400 }, { meanMs: 400 }])?.state.limit).toBe(89);
});

test('a host of which no more is wanted than it gets is left as it is', () => {
  expect(follow([{ wanted: 100 }])).toBeUndefined();
});

test('overloads cut the limit, and growth is slow where they began', () => {
  const cut = follow([{ overloads: 100 }]);
  expect(cut?.state).toMatchObject({ limit: 89, ceiling: 128 });
  expect(cut?.state.why).toBe('100 of 1100 attempts were refused, lost or timed out');
  const grown = follow([{ overloads: 100 }, {}, {}, {}]);
  expect(grown?.state.limit).toBe(89 + 8 + 9 + 1);
});

test('a single failure among many successes is not the host being overloaded', () => {
  expect(follow([{ overloads: 5 }])?.state.limit).toBe(192);
});

test('says why a host has less than one that is not known, and only as long as it has', () => {
  const why = '100 of 1100 attempts were refused, lost or timed out';
  expect(follow([{ overloads: 100 }, {}])?.state).toMatchObject({ why });
  const recovered = follow([{ overloads: 100 }, ...times(60, {})])?.state;
  expect(recovered?.limit).toBeGreaterThanOrEqual(bounds.start);
  expect(recovered?.why).toBe('');
});

test('never falls below one request in flight, however much fails', () => {
  const windows = times(50, { overloads: 500, successes: 500 });
  expect(follow(windows)?.state.limit).toBe(1);
});

test('a host for which an operator set a limit is not asked for less only because it is slow', () => {
  const slow = { meanMs: 400 };
  expect(follow([{}, slow])?.state.limit).toBeLessThan(192);
  expect(follow([{}, slow], { ...bounds, explores: false })?.state.limit).toBeGreaterThan(192);
});

describe('the breaker', () => {
  test('opens when nothing but failures came, for longer each time a probe fails', () => {
    expect(follow([failing])).toMatchObject({ state: { limit: 89, opens: 0 } });
    expect(follow([failing, failing])).toMatchObject({ openMs: 1000, state: { opens: 1 } });
    const probe = { ...failing, overloads: 1 };
    expect(follow([failing, failing, probe])).toMatchObject({ openMs: 2000 });
    expect(follow([failing, failing, ...times(9, probe)])).toMatchObject({ openMs: 30_000 });
  });

  test('closes with the first success, and begins with few', () => {
    const decision = follow([failing, failing, { successes: 1 }]);
    expect(decision).toMatchObject({ state: { opens: 0, failures: 0, limit: 8 } });
    expect(decision?.openMs).toBeUndefined();
  });

  test('stays closed as long as something succeeds', () => {
    const decision = follow(times(10, { successes: 1, overloads: 50 }));
    expect(decision?.openMs).toBeUndefined();
  });
});

describe('a host that does less, the more is asked of it', () => {
  /** Answers per second and their time at `inFlight`: past the knee each takes longer than it gains. */
  const host = (knee: number, baseMs: number, inFlight: number) => {
    const meanMs = baseMs * Math.max(1, (inFlight / knee) ** 2);
    return { meanMs, successes: Math.round((inFlight / meanMs) * 1000) };
  };

  test.each([20, 40, 90])('is found to do best at about %i', (knee) => {
    let state: HostState | undefined;
    const seen: number[] = [];
    for (let i = 0; i < 60; i += 1) {
      const limit = state?.limit ?? bounds.start;
      const window = {
        ...quick,
        ...host(knee, 50, limit),
        leastMs: 50,
        state: state ? JSON.stringify(state) : '',
      };
      state = judge(window, bounds)?.state ?? state;
      if (i >= 20) seen.push(window.successes);
    }
    const mean = seen.reduce((sum, n) => sum + n, 0) / seen.length;
    expect(mean).toBeGreaterThan(0.75 * host(knee, 50, knee).successes);
  });
});

test('what another version wrote about a host is forgotten', () => {
  expect(judge({ ...quick, state: '{"limit":7}' }, bounds)?.state.limit).toBe(192);
});
