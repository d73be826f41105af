// Reads the bodies that are not in the results themselves, so that the auditor can judge them like the others.
import { inParallel } from '../bench/in-parallel.ts';
import type { Account, StoredResult } from './audit.ts';
import type { PatientClient } from './patient-client.ts';

const atOnce = 16;

/** The account with every body in it; one that cannot be read is left out. */
export const withStoredBodies = async (
  client: Pick<PatientClient, 'call'>,
  account: Account,
): Promise<Account> => {
  const results: StoredResult[] = [...account.results];
  await inParallel(results.length, atOnce, async (at) => {
    const result = results[at];
    const href = result?.body?.href;
    if (result === undefined || href === undefined) return;
    const { status, text } = await client.call('GET', href);
    results[at] = { ...result, body: status === 200 ? { json: JSON.parse(text) as unknown } : undefined };
  });
  return { ...account, results };
};
