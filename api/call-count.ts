// Counts the calls of this process, by method and by the status of their answer.
import type { RequestHandler } from 'express';
import type { Metric } from '../shared/exposition.ts';

export type CallCount = {
  /** The first middleware. */
  readonly count: RequestHandler;
  read(): readonly Metric[];
};

export const createCallCount = (): CallCount => {
  const ended = new Map<string, { readonly method: string; readonly status: string; count: number }>();
  let open = 0;
  return {
    count({ method }, response, next) {
      open += 1;
      response.on('close', () => {
        open -= 1;
        // Who went away before there was an answer got none.
        const status = response.headersSent ? String(response.statusCode) : 'none';
        const key = `${method} ${status}`;
        const known = ended.get(key);
        if (known === undefined) ended.set(key, { method, status, count: 1 });
        else known.count += 1;
      });
      next();
    },
    read: () => [
      {
        name: 'fetchfleet_api_calls_total',
        type: 'counter',
        help: 'Calls that ended, by method and status; none for those whose caller went away before.',
        samples: [...ended.values()].map(({ method, status, count }) => ({
          labels: { method, status },
          value: count,
        })),
      },
      {
        name: 'fetchfleet_api_open_calls',
        type: 'gauge',
        help: 'Calls under way: uploads, downloads, and those that wait or follow.',
        samples: [{ value: open }],
      },
    ],
  };
};
