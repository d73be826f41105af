// Batches on their way in: in one piece, or part by part and then sealed. Until then nobody sees them.
import type { BatchId, BatchRecord, NewBatch } from './batch.ts';
import { decodeBatch, encodeNewBatch } from './batch-codec.ts';
import { packPart, type BatchPart } from './batch-part.ts';
import { toRefusal, type IdempotencyClaim, type Refusal } from './idempotency-store.ts';
import type { Keys } from './keys.ts';
import { bytesPerLocator } from './locator.ts';
import { queueKeys } from './queue.ts';
import type { Redis } from './redis.ts';
import { fieldsIn, runScript, type Script } from './script.ts';
import { accept } from './scripts/accept.ts';
import { begin } from './scripts/begin.ts';
import { discard } from './scripts/discard.ts';
import { savePart } from './scripts/save-part.ts';
import { seal } from './scripts/seal.ts';
import { weightOf, type Turn } from './turn.ts';

/** `turn` where it got its place in line with it, as all do but those that are to start later. */
export type Accepted = {
  readonly is: 'accepted';
  readonly batch: BatchRecord;
  readonly turn?: Turn | undefined;
};

export type Acceptance = Accepted | Refusal;

/** What was saved of a batch is not there any more, or not all of it: Redis went back in time, or was given another file. */
export class BatchVanishedError extends Error {
  override readonly name = 'BatchVanishedError';
}

/**
 * Each may run twice, and throws BatchVanishedError. A batch that has a `claim` is refused where another was made, or is being made, under its key: at the
 * beginning, and at any later step, if this API was taken for dead meanwhile.
 */
export type BatchIntake = {
  /** All of a batch that fits into one part. */
  accept(batch: NewBatch, slices: BatchPart['slices'], claim?: IdempotencyClaim): Promise<Acceptance>;
  /** Left unsealed, it vanishes by itself within the hour. */
  begin(batch: NewBatch, claim?: IdempotencyClaim): Promise<Refusal | undefined>;
  savePart(id: BatchId, part: BatchPart, claim?: IdempotencyClaim): Promise<Refusal | undefined>;
  /** Says that parts are still coming, where none has for a while. */
  keep(id: BatchId, claim?: IdempotencyClaim): Promise<Refusal | undefined>;
  /** Makes the batch visible and accepted: it is in the outbox. */
  seal(batch: NewBatch, size: BatchSize, claim?: IdempotencyClaim): Promise<Acceptance>;
  /** Removes what was saved of a batch that came to nothing, and frees its key; one that was sealed after all stays. */
  discard(id: BatchId, claim?: IdempotencyClaim): Promise<void>;
};

export type BatchSize = { readonly total: number; readonly slices: number };

const unsealedSeconds = 3600;
/** A client may send again what it sent a day ago, even where its batch was short-lived. */
const leastKeySeconds = 86_400;

export const createBatchIntake = (redis: Redis, keys: Keys): BatchIntake => {
  const run = async (script: Script, names: Names, args: Arguments): Promise<readonly string[]> => {
    const { claim, others } = names;
    const all = claim === undefined ? others : [...others, keys.idempotency(claim.owner, claim.key)];
    return (await runScript(redis, script, all, args)) as string[];
  };
  const save = async (
    id: BatchId,
    part: Arguments,
    claim: IdempotencyClaim | undefined,
  ): Promise<Refusal | undefined> => {
    const { meta, slices, index } = keys.batch(id);
    const reply = await run(savePart, { others: [meta, slices, index], claim }, [
      id,
      unsealedSeconds,
      ...part,
    ]);
    if (reply[0] === 'gone') throw new BatchVanishedError(`batch ${id} takes no more requests`);
    return toRefusal(reply);
  };
  const sealedNames = ({ id, owner }: NewBatch): string[] => {
    const { meta, slices, index } = keys.batch(id);
    const sets = [keys.batches(owner), keys.outbox, keys.deadlines, keys.unfinished];
    return [meta, slices, index, ...sets, keys.clock, ...queueKeys(keys.queuePrefix)];
  };
  return {
    async accept(batch, slices, claim) {
      const { locators, packed, total } = packPart({ firstSlice: 0, slices });
      const meta = fieldsOf(batch);
      const size = sizeArguments(batch, { total, slices: slices.length });
      const about = [claim?.fingerprint ?? '', await digestOf(claim), weightOf(batch.priority)];
      const args = [...size, ...about, locators, meta.length, ...meta, ...packed];
      return toAcceptance(batch.id, await run(accept, { others: sealedNames(batch), claim }, args));
    },
    async begin(batch, claim) {
      const others = [keys.batch(batch.id).meta];
      const args = [batch.id, unsealedSeconds, claim?.fingerprint ?? '', ...fieldsOf(batch)];
      return toRefusal(await run(begin, { others, claim }, args));
    },
    savePart(id, part, claim) {
      // At once, so that nothing but the packed bytes is held until they are saved.
      const { locators, packed, first } = packPart(part);
      return save(id, [first * bytesPerLocator, locators, ...packed], claim);
    },
    keep: (id, claim) => save(id, [0, ''], claim),
    async seal(batch, size, claim) {
      const others = sealedNames(batch);
      const about = [await digestOf(claim), weightOf(batch.priority), batch.duplicates ?? ''];
      const args = [...sizeArguments(batch, size), ...about];
      return toAcceptance(batch.id, await run(seal, { others, claim }, args));
    },
    async discard(id, claim) {
      const { meta, slices, index } = keys.batch(id);
      await run(discard, { others: [meta, slices, index], claim }, [id]);
    },
  };
};

type Names = { readonly others: readonly string[]; readonly claim: IdempotencyClaim | undefined };
type Arguments = readonly (string | number | Buffer)[];

const digestOf = async (claim: IdempotencyClaim | undefined): Promise<string> =>
  (await claim?.digest?.()) ?? '';

const fieldsOf = (batch: NewBatch): (string | number)[] => Object.entries(encodeNewBatch(batch)).flat();

const sizeArguments = (
  { id, expiresInSeconds, retentionSeconds }: NewBatch,
  { total, slices }: BatchSize,
): (string | number)[] => {
  const keySeconds = Math.max(leastKeySeconds, expiresInSeconds + retentionSeconds);
  return [id, total, slices, expiresInSeconds, keySeconds];
};

const toAcceptance = (id: BatchId, reply: readonly string[]): Acceptance => {
  const refusal = toRefusal(reply);
  if (refusal !== undefined) return refusal;
  const fields = fieldsIn(reply.slice(1));
  const batch = decodeBatch(id, fields);
  if (batch === undefined) throw new BatchVanishedError(`batch ${id} vanished before it was sealed`);
  return { is: 'accepted', batch, turn: firstTurn(fields) };
};

/** Undefined where it has none, or had one before and was dispatched since. */
const firstTurn = (fields: Readonly<Record<string, string>>): Turn | undefined => {
  const { startTag, tagSpacing, generation, linedUp } = fields;
  const isFirst = startTag !== undefined && generation === undefined && linedUp === undefined;
  return isFirst ? { start: Number(startTag), spacing: Number(tagSpacing), generation: 0 } : undefined;
};
