// What keeps a process from starting, told to its operator in one line, and the exit codes that its parent understands.
import { ConfigError } from './config.ts';

/** Thrown at start for what only the operator can mend. Its message is whole: what is wrong and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** `misconfigured` (EX_CONFIG of sysexits.h): starting again would fail again, so a supervisor does not try. */
export const exitCodes = { done: 0, failed: 1, misconfigured: 78 } as const;

/** What to print and the code to exit with, for an error that ended a start. A stack only where it is a bug. */
export const explainStartFailure = (error: unknown): { text: string; exitCode: number } => {
  if (error instanceof ConfigError || error instanceof StartError) return misconfigured(error.message);
  const explain = listenFailures[(error as NodeJS.ErrnoException).code ?? ''];
  if (explain !== undefined && (error as ListenError).syscall === 'listen') {
    return misconfigured(explain(error as ListenError));
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text, exitCode: exitCodes.failed };
};

const misconfigured = (text: string): { text: string; exitCode: number } => ({
  text,
  exitCode: exitCodes.misconfigured,
});

type ListenError = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number };

const listenFailures: Readonly<Record<string, (error: ListenError) => string>> = {
  EADDRINUSE: ({ address, port }) =>
    `port ${port} of ${address} is in use: stop what listens there, or set FETCHFLEET_PORT to another`,
  EACCES: ({ address, port }) =>
    `port ${port} of ${address} is not for this user to listen on: set FETCHFLEET_PORT to one above 1023`,
  EADDRNOTAVAIL: ({ address }) =>
    `${address} is not an address of this machine: set FETCHFLEET_HOST to one that is`,
};
