import { expect, test } from '@jest/globals';
import { createSharedPages } from '../../../api/delivery/shared-pages.ts';
import type { ResultPage } from '../../../shared/result-pages.ts';
import { createStores, sealBatch } from '../../support/batches.ts';
import { testRedis } from '../../support/redis.ts';

const { redis, prefix } = testRedis();
const { batches } = createStores(redis, prefix);
const { id } = await sealBatch(batches, 1);
const seen = async (): Promise<NonNullable<Awaited<ReturnType<typeof batches.get>>>> => {
  const batch = await batches.get(id);
  if (batch === undefined) throw new Error('no batch');
  return batch;
};

/** Readings that a test answers. */
const byHand = (): { page: () => Promise<ResultPage>; answers: ((page: ResultPage | Error) => void)[] } => {
  const answers: ((page: ResultPage | Error) => void)[] = [];
  const page = (): Promise<ResultPage> =>
    new Promise((resolve, reject) => {
      answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  return { page, answers };
};

const empty: ResultPage = { excerpts: [], size: 0, next: 0, isLast: false, isGone: false };

test('one reading serves all who ask for the same page of the same record meanwhile', async () => {
  const { page, answers } = byHand();
  const pages = createSharedPages({ page });
  const batch = await seen();
  const asked = [pages(batch, 0, 200), pages(batch, 0, 200), pages(batch, 7, 200), pages(batch, 0, 10)];
  expect(answers).toHaveLength(3);
  answers.forEach((answer) => answer(empty));
  expect(await Promise.all(asked)).toEqual([empty, empty, empty, empty]);
});

test('who saw the batch later, or asks when that was read, is given a page of their own', async () => {
  const { page, answers } = byHand();
  const pages = createSharedPages({ page });
  const batch = await seen();
  const first = pages(batch, 0, 200);
  const later = pages(await seen(), 0, 200);
  expect(answers).toHaveLength(2);
  answers.forEach((answer) => answer(empty));
  await Promise.all([first, later]);
  const again = pages(batch, 0, 200);
  expect(answers).toHaveLength(3);
  answers[2]?.(empty);
  await again;
});

test('a reading that fails, fails for those who waited for it, and for nobody after', async () => {
  const { page, answers } = byHand();
  const pages = createSharedPages({ page });
  const batch = await seen();
  const both = Promise.allSettled([pages(batch, 0, 200), pages(batch, 0, 200)]);
  answers[0]?.(new Error('away'));
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = pages(batch, 0, 200);
  answers[1]?.(empty);
  expect(await next).toEqual(empty);
});

test('the last page of a batch that has ended is read once for all who saw the same end', async () => {
  const { page, answers } = byHand();
  const pages = createSharedPages({ page });
  const batch = await seen();
  const last = { ...empty, isLast: true };
  const first = pages(batch, 0, 200);
  answers[0]?.(last);
  expect(await first).toBe(last);
  expect(await pages(batch, 0, 200)).toBe(last);
  void pages(await seen(), 0, 200);
  expect(answers).toHaveLength(2);
});
