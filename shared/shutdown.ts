// How a process ends: in order on the first signal, at once on the second, with a stack on a bug.
import type { Logger } from './logger.ts';
import type { SupervisedProcess } from './supervised.ts';
import { onOrphaned } from './supervised.ts';
import { exitCodes } from './start-error.ts';

/** Something to be stopped. Gets the time that is left, in ms; what it does not finish within it, it must leave. */
export type ShutdownStep = { readonly name: string; stop(withinMs: number): Promise<void> };

export type Shutdown = {
  readonly logger: Logger;
  /** Stopped one after the other. */
  readonly steps: readonly ShutdownStep[];
  /** For all steps together; `overrunMs` later the process exits whatever they do. */
  readonly graceMs: number;
  /** `process.exit`, given by the entry point. */
  readonly exit: (code: number) => void;
  /** Called before the exit that a second signal asks for. */
  readonly onForced?: (() => void) | undefined;
  readonly self?: SupervisedProcess | undefined;
};

export const overrunMs = 5000;

/**
 * SIGINT, SIGTERM and the loss of the supervisor run the steps and exit 0, or 1 where a step failed or overran.
 * Returns what does the same for another reason.
 */
export const shutDownOnSignal = (shutdown: Shutdown): ((reason: string, exitCode: number) => void) => {
  const { logger, exit, onForced, self = process } = shutdown;
  const seen: { firstAt?: number } = {};
  const begin = (reason: string, exitCode: number = exitCodes.done): void => {
    if (seen.firstAt === undefined) {
      seen.firstAt = performance.now();
      logger.info({ reason }, 'shutting down');
      void runSteps(shutdown, exitCode);
    } else if (performance.now() - seen.firstAt > sameSignalMs) {
      onForced?.();
      exit(exitCodes.failed);
    }
  };
  // Not SIGHUP: a handler would undo nohup.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) self.on(signal, () => begin(signal));
  onOrphaned(() => begin('the supervisor is gone'), self);
  const onBug = (error: unknown): void => {
    logger.fatal({ err: error }, 'ended by a bug');
    exit(exitCodes.failed);
  };
  self.on('uncaughtException', onBug).on('unhandledRejection', onBug);
  return begin;
};

// Under `npm start`, one Ctrl-C arrives twice: from the terminal, and passed on by npm.
const sameSignalMs = 300;

const runSteps = async ({ logger, steps, graceMs, exit }: Shutdown, exitCode: number): Promise<void> => {
  const begun = performance.now();
  const overrun = setTimeout(() => {
    logger.fatal('did not stop in time');
    exit(exitCodes.failed);
  }, graceMs + overrunMs);
  const failures: unknown[] = [];
  for (const step of steps) {
    const leftMs = Math.max(0, graceMs - (performance.now() - begun));
    await step.stop(leftMs).catch((error: unknown) => {
      logger.error({ err: error, step: step.name }, 'did not stop cleanly');
      failures.push(error);
    });
  }
  clearTimeout(overrun);
  exit(failures.length === 0 ? exitCode : exitCodes.failed);
};
