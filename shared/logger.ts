// The log: one JSON object a line on standard output, without anything that a client may have meant as a secret.
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { Config } from './config.ts';
import { createOutageHook } from './outage-hook.ts';

export type { Logger } from 'pino';

/** `role` is the process in the reader's words: api, worker, up. */
export const createLogger = (
  role: string,
  level: Config['logLevel'],
  destination: DestinationStream = pino.destination(1),
): Logger =>
  pino(
    {
      name: role,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: secrets,
      hooks: { logMethod: createOutageHook() },
    },
    destination,
  );

const names = ['authorization', 'cookie', 'idempotency-key', 'headers', 'body', 'secret'];
const secrets = names.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
