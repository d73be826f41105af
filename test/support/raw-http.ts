// Bytes sent over a socket as they are, and all that comes back until the other side closes.
import { connect, type Socket } from 'node:net';

export type RawExchange = {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly received: () => string;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<string>;
};

export const sendBytes = (port: number, bytes: string): RawExchange => {
  const chunks: Buffer[] = [];
  const received = (): string => Buffer.concat(chunks).toString();
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes); // before anything that a test writes, however long connecting takes
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
  return {
    socket,
    received,
    closed: new Promise((resolve) => socket.once('close', () => resolve(received()))),
  };
};
