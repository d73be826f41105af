// Loses the end of what a Redis has written, as a machine does whose power fails.
import { stat, truncate } from 'node:fs/promises';
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
