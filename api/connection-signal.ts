// Tells when whoever asked has gone away.
import type { Response } from 'express';

/** Aborted once the answer has been sent or the connection is gone. */
export const signalOf = (response: Response): AbortSignal => {
  const controller = new AbortController();
  if (response.closed) controller.abort();
  else response.once('close', () => controller.abort());
  return controller.signal;
};
