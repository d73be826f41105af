// A Redis server from Debian's packages, unpacked into a folder: needs apt and dpkg, no root, installs nothing.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where the pieces are inside a folder made by `fetchDebianRedis`. */
export const debianRedis = async (folder: string): Promise<{ command: string; librariesPath: string }> => {
  const libraries = await Promise.all(
    ['usr/lib', 'lib'].map(async (name) => {
      const entries = await readdir(path.join(folder, name)).catch(() => []);
      return entries
        .filter((entry) => entry.includes('-linux-'))
        .map((entry) => path.join(folder, name, entry));
    }),
  );
  return { command: path.join(folder, 'redis-server'), librariesPath: libraries.flat().join(':') };
};

/** Downloads and unpacks into `folder`, which must not be there yet; another process may do the same meanwhile. */
export const fetchDebianRedis = async (folder: string): Promise<void> => {
  await mkdir(path.dirname(folder), { recursive: true });
  const staging = await mkdtemp(`${folder}.`);
  try {
    // The machine's package lists may be missing, or name files that have been superseded: then with lists of our own.
    await download(staging, []).catch(async () => download(staging, await freshLists(staging)));
    const root = path.join(staging, 'root');
    await unpack(staging, root);
    await rename(root, folder).catch((error: NodeJS.ErrnoException) => {
      // Somebody was faster, and theirs is as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
};

// apt works out which libraries are missing here; --reinstall counts redis-tools itself as missing.
const download = async (staging: string, lists: readonly string[]): Promise<void> => {
  const archives = path.join(staging, 'archives');
  await mkdir(path.join(archives, 'partial'), { recursive: true });
  const action = ['install', '--yes', '--download-only', '--reinstall', '--no-install-recommends'];
  const options = [...unprivileged, ...lists, ...option('Dir::Cache::archives', archives)];
  await run('apt-get', [...action, ...options, 'redis-tools']);
  // Where it is installed, and not in the lists, apt says that it cannot be downloaded, and calls that a success.
  if ((await archivesIn(staging)).length === 0) throw new Error('apt-get has downloaded no redis-tools');
};

const archivesIn = async (staging: string): Promise<readonly string[]> => {
  const archives = path.join(staging, 'archives');
  const names = await readdir(archives);
  return names.filter((name) => name.endsWith('.deb')).map((name) => path.join(archives, name));
};

const freshLists = async (staging: string): Promise<readonly string[]> => {
  const state = path.join(staging, 'state');
  await mkdir(path.join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(path.join(state, 'cache', 'archives', 'partial'), { recursive: true });
  const options = [
    ...option('Dir::State', state),
    ...option('Dir::State::lists', path.join(state, 'lists')),
    ...option('Dir::Cache', path.join(state, 'cache')),
  ];
  await run('apt-get', ['update', ...unprivileged, ...options]);
  return options;
};

const unpack = async (staging: string, root: string): Promise<void> => {
  await mkdir(root);
  for (const archive of await archivesIn(staging)) await run('dpkg', ['-x', archive, root]);
  // The server, the checkers and the sentinel are one program, which looks at the name it was called by.
  await symlink(path.join('usr', 'bin', 'redis-check-rdb'), path.join(root, 'redis-server'));
};

const option = (name: string, value: string): readonly string[] => ['-o', `${name}=${value}`];

// Nothing is installed, so no lock is needed; and apt's own user could not write into our folder.
const unprivileged = [...option('Debug::NoLocking', '1'), ...option('APT::Sandbox::User', '')];
