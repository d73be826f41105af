import { expect, test } from '@jest/globals';
import { createCallBudget } from '../../shared/call-budget.ts';
import { createKeys } from '../../shared/keys.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const keys = createKeys(prefix);
const [budget, other] = [createCallBudget(redis, keys), createCallBudget(redis, keys)];

test('has the calls of a minute, over all who ask, and then none', async () => {
  const left: number[] = [];
  for (const each of [budget, other, budget]) left.push((await each.spend('alice', 3)).left);
  expect(left).toEqual([2, 1, 0]);
  const none = await other.spend('alice', 3);
  expect(none.left).toBe(-1);
  // Three a minute: there is another after 20 s, less what this test has taken.
  expect(none.secondsUntilMore).toBeGreaterThan(10);
  expect(none.secondsUntilMore).toBeLessThanOrEqual(20);
});

test('a call that was not to be had costs nothing', async () => {
  await budget.spend('bob', 1);
  const before = await redis.get(keys.calls('bob'));
  await budget.spend('bob', 1);
  expect(await redis.get(keys.calls('bob'))).toBe(before);
});

test('every owner has a budget of its own', async () => {
  await budget.spend('carol', 1);
  expect((await budget.spend('carol', 1)).left).toBe(-1);
  expect((await budget.spend('dave', 1)).left).toBe(0);
});

test('fills again as time goes by, and is then forgotten', async () => {
  await budget.spend('erin', 1200);
  expect(await redis.pttl(keys.calls('erin'))).toBeLessThanOrEqual(51);
  await waitFor(async () => (await redis.exists(keys.calls('erin'))) === 0);
  expect((await budget.spend('erin', 1200)).left).toBe(1199);
});

test('goes on in order where the budget was changed meanwhile', async () => {
  for (let call = 0; call < 5; call += 1) await budget.spend('frank', 10);
  expect((await budget.spend('frank', 2)).left).toBe(0);
  expect((await budget.spend('frank', 1_000_000)).left).toBeGreaterThan(0);
});
