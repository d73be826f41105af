import { expect, test } from '@jest/globals';
import type { Sighting } from '../../bench/sighting.ts';
import type { Account } from '../../chaos/audit.ts';
import { untold } from '../../chaos/told.ts';

const account = (name: string): Account => ({
  accepted: { id: `bat_${name}`, name, total: 1 },
  status: 'completed',
  counts: {},
  results: [],
});

const sighting = (host: string): Sighting => ({
  host,
  path: 0,
  arrivedMs: 0,
  leftMs: 1,
  inFlight: 1,
  ending: 'answered',
});

test('knows those that were to be told of, and whose host has seen nothing', () => {
  const accounts = ['told-1', 'told-2', 'open-3'].map(account);
  expect(untold(accounts, ['told-1', 'told-2-0'].map(sighting))).toEqual(['told-2']);
});
