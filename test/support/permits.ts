// Permits of a worker whose hosts have no limits, and how a test asks for one.
import { newBatchId, type BatchId } from '../../shared/batch.ts';
import type { Ticket } from '../../worker/hosts/line.ts';
import { createOpenPools } from '../../worker/hosts/pools.ts';
import { createPermits, type Permits } from '../../worker/permits.ts';

export const openPermits = (limit: number): Permits =>
  createPermits({ limit, pools: createOpenPools(), now: () => performance.now(), onRoom: () => {} });

const someBatch = newBatchId();

/** The ticket that was let go, or undefined where it was refused. */
export const acquire = (
  permits: Permits,
  { batch = someBatch, host = 'http://a.test' }: { batch?: BatchId; host?: string } = {},
): Promise<Ticket | undefined> =>
  new Promise((resolve) => {
    const ticket: Ticket = {
      batch,
      weight: 1,
      admit: ({ is }) => resolve(is === 'go' ? ticket : undefined),
    };
    permits.acquire(ticket, host);
  });
