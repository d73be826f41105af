// Tells when there is no use in going on with an answer.
import { setMaxListeners } from 'node:events';
import type { Response } from 'express';

/** Aborted once the answer has been sent, the connection is gone, or `stopping` is aborted. */
export const signalOf = (response: Response, stopping?: AbortSignal): AbortSignal => {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (stopping !== undefined) setMaxListeners(0, stopping); // as many listen as there are answers under way
  // Not AbortSignal.any: it would leave something behind on `stopping` for every answer.
  stopping?.addEventListener('abort', abort);
  response.once('close', () => {
    stopping?.removeEventListener('abort', abort);
    abort();
  });
  if (response.closed || stopping?.aborted === true) abort();
  return controller.signal;
};
