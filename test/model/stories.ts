// What APIs, workers, users and duties do, told with the real stores.
import { createAppendStore } from '../../shared/append-store.ts';
import { createBatchControl } from '../../shared/batch-control.ts';
import { createBatchStore } from '../../shared/batch-store.ts';
import { newBatchId, type BatchId } from '../../shared/batch.ts';
import { createIdempotencyStore, type IdempotencyClaim } from '../../shared/idempotency-store.ts';
import { createJobLocks } from '../../shared/job-locks.ts';
import { createLostSlices } from '../../shared/lost-slices.ts';
import { createOutbox } from '../../shared/outbox.ts';
import type { Redis } from '../../shared/redis.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createRetiredBatches } from '../../shared/retired-batches.ts';
import { createResultStore } from '../../shared/result-store.ts';
import { createSliceStore } from '../../shared/slice-store.ts';
import { createSuspectStore } from '../../shared/suspect-store.ts';
import { createWorkerRoll } from '../../shared/worker-roll.ts';
import type { Act } from './actors.ts';
import { requestOf, saveAppended, saveParts, type Addition, type Submission } from './intake-story.ts';
import { createLine, lockMs, type Held } from './line.ts';
import { runSlice, type Tools, type Work } from './slice-story.ts';
import type { Step } from './step.ts';
import { createWire } from './wire.ts';
import type { Begun, Holding, World } from './world.ts';

export type Stories = ReturnType<typeof createStories>;

export const patienceMs = 60_000;
const lookMs = 5000;
/** Few, so that a retry takes several steps. */
const resultsPerRetry = 1;

export const createStories = (redis: Redis, world: World) => {
  const { keys } = world;
  const cast = (perform: (step: Step) => Promise<unknown>) => {
    const wire = createWire(redis, perform);
    const batches = createBatchStore(wire, keys);
    const line = createLine(world, perform);
    const outbox = createOutbox(wire, keys, batches, line);
    const slices = createSliceStore(wire, keys);
    return { wire, batches, line, outbox, slices, perform };
  };
  type Company = ReturnType<typeof cast>;
  const story =
    <Args extends readonly unknown[]>(tell: (company: Company, ...args: Args) => Promise<void>) =>
    (...args: Args): Act =>
    (perform) =>
      tell(cast(perform), ...args);

  /** What a client hears of what it asked for under a name. */
  const tell = (name: string | undefined, made: BatchId | number): void => {
    if (name !== undefined) world.told.set(name, (world.told.get(name) ?? new Set()).add(String(made)));
  };
  const hear = (claim: IdempotencyClaim | undefined, id: BatchId): void =>
    tell(claim && `${claim.owner} ${claim.key} ${claim.fingerprint}`, id);

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
      world.begun.push({ batchId: batch.id, claim });
      const acceptance = inParts
        ? await saveParts(batches, submission)
        : await batches.accept(batch, slices, claim);
      if (acceptance.is === 'done') hear(claim, acceptance.batchId);
      if (acceptance.is !== 'accepted') return;
      hear(claim, batch.id);
      await outbox.dispatch(acceptance.batch, acceptance.turn);
    }),
    /** One who sends again what another is writing, and dies of it. */
    beginAgain: story(async ({ batches }, claim: IdempotencyClaim) => {
      const { owner } = claim;
      const lifetimes = { expiresInSeconds: 100_000, retentionSeconds: 334 };
      await batches.begin({ id: newBatchId(), owner, defaults: {}, priority: 50, ...lifetimes }, claim);
    }),
    giveUpLate: story(async ({ batches }, { batchId, claim }: Begun) => batches.discard(batchId, claim)),
    append: story(async ({ wire, outbox }, id: BatchId, addition: Addition) => {
      const append = await createAppendStore(wire, keys).begin(id);
      if (append.is !== 'begun') return;
      const appended = await saveAppended(append, addition).catch(async (error: unknown) => {
        await append.drop();
        throw error;
      });
      if (appended?.is !== 'appended') return append.drop();
      tell(addition.mark && `append ${id} ${Object.values(addition.mark).join()}`, append.total);
      await outbox.dispatch(appended.batch);
    }),
    /** One who dies of it, or is so slow that others take it for dead. */
    beginAppend: story(async ({ wire }, id: BatchId) => {
      const append = await createAppendStore(wire, keys).begin(id);
      if (append.is === 'begun')
        await append.savePart({ firstSlice: append.slices, slices: [[requestOf(append.total)]] });
    }),
    seal: story(async ({ wire }, id: BatchId) => void (await createAppendStore(wire, keys).seal(id))),
    putBack: story(async ({ wire }) => void (await createJobLocks(wire, keys).putBack(lookMs))),
    work: story(async (company, work: Work) => {
      if (work.signs) await createWorkerRoll(company.wire, keys).sign(work.worker);
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
        const verdict = await createBatchControl(wire, keys, resultsPerRetry).retry(id, matches);
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
