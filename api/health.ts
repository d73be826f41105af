// Probes: is the process alive, and can it serve.
import { Router } from 'express';
import { ApiError } from './problem.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';

export type HealthDependencies = {
  /** Rejects where Redis does not answer. */
  readonly ping: () => Promise<unknown>;
  readonly stopping: AbortSignal;
};

const pingWithinMs = 1500;

/** /livez says 200 as long as it can say anything; /readyz 503 within 2 s where Redis does not answer. */
export const createHealthRoutes = ({ ping, stopping }: HealthDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/livez', { get: (_request, response) => sendJson(response, { status: 'ok' }) });
  serve(router, '/readyz', {
    get: async (_request, response) => {
      if (stopping.aborted) throw notReady('the service is stopping');
      if (!(await answers(ping))) throw notReady('Redis does not answer');
      sendJson(response, { status: 'ok' });
    },
  });
  return router;
};

const answers = (ping: () => Promise<unknown>): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), pingWithinMs);
    const settle = (isWell: boolean): void => {
      clearTimeout(timer);
      resolve(isWell);
    };
    ping().then(
      () => settle(true),
      () => settle(false),
    );
  });

const notReady = (detail: string): ApiError =>
  new ApiError('store_unavailable', detail, { headers: { 'Retry-After': '2' } });
