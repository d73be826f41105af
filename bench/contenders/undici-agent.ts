// What one would write who knows that hosts can hang: undici with its defaults, and a timeout of 3 s. Counts what fails.
import { Agent, request } from 'undici';
import { bareLoop } from '../bare-loop.ts';
import { urlsOf, type Load } from '../contender.ts';
import { inParallel } from '../in-parallel.ts';

export const undiciAgent = bareLoop('undici-agent', 'a default undici Agent with a headers timeout of 3 s');

/** Rejects, once all have ended, with how many were not answered. */
export const fetchByAgent = async (load: Load, headersTimeout = 3000): Promise<void> => {
  const urls = urlsOf(load);
  const dispatcher = new Agent({ headersTimeout });
  const failed: string[] = [];
  const startedAt = performance.now();
  try {
    await inParallel(load.count, load.concurrency, async (index) => {
      await readOne(urls[index] ?? '', dispatcher).catch(({ name }: Error) => failed.push(name));
    });
  } finally {
    await dispatcher.destroy();
  }
  if (failed.length === 0) return;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  throw new Error(`${failed.length} of ${load.count} URLs (${[...new Set(failed)].join()}) in ${seconds} s`);
};

const readOne = async (url: string, dispatcher: Agent): Promise<void> => {
  const { statusCode, body } = await request(url, { dispatcher });
  await body.arrayBuffer();
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
};
