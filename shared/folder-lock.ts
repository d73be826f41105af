// One live process per folder: a lock file that names its holder and is worth nothing once the holder is gone.
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
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
  while (!(await create(file, holder))) {
    const found = await read(file);
    if (found === undefined) continue;
    const other = parse(found);
    if (other !== undefined && !(await isGoneWithin(other, dyingMs))) throw inUse(file, other.pid);
    await clearAway(file, found, holder);
  }
};

/** One at a time, for whoever comes second would clear away the lock that the first has taken by then. */
const clearAway = async (file: string, found: string, holder: Holder): Promise<void> => {
  const turn = `${file}.turn`;
  await take(turn, holder);
  try {
    if ((await read(file)) === found) await rm(file);
  } finally {
    await rm(turn, { force: true });
  }
};

const inUse = (file: string, pid: number): StartError =>
  new StartError(
    `the data directory is in use by process ${pid} (${file}): stop it, or set FETCHFLEET_DATA_DIR to another directory`,
  );

/** Linked once it is whole: nobody finds the lock half written, and takes its holder for dead. */
const create = async (file: string, holder: Holder): Promise<boolean> => {
  const whole = `${file}.${randomUUID()}`;
  try {
    await writeFile(whole, JSON.stringify(holder), { mode: 0o600 });
    await link(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(whole, { force: true });
  }
};

const read = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const parse = (text: string): Holder | undefined => {
  try {
    return JSON.parse(text) as Holder;
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
