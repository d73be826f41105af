// A look at how a stream begins.
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** The first bytes, which stay in the stream; none where it is empty. Rejects where it cannot be read. */
export const startOf = async (stream: Readable): Promise<Uint8Array> => {
  await once(stream, 'readable');
  const start = stream.read() as Buffer | null;
  if (start === null) return new Uint8Array();
  stream.unshift(start);
  return start;
};
