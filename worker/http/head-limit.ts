// The limit on response heads. Ours, since undici makes an error object for each field past its own limit: a head of
// 12,000 tiny fields took 350 ms of CPU, and takes 20 so.
import type { Socket } from 'node:net';

export const maxHeadBytes = 16_384;

/** A head that is not over after `maxHeadBytes`. */
export class HeadTooLargeError extends Error {
  override readonly name = 'HeadTooLargeError';
}

/** Whose head is awaited on a socket, and how much of it has come. */
export type HeadWatch = { isAwaitingHead: boolean; headBytes: number };

/** To be called before undici listens: more of a head that is too large already is not even parsed. */
export const limitHead = (socket: Socket, watch: HeadWatch): void => {
  socket.on('readable', () => countHead(socket, watch, socket.readableLength));
};

/** So many bytes have come, which nobody has seen yet. */
export const countHead = (socket: Socket, watch: HeadWatch, bytes: number): void => {
  if (!watch.isAwaitingHead) return;
  if (watch.headBytes > maxHeadBytes) socket.destroy(new HeadTooLargeError());
  else watch.headBytes += bytes;
};

/** Whether a head that came in one piece is too large. */
export const isTooLarge = (fields: readonly string[]): boolean => {
  let bytes = 0;
  for (const text of fields) bytes += text.length;
  return bytes > maxHeadBytes;
};
