// One child process kept alive: restarted with backoff when it dies, ended by SIGTERM and, too late, SIGKILL.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Logger } from '../shared/logger.ts';
import { exitCodes } from '../shared/start-error.ts';

export type ChildSpec = {
  readonly name: string;
  /** A script for this Node, and its arguments. */
  readonly script: readonly string[];
  readonly env: NodeJS.ProcessEnv;
};

export type ChildEvents = {
  readonly onMessage: (message: unknown) => void;
  /** It exited saying that its operator must mend something; it is not started again. */
  readonly onMisconfigured: () => void;
};

/** Delays before a restart grow from `firstMs` by doubling to `capMs`; a child that lived `resetAfterMs` begins anew. */
export type Backoff = { readonly firstMs: number; readonly capMs: number; readonly resetAfterMs: number };

export const defaultBackoff: Backoff = { firstMs: 200, capMs: 10_000, resetAfterMs: 10_000 };

export type Child = {
  /** Resolves when it is gone, which is at the latest when SIGKILL has followed after `withinMs`. */
  stop(withinMs: number): Promise<void>;
  kill(): void;
};

/** Starts the child and keeps it running until `stop` or `kill`. */
export const keepChild = (spec: ChildSpec, events: ChildEvents, context: ChildContext): Child => {
  const state: State = { process: spawnChild(spec), isEnding: false, failures: 0, restart: undefined };
  watch(spec, events, context, state);
  return {
    stop: (withinMs) => stop(state, withinMs),
    kill: () => {
      end(state);
      state.process.kill('SIGKILL');
    },
  };
};

export type ChildContext = { readonly logger: Logger; readonly backoff?: Backoff | undefined };

type State = {
  process: ChildProcess;
  isEnding: boolean;
  failures: number;
  restart: NodeJS.Timeout | undefined;
};

// In a process group of its own, so that a Ctrl-C in the terminal reaches the supervisor alone. The channel closes
// when the supervisor is gone, whatever ended it: see shared/supervised.ts.
const spawnChild = ({ script, env }: ChildSpec): ChildProcess =>
  spawn(process.execPath, script, { env, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

const watch = (spec: ChildSpec, events: ChildEvents, context: ChildContext, state: State): void => {
  const { logger, backoff = defaultBackoff } = context;
  const startedAt = performance.now();
  const restart = (why: object): void => {
    if (state.isEnding) return;
    if (performance.now() - startedAt >= backoff.resetAfterMs) state.failures = 0;
    const delayMs = Math.min(backoff.capMs, backoff.firstMs * 2 ** state.failures);
    state.failures += 1;
    logger.warn({ child: spec.name, ...why, delayMs }, 'a child ended; it is started again');
    state.restart = setTimeout(() => {
      state.process = spawnChild(spec);
      watch(spec, events, context, state);
    }, delayMs);
  };
  const child = state.process;
  child.on('message', events.onMessage);
  child.once('exit', (code, signal) => {
    if (code === exitCodes.misconfigured && !state.isEnding) events.onMisconfigured();
    else restart({ code, signal });
  });
  // Without a pid it was never born (out of memory, of processes), and no exit follows.
  child.on('error', (error) => {
    if (child.pid === undefined) restart({ err: error });
  });
};

const end = (state: State): void => {
  state.isEnding = true;
  clearTimeout(state.restart);
};

const stop = async (state: State, withinMs: number): Promise<void> => {
  end(state);
  const child = state.process;
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await exited;
  clearTimeout(timer);
};
