// Follows batches to their end through whatever happens: polls, submits, and reads what the auditor needs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch } from '../bench/api-client.ts';
import { hostOf, type Accepted, type Account, type StoredResult } from './audit.ts';
import type { PatientClient } from './patient-client.ts';
import type { Stage } from './stage.ts';

/** Submits a batch, once, however often the API has to be asked. */
export const submit = async (
  client: PatientClient,
  { target }: Pick<Stage, 'target'>,
  { name, total, more = {} }: { readonly name: string; readonly total: number; readonly more?: object },
): Promise<Accepted> => {
  const urls = Array.from({ length: total }, (_, index) => `${target.origin(hostOf(name, index))}/${index}`);
  const { status, text } = await client.call('POST', '/v1/batches', {
    json: { urls, ...more },
    headers: { 'idempotency-key': `chaos-${name}` },
  });
  if (status !== 202) throw new Error(`a batch was answered ${status}: ${text.slice(0, 500)}`);
  return { id: (JSON.parse(text) as Batch).id, name, total };
};

/** What was seen on the way to the end. */
export type Watch = { readonly polls: number; readonly wrongPolls: number };

export type Watching = {
  /** Share of the requests that have a result, as last seen. */
  done(): number;
  /** Resolves when all batches have ended; rejects after `withinMs`, saying what was seen last. */
  readonly ended: Promise<Watch>;
};

const pollMs = 100;

/** Polls all batches until the last of them has ended, and judges the counts of every answer. */
export const watch = (
  client: PatientClient,
  accepted: readonly Accepted[],
  { withinMs }: { readonly withinMs: number },
): Watching => {
  const last = new Map<string, Batch>();
  const state = { polls: 0, wrongPolls: 0 };
  const deadline = performance.now() + withinMs;
  const poll = async ({ id, total }: Accepted): Promise<void> => {
    const { status, text } = await client.call('GET', `/v1/batches/${id}`);
    const batch = status === 200 ? (JSON.parse(text) as Batch) : undefined;
    state.polls += 1;
    if (batch === undefined || !isRight(batch, last.get(id), total)) state.wrongPolls += 1;
    if (batch !== undefined) last.set(id, batch);
  };
  const isOpen = ({ id }: Accepted): boolean => (last.get(id)?.endedAt ?? undefined) === undefined;
  const pollAll = async (): Promise<Watch> => {
    for (let open = accepted; open.length > 0; open = open.filter(isOpen)) {
      if (performance.now() > deadline) {
        const seen = open.slice(0, 3).map(({ id }) => JSON.stringify(last.get(id)?.counts));
        throw new Error(`${open.length} batches did not end within ${withinMs} ms: ${seen.join(', ')}`);
      }
      for (const each of open) await poll(each);
      await sleep(pollMs);
    }
    return state;
  };
  const ended = pollAll();
  // A story that fails on the way no longer waits for it.
  ended.catch(() => {});
  return {
    done: () => doneOf([...last.values()]) / accepted.reduce((sum, { total }) => sum + total, 0),
    ended,
  };
};

const finals = ['succeeded', 'failed', 'cancelled', 'expired'] as const;

const doneOf = (batches: readonly Batch[]): number =>
  batches.reduce((sum, { counts }) => sum + finals.reduce((part, name) => part + (counts[name] ?? 0), 0), 0);

/** Counts sum to the total, none is below zero, and what is final stays so. */
const isRight = ({ counts }: Batch, before: Batch | undefined, total: number): boolean => {
  const { total: said, ...parts } = counts;
  const values = Object.values(parts);
  return (
    said === total &&
    values.every((count) => count >= 0) &&
    values.reduce((sum, count) => sum + count, 0) === total &&
    finals.every((name) => (counts[name] ?? 0) >= (before?.counts[name] ?? 0))
  );
};

/** All that the auditor wants to know of these batches. */
export const readAccounts = async (
  client: PatientClient,
  accepted: readonly Accepted[],
): Promise<readonly Account[]> => {
  const accounts: Account[] = [];
  for (const each of accepted) {
    const batch = JSON.parse((await client.call('GET', `/v1/batches/${each.id}`)).text) as Batch;
    const { text } = await client.call('GET', `/v1/batches/${each.id}/results?fields=index,outcome,body`, {
      headers: { accept: 'application/x-ndjson' },
    });
    const results = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StoredResult);
    accounts.push({ accepted: each, status: batch.status, counts: batch.counts, results });
  }
  return accounts;
};
