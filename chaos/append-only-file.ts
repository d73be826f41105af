// Loses the end of what a Redis has written, as a machine does whose power fails.
import { stat, truncate } from 'node:fs/promises';
import { pause } from '../bench/pause.ts';
import { newestIncrement } from '../shared/append-only-file.ts';

/**
 * Cuts so many bytes, or all there are, off the file that Redis wrote to last, and returns how many those were. Redis, with
 * `directory` as its working directory, must be down.
 */
export const cutAppendOnlyFile = async (directory: string, bytes: number): Promise<number> => {
  const file = await newestIncrement(directory);
  if (file === undefined) throw new Error(`there is no append-only file in ${directory}`);
  const { size } = await stat(file);
  const kept = Math.max(0, size - bytes);
  await truncate(file, kept);
  return size - kept;
};

export type Growth = {
  readonly bytes: number;
  /** Who writes less is not waited for any longer. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
};

const lookMs = 10;

/** Resolves once Redis has written so many bytes more; a rewrite of the file begins anew. */
export const untilGrown = async (directory: string, { bytes, withinMs, signal }: Growth): Promise<void> => {
  const deadline = performance.now() + withinMs;
  const first = await sizeOf(directory);
  for (;;) {
    const size = await sizeOf(directory);
    if (size - (size < first ? 0 : first) >= bytes || performance.now() > deadline) return;
    await pause(lookMs, signal);
  }
};

const sizeOf = async (directory: string): Promise<number> => {
  const file = await newestIncrement(directory);
  return file === undefined ? 0 : (await stat(file)).size;
};
