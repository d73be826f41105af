// Programs of this machine.
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Every program of that name in the folders of `searchPath` (as in PATH), in its order. */
export const findPrograms = (name: string, searchPath: string): readonly string[] =>
  [...new Set(searchPath.split(path.delimiter))]
    .map((folder) => path.join(folder, name))
    .filter((file) => isExecutable(file));

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
