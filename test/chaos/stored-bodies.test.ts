import { expect, test } from '@jest/globals';
import type { Account } from '../../chaos/audit.ts';
import { withStoredBodies } from '../../chaos/stored-bodies.ts';

const account: Account = {
  accepted: { id: 'bat_a', name: 'a', total: 3 },
  status: 'completed',
  counts: {},
  results: [
    { index: 0, outcome: 'succeeded', body: { json: { n: 7 } } },
    { index: 1, outcome: 'succeeded', body: { href: '/there' } },
    { index: 2, outcome: 'succeeded', body: { href: '/gone' } },
    { index: 3, outcome: 'failed' },
  ],
};

test('puts stored bodies into their results, and leaves out those that are gone', async () => {
  const asked: string[] = [];
  const call = async (method: string, path: string): Promise<{ status: number; text: string }> => {
    asked.push(`${method} ${path}`);
    return path === '/there' ? { status: 200, text: '{"n":8}' } : { status: 404, text: '{"code":"gone"}' };
  };
  const { results, ...others } = await withStoredBodies({ call }, account);
  expect(results).toEqual([
    { index: 0, outcome: 'succeeded', body: { json: { n: 7 } } },
    { index: 1, outcome: 'succeeded', body: { json: { n: 8 } } },
    { index: 2, outcome: 'succeeded', body: undefined },
    { index: 3, outcome: 'failed' },
  ]);
  expect(asked).toEqual(['GET /there', 'GET /gone']);
  expect({ ...others, results: account.results }).toEqual(account);
});
