// The fetch engine alone, as a worker runs it: guard, learned connections, deadlines, redirects, caps, timings. No queue, no storage.
import { loadConfig } from '../../shared/config.ts';
import { createEngine } from '../../worker/engine.ts';
import type { Outcome } from '../../worker/outcome.ts';
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
      const outcome = await new Promise<Outcome>((resolve) => {
        running.attempt({ request, owner: 'bench', signal }, resolve);
      });
      if (outcome.kind === 'failure') throw new Error(outcome.failure.message);
      if (outcome.status !== 200 || outcome.body.bytes === 0) throw new Error(`status ${outcome.status}`);
    });
  } finally {
    running.close();
  }
};
