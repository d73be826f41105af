// What APIs, workers, users and duties do, told with the real stores.
import {
  createAppendStore,
  type Append,
  type Appended,
  type AppendMark,
  type AppendRefusal,
} from '../../shared/append-store.ts';
import { createBatchControl } from '../../shared/batch-control.ts';
import type { Acceptance } from '../../shared/batch-intake.ts';
import { createBatchStore, type BatchStore } from '../../shared/batch-store.ts';
import type { BatchId, NewBatch } from '../../shared/batch.ts';
import { failure } from '../../shared/failure.ts';
import { createIdempotencyStore, type IdempotencyClaim } from '../../shared/idempotency-store.ts';
import { createJobLocks } from '../../shared/job-locks.ts';
import { createLostSlices } from '../../shared/lost-slices.ts';
import { createOutbox } from '../../shared/outbox.ts';
import type { Redis } from '../../shared/redis.ts';
import type { SliceRequest } from '../../shared/request.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createRetiredBatches } from '../../shared/retired-batches.ts';
import { createResultStore } from '../../shared/result-store.ts';
import { createSliceStore } from '../../shared/slice-store.ts';
import { createSuspectStore } from '../../shared/suspect-store.ts';
import { createWorkerRoll } from '../../shared/worker-roll.ts';
import { failed, succeeded } from '../support/batches.ts';
import type { Act } from './actors.ts';
import { createLine, lockMs, type Held } from './line.ts';
import type { Step } from './step.ts';
import { createWire } from './wire.ts';
import type { Holding, World } from './world.ts';

export type Submission = {
  readonly batch: NewBatch;
  readonly slices: readonly (readonly SliceRequest[])[];
  readonly inParts: boolean;
  readonly claim: IdempotencyClaim | undefined;
  /** It asks first whether its key was used before. */
  readonly asks: boolean;
};

/** How a worker goes about a slice. */
export type Work = {
  readonly worker: string;
  /** How many it takes, one after the other. */
  readonly slices: number;
  /** A name of its own for its lock and in its results. */
  readonly nonce: string;
  /** For each request in turn: what comes of it. */
  readonly outcomes: readonly ('succeeded' | 'failed' | 'left')[];
  readonly perSegment: number;
  readonly alone: boolean;
  /** As a worker of an older version, which does not say of which generation its results are. */
  readonly isOld: boolean;
  /** It finds that its host has no room, and gives the slice back as it is. */
  readonly isCrowded: boolean;
  /** It says that it still has the slice before it begins. */
  readonly renews: boolean;
};

/** What is appended to an open batch. */
export type Addition = {
  /** How many requests are in each slice. */
  readonly counts: readonly number[];
  readonly mark: AppendMark | undefined;
  readonly keeps: boolean;
};

export type Stories = ReturnType<typeof createStories>;

export const patienceMs = 60_000;
const lookMs = 5000;

export const createStories = (redis: Redis, world: World) => {
  const { keys } = world;
  const cast = (perform: (step: Step) => Promise<unknown>) => {
    const wire = createWire(redis, perform);
    const batches = createBatchStore(wire, keys);
    const line = createLine(world, perform);
    const outbox = createOutbox(wire, keys, batches, line);
    const slices = createSliceStore(wire, keys, batches);
    return { wire, batches, line, outbox, slices, perform };
  };
  type Company = ReturnType<typeof cast>;
  const story =
    <Args extends readonly unknown[]>(tell: (company: Company, ...args: Args) => Promise<void>) =>
    (...args: Args): Act =>
    (perform) =>
      tell(cast(perform), ...args);

  const hear = (claim: IdempotencyClaim | undefined, id: BatchId): void => {
    if (claim === undefined) return;
    const name = `${claim.owner} ${claim.key} ${claim.fingerprint}`;
    world.told.set(name, (world.told.get(name) ?? new Set()).add(id));
  };

  const resume = async ({ wire, batches, outbox }: Company, id: BatchId): Promise<void> => {
    const isResumed = await createBatchControl(wire, keys).resume(id);
    const batch = isResumed ? await batches.get(id) : undefined;
    if (batch !== undefined) await outbox.dispatch(batch);
  };
  const remove = async ({ batches }: Company, id: BatchId, owner: string): Promise<void> => {
    await batches.remove(id, owner);
  };
  const toolsOf = (wire: Redis): Tools => ({
    results: createResultStore(wire, keys),
    suspects: createSuspectStore(wire, keys),
  });
  /** What becomes of the slice. */
  const workOn = async ({ wire, slices }: Company, work: Work, held: Held): Promise<'done' | 'later'> => {
    const claimed = await slices.claim(held.batchId, held.slice, held);
    if (claimed === undefined) return 'done';
    if (claimed === 'held') return 'later';
    world.held.push({ ...held, requests: claimed.requests });
    if (work.renews && (await createJobLocks(wire, keys).renew([[held.id, held.token]], lockMs)).length > 0)
      return 'done';
    if (work.isCrowded) {
      await slices.release(held.batchId, held.slice, claimed.histories);
      return 'later';
    }
    const tools = toolsOf(wire);
    const left = await runSlice(tools, work, { ...held, requests: claimed.requests });
    if (left.length === 0) return 'done';
    const histories = new Map(left.map(({ index }) => [index, neverAttempted]));
    await slices.release(held.batchId, held.slice, histories);
    return 'later';
  };

  return {
    submit: story(async ({ wire, batches, outbox }, submission: Submission) => {
      const { batch, slices, inParts, claim, asks } = submission;
      const known = asks && claim && (await createIdempotencyStore(wire, keys).find(claim));
      if (known) return known.is === 'done' ? hear(claim, known.batchId) : undefined;
      const acceptance = inParts
        ? await saveParts(batches, submission)
        : await batches.accept(batch, slices, claim);
      if (acceptance.is === 'done') hear(claim, acceptance.batchId);
      if (acceptance.is !== 'accepted') return;
      hear(claim, batch.id);
      await outbox.dispatch(acceptance.batch);
    }),
    append: story(async ({ wire, outbox }, id: BatchId, addition: Addition) => {
      const append = await createAppendStore(wire, keys).begin(id);
      if (append.is !== 'begun') return;
      const appended = await saveAppended(append, addition).catch(async (error: unknown) => {
        await append.drop();
        throw error;
      });
      if (appended?.is !== 'appended') return append.drop();
      await outbox.dispatch(appended.batch);
    }),
    seal: story(async ({ wire }, id: BatchId) => void (await createAppendStore(wire, keys).seal(id))),
    putBack: story(async ({ wire }) => void (await createJobLocks(wire, keys).putBack(lookMs))),
    work: story(async (company, work: Work) => {
      for (let slice = 0; slice < work.slices; slice++) {
        const held = await company.line.take(`${work.worker}/${work.nonce}-${slice}`);
        if (held === undefined) return;
        await company.line.letGo(held, await workOn(company, work, held));
      }
    }),
    /** One that held a slice at some time goes on with it, as if nothing had been. */
    goOnLate: story(async ({ wire, slices }, work: Work, holding: Holding) => {
      await runSlice(toolsOf(wire), work, holding);
      await slices.release(holding.batchId, holding.slice, new Map([[0, neverAttempted]]));
    }),
    dispatch: story(async ({ batches, outbox }, id: BatchId) => {
      const batch = await batches.get(id);
      if (batch !== undefined) await outbox.dispatch(batch);
    }),
    reconcile: story(async ({ outbox }) => void (await outbox.reconcile())),
    pause: story(async ({ wire }, id: BatchId) => void (await createBatchControl(wire, keys).pause(id))),
    resume: story(resume),
    pauseAndResume: story(async (company, id: BatchId) => {
      if (await createBatchControl(company.wire, keys).pause(id)) await resume(company, id);
    }),
    retry: story(
      async ({ wire, batches, outbox }, id: BatchId, matches: (result: StoredResult) => boolean) => {
        const verdict = await createBatchControl(wire, keys).retry(id, matches);
        const batch = verdict === 'retried' ? await batches.get(id) : undefined;
        if (batch !== undefined) await outbox.dispatch(batch);
      },
    ),
    end: story(async ({ batches }, id: BatchId, as: 'cancelled' | 'expired') => batches.close(id, as)),
    closeExpired: story(async ({ batches }) => void (await batches.closeExpired())),
    remove: story(remove),
    cancelAndRemove: story(async (company, id: BatchId, owner: string) => {
      await company.batches.close(id, 'cancelled');
      await remove(company, id, owner);
    }),
    restore: story(async ({ wire, batches, line }) => {
      await createLostSlices({ redis: wire, keys, batches, queue: line, patienceMs }).restore();
    }),
    retire: story(async ({ wire }) => {
      const retired = createRetiredBatches(wire, keys);
      for (const batch of await retired.find()) await retired.forget(batch);
    }),
    callRoll: story(async ({ wire }, worker: string) => {
      const roll = createWorkerRoll(wire, keys);
      const { dead } = await roll.sign(worker);
      for (const name of dead) await roll.takeOver(name);
    }),
    takeOver: story(
      async ({ wire }, worker: string) => void (await createWorkerRoll(wire, keys).takeOver(worker)),
    ),
  };
};

const neverAttempted = { attempts: [], notBefore: 0 };

const saveParts = async (batches: BatchStore, { batch, slices, claim }: Submission): Promise<Acceptance> => {
  const refusal = await batches.begin(batch, claim);
  if (refusal !== undefined) return refusal;
  try {
    for (const [firstSlice, slice] of slices.entries()) {
      const refused = await batches.savePart(batch.id, { firstSlice, slices: [slice] }, claim);
      if (refused !== undefined) return refused;
    }
    return await batches.seal(batch, { total: slices.flat().length, slices: slices.length }, claim);
  } catch (error) {
    await batches.discard(batch.id, claim);
    throw error;
  }
};

const saveAppended = async (
  append: Append,
  { counts, mark, keeps }: Addition,
): Promise<Appended | AppendRefusal> => {
  let index = append.total;
  for (const [place, count] of counts.entries()) {
    const slice = Array.from({ length: count }, () => requestOf(index++));
    const part = { firstSlice: append.slices + place, slices: [slice] };
    const refused = (await append.savePart(part)) ?? (keeps ? await append.keep() : undefined);
    if (refused !== undefined) return refused;
  }
  return await append.commit({ count: index - append.total, slices: append.slices + counts.length }, mark);
};

/** What is asked for says which request it is. */
export const requestOf = (index: number): SliceRequest => ({ index, url: `http://127.0.0.1:1/${index}` });

type Tools = {
  readonly results: ReturnType<typeof createResultStore>;
  readonly suspects: ReturnType<typeof createSuspectStore>;
};

/** Returns the requests that are left. */
const runSlice = async (
  { results, suspects }: Tools,
  work: Work,
  { batchId, slice, stalls, requests, ...holding }: Holding,
): Promise<readonly SliceRequest[]> => {
  const generation = work.isOld ? undefined : holding.generation;
  const [left, ended]: [SliceRequest[], StoredResult[]] = [[], []];
  if (work.alone) await suspects.blame(batchId, slice, stalls);
  for (const [place, request] of requests.entries()) {
    const outcome = work.outcomes[place % work.outcomes.length];
    const underWay = { slice, index: request.index, stalls };
    if (work.alone) await suspects.suspect(batchId, underWay);
    if (outcome === 'left') left.push(request);
    else ended.push(resultOf(request, slice, outcome ?? 'failed', work.nonce));
    if (ended.length === work.perSegment) await results.record(batchId, ended.splice(0), generation);
    if (work.alone) await suspects.acquit(batchId, underWay);
  }
  await results.record(batchId, ended, generation);
  return left;
};

/** Its URL says who wrote it. */
const resultOf = (
  { index }: SliceRequest,
  slice: number,
  outcome: 'succeeded' | 'failed',
  nonce: string,
): StoredResult => ({
  ...(outcome === 'succeeded' ? succeeded : failed)(index, slice),
  ...(outcome === 'failed' && nonce.endsWith('1') && { status: 503, failure: failure('http_status') }),
  url: `http://127.0.0.1:1/${index}?${nonce}`,
});
