// Bodies as files under the data directory: <dir>/<batch>/<index ÷ 4096>/<index>-<random>.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isBatchId, type BatchId } from '../batch.ts';
import type { BodyDraft, BodyStore } from '../body-store.ts';

const bodiesPerFolder = 4096;

export const createFileBodyStore = (directory: string): BodyStore => {
  const pathOf = (id: BatchId, ref: string): string => {
    if (!/^\d+\/\d+-[0-9a-f]{16}$/.test(ref)) throw new Error(`not a reference to a body: ${ref}`);
    return path.join(directory, id, ref);
  };
  const draft = (id: BatchId, index: number): BodyDraft => {
    const ref = `${Math.floor(index / bodiesPerFolder)}/${index}-${randomBytes(8).toString('hex')}`;
    return new FileDraft(ref, pathOf(id, ref));
  };
  return {
    async put(id, index, bytes) {
      const whole = draft(id, index);
      try {
        await whole.write(bytes);
        return await whole.keep();
      } catch (error) {
        await whole.discard();
        throw error;
      }
    },
    draft,
    read: (id, ref) => readFile(pathOf(id, ref)),
    stream: (id, ref, range) => createReadStream(pathOf(id, ref), range),
    remove: (id, ref) => rm(pathOf(id, ref), { force: true }),
    // Again and again, since a worker may not have heard yet that the batch has ended.
    removeAll: (id) =>
      rm(path.join(directory, id), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
    async batches() {
      const names = await readdir(directory).catch(ignoreMissing);
      return names.filter((name) => isBatchId(name));
    },
  };
};

/** A reader never sees half a body: the file gets its name once it is whole. */
class FileDraft implements BodyDraft {
  readonly #ref: string;
  readonly #file: string;
  readonly #partial: string;
  #handle: FileHandle | undefined;

  constructor(ref: string, file: string) {
    this.#ref = ref;
    this.#file = file;
    this.#partial = `${file}.partial`;
  }

  async write(part: Uint8Array): Promise<void> {
    this.#handle ??= await openNew(this.#partial);
    await this.#handle.writeFile(part);
  }

  async keep(): Promise<string> {
    this.#handle ??= await openNew(this.#partial);
    await this.#handle.datasync();
    await this.#close();
    await rename(this.#partial, this.#file);
    return this.#ref;
  }

  async discard(): Promise<void> {
    await this.#close().catch(ignore);
    await Promise.all([this.#partial, this.#file].map((file) => rm(file, { force: true }).catch(ignore)));
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

const ignore = (): void => undefined;

/** Makes its folder only where it is missing, which it is for one in thousands: a call for each took 0.3 ms of this thread. */
const openNew = async (file: string): Promise<FileHandle> => {
  try {
    return await open(file, 'w');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(path.dirname(file), { recursive: true });
    return await open(file, 'w');
  }
};

const ignoreMissing = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT') return [];
  throw error;
};
