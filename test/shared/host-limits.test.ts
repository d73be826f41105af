import { expect, test } from '@jest/globals';
import { hostLimitsSchema } from '../../shared/host-limits.ts';

test.each([
  {},
  { concurrency: 1 },
  { concurrency: 10_000 },
  { rate: { requests: 1, periodMs: 1 } },
  { concurrency: 8, rate: { requests: 1_000_000, periodMs: 86_400_000 } },
])('takes %j', (limits) => expect(hostLimitsSchema.parse(limits)).toEqual(limits));

test.each([
  { concurrency: 0 },
  { concurrency: 10_001 },
  { concurrency: 1.5 },
  { rate: { requests: 5 } },
  { rate: { requests: 0, periodMs: 1000 } },
  { rate: { requests: 1_000_001, periodMs: 1000 } },
  { rate: { requests: 1, periodMs: 86_400_001 } },
  { rate: { requests: 1, periodMs: 1000, burst: 2 } },
  { delayMs: 5 },
])('refuses %j', (limits) => expect(hostLimitsSchema.safeParse(limits).success).toBe(false));
