// Bodies as files under the data directory: <dir>/<batch>/<index ÷ 4096>/<index>-<random>.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isBatchId, type BatchId } from '../batch.ts';
import type { BodyStore } from '../body-store.ts';

const bodiesPerFolder = 4096;

export const createFileBodyStore = (directory: string): BodyStore => {
  const pathOf = (id: BatchId, ref: string): string => {
    if (!/^\d+\/\d+-[0-9a-f]{16}$/.test(ref)) throw new Error(`not a reference to a body: ${ref}`);
    return path.join(directory, id, ref);
  };
  return {
    async put(id, index, bytes) {
      const ref = `${Math.floor(index / bodiesPerFolder)}/${index}-${randomBytes(8).toString('hex')}`;
      await writeDurably(pathOf(id, ref), bytes);
      return ref;
    },
    read: (id, ref) => readFile(pathOf(id, ref)),
    stream: (id, ref, range) => createReadStream(pathOf(id, ref), range),
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
const writeDurably = async (file: string, bytes: Uint8Array): Promise<void> => {
  const partial = `${file}.partial`;
  const handle = await openNew(partial);
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
};

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
