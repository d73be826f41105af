// Appending to an open batch, and sealing it: an append is saved part by part, and becomes part of the batch as a whole.
import { randomUUID } from 'node:crypto';
import { decodeBatch } from './batch-codec.ts';
import { packPart, type BatchPart } from './batch-part.ts';
import type { BatchId, BatchRecord } from './batch.ts';
import type { Keys } from './keys.ts';
import { bytesPerLocator } from './locator.ts';
import type { Redis } from './redis.ts';
import { fieldsIn, runScript, type Script } from './script.ts';
import { beginAppend } from './scripts/begin-append.ts';
import { commitAppend } from './scripts/commit-append.ts';
import { dropAppend } from './scripts/drop-append.ts';
import { saveAppend } from './scripts/save-append.ts';
import { sealOpen } from './scripts/seal-open.ts';

/** Why nothing can be appended: another append is under way (`busy`), the batch is sealed, has ended, or is gone. */
export type AppendRefusal = { readonly is: 'busy' | 'sealed' | 'ended' | 'gone' };

/** What an append is known by when it is sent again, and how its content is told from another's. */
export type AppendMark = { readonly mark: string; readonly digest: string };

/** `known` where it was appended before, under the same mark; `reused` where something else was. */
export type Appended =
  | { readonly is: 'appended'; readonly batch: BatchRecord }
  | { readonly is: 'known'; readonly count: number }
  | { readonly is: 'reused' }
  | AppendRefusal;

/** One append under way. While it is, no other is; unless it is silent for some seconds, then it was taken for dead. */
export type Append = {
  readonly is: 'begun';
  /** Requests and slices the batch has: the numbers of the first of those to come. */
  readonly total: number;
  readonly slices: number;
  savePart(part: BatchPart): Promise<AppendRefusal | undefined>;
  /** Says that parts are still coming, where none has for a while. */
  keep(): Promise<AppendRefusal | undefined>;
  /** `slices` counts those of the batch from now on. Puts it in the outbox. */
  commit(size: { readonly count: number; readonly slices: number }, mark?: AppendMark): Promise<Appended>;
  drop(): Promise<void>;
};

export type AppendStore = {
  begin(id: BatchId): Promise<Append | AppendRefusal>;
  /** The batch, sealed now or before; it has ended where all its requests have. */
  seal(id: BatchId): Promise<{ readonly is: 'done'; readonly batch: BatchRecord } | AppendRefusal>;
};

export const createAppendStore = (redis: Redis, keys: Keys): AppendStore => ({
  async begin(id) {
    const name = randomUUID();
    const { meta, slices, appended, index, appends } = keys.batch(id);
    const run = async (script: Script, args: Arguments, more: readonly string[] = []): Promise<string[]> =>
      (await runScript(redis, script, [meta, slices, appended, ...more], [name, ...args])) as string[];
    const begun = await run(beginAppend, []);
    if (begun[0] !== 'begun') return toRefusal(begun);
    const [total, sliceCount] = begun.slice(1).map(Number) as [number, number];
    const save = async (args: Arguments): Promise<AppendRefusal | undefined> => {
      const reply = await run(saveAppend, args);
      return reply[0] === 'saved' ? undefined : toRefusal(reply);
    };
    return {
      is: 'begun',
      total,
      slices: sliceCount,
      savePart(part) {
        const { first, locators, packed } = packPart(part);
        const end = part.firstSlice + part.slices.length;
        return save([(first - total) * bytesPerLocator, locators, end, ...packed]);
      },
      keep: () => save([0, '', 0]),
      async commit({ count, slices: sealed }, { mark, digest } = unmarked) {
        const args = [id, total, count, sealed, mark, digest];
        return toAppended(id, await run(commitAppend, args, [index, appends, keys.outbox]));
      },
      async drop() {
        await run(dropAppend, []);
      },
    };
  },
  async seal(id) {
    const batch = keys.batch(id);
    const { meta, slices, appended, index, segments, claims, attempts, appends, suspects, webhooks } = batch;
    const { deadlines, unfinished, retained, undelivered } = keys;
    const names = [meta, slices, appended, index, segments, claims, attempts, appends];
    const all = [...names, deadlines, unfinished, suspects, retained, webhooks, undelivered];
    const reply = (await runScript(redis, sealOpen, all, [id, batch.channel])) as string[];
    return reply[0] === 'sealed' ? { is: 'done', batch: toRecord(id, reply) } : toRefusal(reply);
  },
});

type Arguments = readonly (string | number | Buffer)[];

const unmarked: AppendMark = { mark: '', digest: '' };

const toAppended = (id: BatchId, reply: readonly string[]): Appended => {
  const [is, count] = reply;
  if (is === 'appended') return { is, batch: toRecord(id, reply) };
  if (is === 'known') return { is, count: Number(count) };
  return is === 'reused' ? { is } : toRefusal(reply);
};

const toRefusal = ([is]: readonly string[]): AppendRefusal => {
  if (is === 'busy' || is === 'sealed' || is === 'ended') return { is };
  return { is: 'gone' };
};

const toRecord = (id: BatchId, reply: readonly string[]): BatchRecord => {
  const batch = decodeBatch(id, fieldsIn(reply.slice(1)));
  if (batch === undefined) throw new Error(`batch ${id} vanished while it was open`);
  return batch;
};
