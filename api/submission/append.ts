// The story of an append: saved part by part beside its open batch, made part of it as a whole, put on the queue.
import { z } from 'zod';
import type { Append, AppendRefusal, AppendStore, Appended } from '../../shared/append-store.ts';
import { defaultPriority, type BatchRecord } from '../../shared/batch.ts';
import type { Capacity } from '../../shared/capacity.ts';
import type { Durability } from '../../shared/durability.ts';
import type { RequestDefaults, SliceOptions } from '../../shared/request.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { batchNotFound } from '../find-batch.ts';
import { ApiError } from '../problem.ts';
import { requireRoom } from './admission.ts';
import type { Entry } from './entry.ts';
import { toConflict } from './idempotency.ts';
import type { IncomingAppend } from './incoming-append.ts';
import { takeIn, type Destination } from './intake.ts';
import { notOnDisk, sliceBytes } from './submit.ts';

const amount = z.int().min(0);

export const appendViewSchema = z.object({
  accepted: amount.describe('Requests that were appended now.'),
  deduplicated: amount.describe('Those that had been appended before, and were left out.'),
  total: amount.describe('Requests that the batch has altogether: the `offset` to go on from.'),
});

export type AppendView = Readonly<z.output<typeof appendViewSchema>>;

export type Appends = {
  /** Resolves once they are accepted, as `Submissions.submit` does. */
  append(batch: BatchRecord, incoming: IncomingAppend): Promise<AppendView>;
  seal(batch: BatchRecord): Promise<BatchRecord>;
};

export type AppendDependencies = {
  readonly store: AppendStore;
  readonly dispatcher: Dispatcher;
  readonly durability: Durability;
  readonly capacity: Capacity;
  readonly sliceSize: number;
};

export const createAppends = ({
  store,
  dispatcher,
  durability,
  capacity,
  sliceSize,
}: AppendDependencies): Appends => {
  const settle = async (): Promise<void> => {
    if (!(await durability.settle())) throw notOnDisk();
  };
  return {
    async append(batch, incoming) {
      const append = await store.begin(batch.id);
      if (append.is !== 'begun') throw toProblem(append, batch);
      const source = { deduplicated: 0 };
      const outcome = await takeIn(
        unknownOf(incoming, { append, batch, source }),
        toDestination(append, incoming, () => requireRoom(capacity)),
        { size: sliceSize, bytes: sliceBytes, priority: batch.defaults.priority ?? defaultPriority },
      );
      if (outcome.is === 'known') {
        await settle();
        return { accepted: 0, deduplicated: outcome.count, total: append.total };
      }
      if (outcome.is !== 'appended') throw toProblem(outcome, batch);
      dispatcher.dispatch(outcome.batch);
      await settle();
      const { total } = outcome.batch.counts;
      return { accepted: total - append.total, deduplicated: source.deduplicated, total };
    },
    async seal(batch) {
      const outcome = await store.seal(batch.id);
      if (outcome.is !== 'done') throw toProblem(outcome, batch);
      if (outcome.batch.closedAs !== undefined) throw toProblem({ is: 'ended' }, outcome.batch);
      await settle();
      return outcome.batch;
    },
  };
};

type Under = {
  readonly append: Append;
  readonly batch: BatchRecord;
  /** Counts what is left out. */
  readonly source: { deduplicated: number };
};

/** Its requests, but for those that the batch has already, by the index of the first. */
const unknownOf = async function* (
  incoming: IncomingAppend,
  { append, batch, source }: Under,
): AsyncGenerator<readonly Entry[]> {
  const { offset = append.total } = incoming;
  if (offset > append.total) throw ahead(append.total);
  const known = append.total - offset;
  for await (const some of await incoming.read({ defaults: toDefaults(batch.defaults), before: offset })) {
    const left = Math.min(some.length, known - source.deduplicated);
    source.deduplicated += left;
    if (left < some.length) yield some.slice(left);
  }
};

const toDestination = (
  append: Append,
  incoming: IncomingAppend,
  hasRoom: () => Promise<void>,
): Destination<Appended, AppendRefusal> => {
  const commit = async (count: number, slices: number): Promise<Appended> => {
    const digest = await incoming.digest();
    const mark = incoming.key === undefined ? `body ${digest}` : `key ${incoming.key}`;
    const size = { count, slices: append.slices + slices };
    return await append.commit(size, incoming.offset === undefined ? { mark, digest } : undefined);
  };
  return {
    start: { index: append.total, slice: append.slices },
    async accept(slices) {
      const count = slices.reduce((sum, { length }) => sum + length, 0);
      const refusal = count === 0 ? undefined : await append.savePart({ firstSlice: append.slices, slices });
      return refusal ?? (await commit(count, slices.length));
    },
    begin: async () => undefined,
    admit: hasRoom,
    savePart: (part) => append.savePart(part),
    keep: () => append.keep(),
    seal: ({ total, slices }) => commit(total, slices),
    discard: () => append.drop(),
  };
};

/** What the defaults of the batch were written as, as far as its requests are judged by it. */
const toDefaults = (options: SliceOptions): RequestDefaults => {
  const { bytes, bytesType: _, ...defaults } = options;
  return bytes === undefined ? defaults : { ...defaults, bodyBase64: Buffer.from(bytes).toString('base64') };
};

const ahead = (total: number): ApiError =>
  new ApiError('append_ahead', `the batch has ${total} requests: go on from there`, { members: { total } });

const toProblem = ({ is }: AppendRefusal | { readonly is: 'reused' }, batch: BatchRecord): ApiError => {
  if (is === 'reused') return toConflict({ is });
  if (is === 'gone') return batchNotFound();
  if (is === 'busy') {
    return new ApiError('append_in_progress', 'another append to this batch is being taken in', {
      headers: { 'Retry-After': '1' },
    });
  }
  return notOpen(batch);
};

/** Why nothing can be appended to a batch that is not open. */
export const notOpen = ({ closedAs }: BatchRecord): ApiError =>
  closedAs === undefined
    ? new ApiError('batch_sealed', 'the batch is sealed: submit what is missing as a new one')
    : new ApiError('batch_closed', `the batch is ${closedAs}: submit what is missing as a new one`);
