// A client that brings every batch it wants to its end though the store may go back in time: what vanished it submits again
// under the same key, what is paused again it resumes again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch } from '../bench/api-client.ts';
import { inParallel } from '../bench/in-parallel.ts';
import type { Accepted } from './audit.ts';
import { areRight } from './counts.ts';
import { readAccounts, submissionOf, urlsOf, type Order, type Where } from './follow.ts';
import type { PatientClient } from './patient-client.ts';
import type { SteeredAccount } from './steered-audit.ts';
import { withStoredBodies } from './stored-bodies.ts';

export type Wish = Order & {
  /**
   * What is done to it once it is there: one that is paused is resumed later, after so many `looks`; to one with `append` the
   * latter half of its requests is appended, before it is sealed.
   */
  readonly steer: 'leave' | 'pause' | 'cancel' | 'append';
  readonly looks: number;
};

export type StubbornClient = {
  /** Submits it for the first time; resolves when it was answered, however. */
  want(wish: Wish): Promise<void>;
  /** Looks again at every wish whose batch is not among those that `ended`; returns how many it had taken for ended. */
  lookAgain(ended: ReadonlySet<string>): number;
  /** Names of wishes whose batch is not known to have ended. */
  open(): readonly string[];
  /** The batch of every wish, as it was accepted last. */
  accepted(): readonly (Accepted & Pick<Wish, 'steer'>)[];
  readonly seen: StubbornSeen;
  stop(): Promise<void>;
};

export type StubbornSeen = {
  readonly polls: number;
  readonly wrongPolls: number;
  /** Batches that had been accepted, and were not there later. */
  readonly vanished: number;
  /** Answers that nobody should get. */
  readonly refusals: readonly string[];
};

type Case = {
  readonly wish: Wish;
  id?: string | undefined;
  isEnded: boolean;
  isBusy: boolean;
  looks: number;
};

const roundMs = 200;
const lanes = 8;

export const createStubbornClient = (client: PatientClient, where: Where): StubbornClient => {
  const cases: Case[] = [];
  const seen = { polls: 0, wrongPolls: 0, vanished: 0, refusals: [] as string[] };
  const stopping = new AbortController();

  const refuse = (what: string, { status, text }: { status: number; text: string }): void => {
    seen.refusals.push(`${what}: ${status} ${text.slice(0, 300)}`);
  };
  const submit = async (each: Case): Promise<void> => {
    const answer = await client.call('POST', '/v1/batches', submissionOf(where, firstOrder(each.wish)));
    if (answer.status === 202) each.id = (JSON.parse(answer.text) as Batch).id;
    // The API that died with it, or lost sight of it, holds the key for a while.
    else if (!answer.text.includes('"idempotency_key_in_use"')) refuse('POST', answer);
    each.looks = 0;
  };
  const act = async (id: string, action: Action, { wish }: Case): Promise<void> => {
    const sent = action === 'requests' ? { json: { urls: urlsOf(where, wish, beginningOf(wish)) } } : {};
    const answer = await client.call('POST', `/v1/batches/${id}/${action}`, sent);
    // It may have ended, vanished or been resumed meanwhile; who appended before it may be taken for alive.
    if (![200, 202, 404, 409].includes(answer.status)) refuse(action, answer);
  };
  const look = async (each: Case, id: string): Promise<void> => {
    const answer = await client.call('GET', `/v1/batches/${id}`);
    seen.polls += 1;
    if (answer.status === 404) {
      seen.vanished += 1;
      each.id = undefined;
      return;
    }
    if (answer.status !== 200) return refuse('GET', answer);
    const batch = JSON.parse(answer.text) as Batch;
    if (!areRight(batch.counts, undefined, totalOf(each.wish, batch))) seen.wrongPolls += 1;
    each.isEnded = (batch.endedAt ?? undefined) !== undefined;
    each.looks += 1;
    const action = each.isEnded ? undefined : nextAction(each, batch);
    if (action !== undefined) await act(id, action, each);
  };
  const attend = async (each: Case): Promise<void> => {
    if (each.isBusy) return;
    each.isBusy = true;
    await (each.id === undefined ? submit(each) : look(each, each.id)).finally(() => {
      each.isBusy = false;
    });
  };
  const goRound = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const open = cases.filter(({ isEnded }) => !isEnded);
      await inParallel(open.length, lanes, async (at) => {
        const each = open[at];
        if (each !== undefined && !stopping.signal.aborted) await attend(each);
      });
      await sleep(roundMs);
    }
  };
  const rounds = goRound();
  rounds.catch(() => stopping.abort()); // told by `stop`

  return {
    async want(wish) {
      const each: Case = { wish, isEnded: false, isBusy: false, looks: 0 };
      cases.push(each);
      await attend(each);
    },
    lookAgain(ended) {
      const back = cases.filter(({ isEnded, id = '' }) => isEnded && !ended.has(id));
      for (const each of back) each.isEnded = false;
      return back.length;
    },
    open: () => cases.filter(({ isEnded }) => !isEnded).map(({ wish }) => wish.name),
    accepted: () => cases.map(({ id = '', wish: { name, total, steer } }) => ({ id, name, total, steer })),
    seen,
    async stop() {
      stopping.abort();
      await rounds;
    },
  };
};

type Action = 'pause' | 'resume' | 'cancel' | 'requests' | 'seal';

const nextAction = ({ wish, looks }: Case, { status, counts }: Batch): Action | undefined => {
  if (status === 'open') return counts['total'] === wish.total ? 'seal' : 'requests';
  if (status === 'paused') return looks > wish.looks ? 'resume' : undefined;
  if (wish.steer === 'leave' || wish.steer === 'append' || looks > 1) return undefined;
  return wish.steer;
};

const firstOrder = (wish: Wish): Order =>
  wish.steer === 'append' ? { ...wish, total: beginningOf(wish), more: { ...wish.more, open: true } } : wish;

/** How many requests it has before any are appended. */
const beginningOf = ({ total, steer }: Wish): number => (steer === 'append' ? Math.ceil(total / 2) : total);

/** What the counts must sum to: all, unless it is open and nothing was appended yet. */
const totalOf = (wish: Wish, { status, counts }: Batch): number =>
  status === 'open' && counts['total'] === beginningOf(wish) ? beginningOf(wish) : wish.total;

/** All that the auditor wants to know of what was accepted. */
export const readSteered = async (
  client: PatientClient,
  accepted: ReturnType<StubbornClient['accepted']>,
): Promise<readonly SteeredAccount[]> => {
  const toCancel = new Set(accepted.flatMap(({ id, steer }) => (steer === 'cancel' ? [id] : [])));
  const accounts: SteeredAccount[] = [];
  for (const account of await readAccounts(client, accepted)) {
    const whole = await withStoredBodies(client, account);
    accounts.push({ ...whole, mayBeCancelled: toCancel.has(account.accepted.id) });
  }
  return accounts;
};
