// Starts this project's processes for a test, keeps what they say, and leaves none behind.
import { spawn } from 'node:child_process';
import { afterAll } from '@jest/globals';
import { root } from './source-script.ts';
import { waitFor } from './wait-for.ts';

export type RunningProcess = {
  readonly pid: number;
  /** What it has written so far, standard output and error together in order of arrival. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when its output contains `text`. */
  says(text: string | RegExp, timeoutMs?: number): Promise<void>;
  /** Resolves when it has ended, with its exit code or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
};

export type ProcessOptions = {
  /** Beside PATH and HOME, which it always has. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd?: string | undefined;
  /** User and group to run as, where the test runs as root. */
  readonly uid?: number | undefined;
};

/** Runs `node` with `args`; what still runs when the test file ends is killed. */
export const runNode = (args: readonly string[], options: ProcessOptions = {}): RunningProcess => {
  const { env = {}, cwd = root, uid } = options;
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void written.push(text));
  }
  const exit = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve(signal ?? code ?? 0));
  });
  live.add(() => child.kill('SIGKILL'));
  const output = (): string => written.join('');
  return {
    pid: child.pid ?? 0,
    output,
    signal: (signal) => void child.kill(signal),
    says: (text, timeoutMs = 10_000) => untilSaid(output, text, timeoutMs),
    exit,
  };
};

const untilSaid = async (output: () => string, text: string | RegExp, timeoutMs: number): Promise<void> => {
  const isThere = (): boolean => (typeof text === 'string' ? output().includes(text) : text.test(output()));
  await waitFor(isThere, { timeoutMs }).catch(() => {
    throw new Error(`the process did not say ${String(text)} within ${timeoutMs} ms, but:\n${output()}`);
  });
};

/** True while a process of this id exists. */
export const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const live = new Set<() => void>();
afterAll(() => live.forEach((kill) => kill()));
