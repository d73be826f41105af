// Where downloaded programs are kept: the first folder of the usual ones that is ours alone to write.
import { lstat, mkdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { StartError } from './start-error.ts';

/** Makes and returns our cache folder: under `cacheHome`, else ~/.cache, else the folder for temporary files. */
export const openCacheFolder = async (cacheHome: string | undefined): Promise<string> => {
  const candidates = [
    ...(cacheHome !== undefined && path.isAbsolute(cacheHome) ? [path.join(cacheHome, 'fetchfleet')] : []),
    path.join(homedir(), '.cache', 'fetchfleet'),
    path.join(tmpdir(), `fetchfleet-${process.getuid?.() ?? 0}`),
  ];
  for (const folder of candidates) if (await isOurs(folder)) return folder;
  throw new StartError(`none of these folders can be written: ${candidates.join(', ')}`);
};

/** Makes the folder where it is not there; true where nobody else can put anything into it. */
export const isOurs = async (folder: string): Promise<boolean> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = await lstat(folder);
    return uid === (process.getuid?.() ?? uid) && (mode & 0o022) === 0;
  } catch {
    return false;
  }
};
