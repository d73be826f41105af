// Ends uploads that hardly move, so that a few bytes a minute cannot hold a connection. Large ones may take their time.
import type { RequestHandler } from 'express';
import { sendProblem } from '../error-answers.ts';
import { ApiError } from '../problem.ts';

/** At least `minBytes` must arrive in every `windowMs`, or the rest of the body. */
export type UploadPace = { readonly windowMs: number; readonly minBytes: number };

export const defaultUploadPace: UploadPace = { windowMs: 30_000, minBytes: 8192 };

/** Answers 408 and closes the connection where the body comes slower than `pace`. */
export const refuseSlowUpload =
  ({ windowMs, minBytes }: UploadPace): RequestHandler =>
  (request, response, next) => {
    const { socket } = request;
    let before = socket.bytesRead;
    const timer = setInterval(() => {
      const arrived = socket.bytesRead - before;
      before = socket.bytesRead;
      if (request.complete || response.headersSent) clearInterval(timer);
      // What has arrived and was not asked for yet is kept waiting by us.
      else if (arrived < minBytes && request.readableLength === 0) {
        clearInterval(timer);
        const detail = `the body came too slowly: fewer than ${minBytes} bytes in ${windowMs / 1000} s`;
        sendProblem(request, response.set('Connection', 'close'), new ApiError('request_timeout', detail));
        response.once('finish', () => socket.destroySoon());
      }
    }, windowMs);
    response.once('close', () => clearInterval(timer));
    next();
  };
