// The limit of one core with undici: dispatch with a handler that only counts. No streams, no promise per request.
import { Pool, type Dispatcher } from 'undici';
import { bareLoop } from '../bare-loop.ts';
import type { Load } from '../contender.ts';

export const undiciDispatch = bareLoop(
  'undici-dispatch',
  'bare undici dispatch, bytes are not even looked at: the limit',
);

export const fetchByDispatch = async (load: Load): Promise<void> => {
  const pool = new Pool(load.origin, { connections: load.concurrency });
  try {
    await new Promise<void>((resolve, reject) => dispatchAll(pool, load, { resolve, reject }));
  } finally {
    await pool.destroy();
  }
};

type Settle = { readonly resolve: () => void; readonly reject: (error: Error) => void };

const dispatchAll = (pool: Pool, { count, concurrency }: Load, { resolve, reject }: Settle): void => {
  const progress = { started: 0, ended: 0 };
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart() {},
    onResponseStart(_, status) {
      if (status !== 200) reject(new Error(`status ${status}`));
    },
    onResponseData() {},
    onResponseEnd() {
      progress.ended += 1;
      if (progress.ended === count) resolve();
      else startNext();
    },
    onResponseError: (_, error) => reject(error),
  };
  const startNext = (): void => {
    if (progress.started === count) return;
    pool.dispatch({ path: `/${progress.started}`, method: 'GET' }, handler);
    progress.started += 1;
  };
  for (let lane = 0; lane < Math.min(concurrency, count); lane += 1) startNext();
};
