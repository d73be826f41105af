// Probes: is the process alive, and can it serve.
import { Router } from 'express';
import { z } from 'zod';
import { crowdings, type Capacity } from '../shared/capacity.ts';
import { ApiError } from './problem.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';
import { within } from './within.ts';

export type HealthDependencies = {
  /** Rejects where Redis does not answer, or takes no writes: it is a replica, or cannot write to its disk. */
  readonly probe: () => Promise<unknown>;
  readonly capacity: Capacity;
  readonly stopping: AbortSignal;
};

export const livezSchema = z.object({ status: z.literal('ok') });
export const readyzSchema = z.object({
  status: z.enum(['ok', 'full']).describe('`full`: new batches are turned away, all else goes on.'),
  of: z.enum(crowdings).optional().describe('What there is too much of.'),
});
type Readiness = Readonly<z.output<typeof readyzSchema>>;

const probeWithinMs = 1500;

/**
 * /livez says 200 as long as it can say anything; /readyz 503 within 2 s where Redis does not answer or takes no writes. Where only new batches
 * are turned away it says so, with 200: reading and deleting what there is must go on, or room would never come.
 */
export const createHealthRoutes = ({ probe, capacity, stopping }: HealthDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/livez', { get: (_request, response) => sendJson(response, { status: 'ok' }) });
  serve(router, '/readyz', {
    get: async (_request, response) => {
      if (stopping.aborted) throw notReady('the service is stopping');
      const seen = await within(probeWithinMs, () => Promise.all([probe(), capacity.look()]));
      if (seen === undefined) throw notReady('Redis does not answer, or takes no writes');
      const [, crowding] = seen;
      const readiness: Readiness =
        crowding === undefined ? { status: 'ok' } : { status: 'full', of: crowding };
      sendJson(response, readiness);
    },
  });
  return router;
};

const notReady = (detail: string): ApiError =>
  new ApiError('store_unavailable', detail, { headers: { 'Retry-After': '2' } });
