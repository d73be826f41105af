// Follows batches to their end through whatever happens: submits, polls, and reads what the auditor needs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch } from '../bench/api-client.ts';
import type { CountingTarget } from '../bench/counting-target.ts';
import { hostOf, type Accepted, type Account, type StoredResult } from './audit.ts';
import { areRight, finalCount } from './counts.ts';
import type { PatientClient, Sent } from './patient-client.ts';

/** A batch that is wanted; no two have the same name. `more` is what its submission says beside its URLs. */
export type Order = { readonly name: string; readonly total: number; readonly more?: object };

export type Where = { readonly target: Pick<CountingTarget, 'origin'> };

/** Submits a batch, once, however often the API has to be asked. */
export const submit = async (client: PatientClient, where: Where, order: Order): Promise<Accepted> => {
  const { status, text } = await client.call('POST', '/v1/batches', submissionOf(where, order));
  if (status !== 202) throw new Error(`a batch was answered ${status}: ${text.slice(0, 500)}`);
  const { name, total } = order;
  return { id: (JSON.parse(text) as Batch).id, name, total };
};

/** The same for the same order, its key included. */
export const submissionOf = (where: Where, { name, total, more = {} }: Order): Sent => ({
  json: { urls: urlsOf(where, { name, total }), ...more },
  headers: { 'idempotency-key': `chaos-${name}` },
});

/** All of them, or those from `first` on. */
export const urlsOf = ({ target }: Where, { name, total }: Order, first = 0): readonly string[] =>
  Array.from({ length: total - first }, (_, at) => {
    const index = first + at;
    return `${target.origin(hostOf(name, index))}/${index}`;
  });

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
    if (batch === undefined || !areRight(batch.counts, last.get(id)?.counts, total)) state.wrongPolls += 1;
    if (batch !== undefined) last.set(id, batch);
  };
  const isOpen = ({ id }: Accepted): boolean => (last.get(id)?.endedAt ?? null) === null;
  const pollAll = async (): Promise<Watch> => {
    for (let open = accepted; open.length > 0; open = open.filter(isOpen)) {
      if (performance.now() > deadline) {
        const seen = open.slice(0, 3).map(({ id }) => JSON.stringify(last.get(id)?.counts));
        throw new Error(
          `${open.length} of ${accepted.length} batches did not end within ${withinMs} ms: ${seen.join(', ')}`,
        );
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
    done: () =>
      sum([...last.values()].map(({ counts }) => finalCount(counts))) /
      sum(accepted.map(({ total }) => total)),
    ended,
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** All that the auditor wants to know of these batches. */
export const readAccounts = async (
  client: PatientClient,
  accepted: readonly Accepted[],
): Promise<readonly Account[]> => {
  const accounts: Account[] = [];
  for (const each of accepted) {
    const path = `/v1/batches/${each.id}`;
    const { status, counts } = JSON.parse(await read(client, path)) as Batch;
    const lines = await read(
      client,
      `${path}/results?fields=index,outcome,body,failure`,
      'application/x-ndjson',
    );
    const results = lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StoredResult);
    accounts.push({ accepted: each, status, counts, results });
  }
  return accounts;
};

/** Ids of all batches that there are, the newest first. */
export const listBatches = async (client: PatientClient): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let after = ''; ;) {
    const page = JSON.parse(await read(client, `/v1/batches?limit=100${after}`)) as BatchPage;
    ids.push(...page.batches.map(({ id }) => id));
    if (page.next === null) return ids;
    after = `&after=${page.next}`;
  }
};

type BatchPage = { readonly batches: readonly Batch[]; readonly next: string | null };

const read = async (client: PatientClient, path: string, accept = 'application/json'): Promise<string> => {
  const { status, text } = await client.call('GET', path, { headers: { accept } });
  if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${text.slice(0, 500)}`);
  return text;
};
