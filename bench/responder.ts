// The cheapest HTTP/1.1 server we can write: counts heads on raw sockets and answers each with the same bytes.
import { createServer, type Server, type Socket } from 'node:net';
import { documentOf, type DocumentName, type TargetDocument } from './document.ts';

/** `deadKeepAlive` answers only the first request of every connection, and never says so. */
export type ResponderOptions = {
  readonly delayMs: number;
  readonly deadKeepAlive: boolean;
  /** What it answers with; small by default. */
  readonly document?: DocumentName;
};

const endOfHead = Buffer.from('\r\n\r\n');

/** Serves requests without a body, pipelined or not; not listening yet. */
export const createResponder = (options: ResponderOptions): Server => {
  const response = format(documentOf(options.document ?? 'small'));
  return createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket, response, options);
  });
};

const format = ({ type, coding, bytes }: TargetDocument): Buffer => {
  const encoding = coding === undefined ? '' : `content-encoding: ${coding}\r\n`;
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${encoding}content-length: ${bytes.length}\r\nconnection: keep-alive\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
};

const serve = (socket: Socket, response: Buffer, { delayMs, deadKeepAlive }: ResponderOptions): void => {
  const seen: { rest: Buffer; answered: number } = { rest: Buffer.alloc(0), answered: 0 };
  const answer = (): void => {
    if (deadKeepAlive && seen.answered > 0) return;
    seen.answered += 1;
    if (delayMs === 0) socket.write(response);
    else setTimeout(() => socket.write(response), delayMs);
  };
  socket.on('data', (chunk) => {
    const bytes = seen.rest.length === 0 ? chunk : Buffer.concat([seen.rest, chunk]);
    const heads = cutHeads(bytes);
    seen.rest = heads.rest;
    for (let head = 0; head < heads.count; head += 1) answer();
  });
};

const cutHeads = (bytes: Buffer): { count: number; rest: Buffer } => {
  const cut = { count: 0, start: 0 };
  for (let at = bytes.indexOf(endOfHead); at !== -1; at = bytes.indexOf(endOfHead, cut.start)) {
    cut.count += 1;
    cut.start = at + endOfHead.length;
  }
  return { count: cut.count, rest: bytes.subarray(cut.start) };
};
