// Whether the API is ready to take batches, asked as anybody would.
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when GET /readyz of `origin` answers 200; asks for as long as `signal` lets it, then rejects. */
export const untilReady = async (origin: string, signal: AbortSignal): Promise<void> => {
  while (!(await isReady(origin))) await delay(50, undefined, { signal });
};

const isReady = (origin: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get(`${origin}/readyz`, { timeout: 2000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
