// One live process per folder: a lock file that names its holder and is worth nothing once the holder is gone.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from './start-error.ts';

export type FolderLock = { release(): Promise<void> };

/** Takes the lock `file`; throws StartError where a live process holds it. Survives kill -9 of the holder: the next one takes it over. */
export const lockFolder = async (file: string): Promise<FolderLock> => {
  const holder: Holder = { pid: process.pid, startedAt: await startOf(process.pid) };
  await take(file, holder);
  return { release: () => rm(file, { force: true }) };
};

// Pids are given out again, above all in containers; pid and start time together are not.
type Holder = { readonly pid: number; readonly startedAt: string };

const take = async (file: string, holder: Holder): Promise<void> => {
  if (await create(file, holder)) return;
  const found = await readHolder(file);
  if (found !== undefined && !(await isGoneWithin(found, dyingMs))) throw inUse(file, found.pid);
  await rm(file, { force: true });
  if (!(await create(file, holder))) throw inUse(file, (await readHolder(file))?.pid);
};

const inUse = (file: string, pid: number | undefined): StartError =>
  new StartError(
    `the data directory is in use by process ${pid ?? 'unknown'} (${file}): stop it, or set FETCHFLEET_DATA_DIR to another directory`,
  );

const create = async (file: string, holder: Holder): Promise<boolean> => {
  try {
    await writeFile(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const readHolder = async (file: string): Promise<Holder | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
};

// The kernel takes its time to clear away a process that was killed.
const dyingMs = 1000;

const isGoneWithin = async (holder: Holder, ms: number): Promise<boolean> => {
  const deadline = performance.now() + ms;
  while (await isAlive(holder)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
};

const isAlive = async (holder: Holder): Promise<boolean> => {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: alive, and somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startOf(holder.pid)) === holder.startedAt;
};

// Fields 3 and 22 of /proc/<pid>/stat: state, and start in ticks since boot. A zombie has started nowhere: nobody may
// ever clear it away. Where there is no /proc, the pid alone has to do.
const startOf = async (pid: number): Promise<string> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '');
};
