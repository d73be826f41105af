// The fetch engine alone, as a worker runs it: guard, learned connections, deadlines, redirects, caps, timings. No queue, no storage.
import { loadConfig } from '../../shared/config.ts';
import { createEngine } from '../../worker/engine.ts';
import { resolveRequest } from '../../worker/resolve-request.ts';
import { bareLoop } from '../bare-loop.ts';
import { urlsOf, type Load } from '../contender.ts';
import { inParallel } from '../in-parallel.ts';

export const engine = bareLoop(
  'engine',
  'the fetch engine of a worker, everything on, without queue and storage',
);

const config = loadConfig({ FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8' });

export const fetchByEngine = async (load: Load): Promise<void> => {
  const urls = urlsOf(load);
  const running = createEngine(config, Date.now);
  const { signal } = new AbortController();
  try {
    await inParallel(load.count, load.concurrency, async (index) => {
      const request = resolveRequest({ index, url: urls[index] ?? '' }, {}, config.fetch);
      await new Promise<void>((resolve, reject) => {
        running.attempt({ request, owner: 'bench', signal }, (outcome) => {
          if (outcome.kind === 'failure') return reject(new Error(outcome.failure.message));
          const isWhole = outcome.status === 200 && outcome.body.bytes > 0;
          return isWhole ? resolve() : reject(new Error(`status ${outcome.status}`));
        });
      });
    });
  } finally {
    running.close();
  }
};
