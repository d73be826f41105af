// The loop anybody would write with undici: request, read the body, forget it.
import { Agent, request } from 'undici';
import { bareLoop } from '../bare-loop.ts';
import { urlsOf, type Load } from '../contender.ts';
import { inParallel } from '../in-parallel.ts';

export const undiciRequest = bareLoop('undici-request', 'a bare loop of undici.request; nothing is stored');

export const fetchByRequest = async (load: Load): Promise<void> => {
  const urls = urlsOf(load);
  const dispatcher = new Agent({ connections: load.concurrency });
  try {
    await inParallel(load.count, load.concurrency, async (index) => {
      const { statusCode, body } = await request(urls[index] ?? '', { dispatcher });
      const bytes = await body.arrayBuffer();
      if (statusCode !== 200 || bytes.byteLength === 0) throw new Error(`status ${statusCode}`);
    });
  } finally {
    await dispatcher.destroy();
  }
};
