// One run of a Redis server: spawned, awaited until it answers, ended. Does not outlive us for long, however we end.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { probeRedis } from './redis-probe.ts';
import type { RedisServer } from './redis-server.ts';
import { serverEnvironment } from './redis-server.ts';
import { StartError } from './start-error.ts';

export type RedisProcess = {
  /** Resolves, never rejects, when the process is gone. */
  readonly exited: Promise<void>;
  /** Resolves when it answers and has read its append-only file; rejects with its last words where it ends before. */
  ready(): Promise<void>;
  /** Asks it to write what it holds and end; after `deadlineMs` it is killed. */
  stop(deadlineMs: number): Promise<void>;
  /** Ends it at once. */
  kill(): void;
  /** The end of its log. */
  lastWords(): string;
};

export type RedisLaunch = {
  readonly server: RedisServer;
  readonly directory: string;
  readonly socketPath: string;
  readonly isPersistent: boolean;
  /** How long it may outlive us when we are killed: our children need it to hand their work back. */
  readonly lingerSeconds: number;
};

/** Starts the server in a process group of its own, so that a Ctrl-C in the terminal does not reach it. */
export const spawnRedis = (launch: RedisLaunch): RedisProcess => {
  const child = spawn(
    '/bin/sh',
    ['-c', guardedExec, 'sh', String(launch.lingerSeconds), ...commandLine(launch)],
    {
      cwd: launch.directory,
      env: { PATH: '/usr/bin:/bin', ...serverEnvironment(launch.server) },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  child.stdin.on('error', () => {});
  const lastWords = keepLastLines(child, 8);
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve()).once('exit', () => resolve());
  }).then(() => signalGroup(child, 'SIGKILL'));
  return {
    exited,
    ready: () => untilAnswering(child, launch.socketPath, lastWords),
    stop: (deadlineMs) => stop(child, exited, deadlineMs),
    kill: () => signalGroup(child, 'SIGKILL'),
    lastWords,
  };
};

// The shell becomes the server. What it leaves behind in the group reads our end of the pipe, which closes when we
// are gone, whatever killed us. While the group lives, nobody else can be given the pid that it will signal.
const guardedExec = `
linger=$1; shift
exec 3<&0
(cat; sleep "$linger"; kill -TERM $$) <&3 >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null`;

const commandLine = ({ server, socketPath, isPersistent }: RedisLaunch): readonly string[] => {
  const settings = {
    port: '0',
    unixsocket: socketPath,
    unixsocketperm: '700',
    appendonly: isPersistent ? 'yes' : 'no',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    logfile: '',
  };
  return [server.command, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])];
};

const keepLastLines = (child: ChildProcess, count: number): (() => string) => {
  const lines: string[] = [];
  const keep = (text: string): void => {
    lines.push(...text.split('\n').filter((line) => line.trim() !== ''));
    lines.splice(0, Math.max(0, lines.length - count));
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  return () => lines.map((line) => `  ${line}`).join('\n');
};

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

const untilAnswering = async (
  child: ChildProcess,
  socketPath: string,
  lastWords: () => string,
): Promise<void> => {
  while (!hasEnded(child)) {
    const probe = await probeRedis(socketPath, 5000);
    if (probe !== undefined && probe.pid === child.pid && !probe.isLoading) return;
    await delay(10);
  }
  throw new StartError(`the private Redis did not start; it said:\n${lastWords()}`);
};

const stop = async (child: ChildProcess, exited: Promise<void>, deadlineMs: number): Promise<void> => {
  if (!hasEnded(child)) child.kill('SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), deadlineMs);
  await exited;
  clearTimeout(timer);
};

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // nobody of the group is left
  }
};
