// A server that speaks HTTP/2 over TLS on loopback and does what a test says, right or wrong.
import { once } from 'node:events';
import http2 from 'node:http2';
import type {
  Http2ServerRequest,
  Http2ServerResponse,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { tlsAnimals } from './animals/tls.ts';

export type SeenStream = {
  readonly stream: ServerHttp2Stream;
  /** Names and values as sent, pseudo-header fields included. */
  readonly fields: http2.IncomingHttpHeaders;
  readonly body: () => Promise<string>;
  /** 1 for the first session of the server. */
  readonly sessionNumber: number;
};

export type Http2Target = {
  readonly origin: string;
  readonly sockets: TLSSocket[];
  readonly sessions: ServerHttp2Session[];
  readonly requests: SeenStream[];
  /** Requests that came over HTTP/1.1, where that is allowed. */
  readonly http1: string[];
  /** Requests under way at once, at most so far. */
  busiest(): number;
  close(): Promise<void>;
};

type Act = (seen: SeenStream) => unknown;

export const openHttp2Target = async (
  act: Act,
  options: http2.SecureServerOptions = {},
): Promise<Http2Target> => {
  const server = http2.createSecureServer({ ...tlsAnimals.good.tls, ...options });
  const [sockets, sessions, requests, http1]: [TLSSocket[], ServerHttp2Session[], SeenStream[], string[]] = [
    [],
    [],
    [],
    [],
  ];
  let open = 0;
  let busiest = 0;
  server
    .on('secureConnection', (socket: TLSSocket) => void sockets.push(socket.on('error', ignore)))
    .on('session', (session) => void sessions.push(session.on('error', ignore)))
    .on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
      if (request.httpVersionMajor !== 1) return;
      http1.push(request.url);
      response.end('over HTTP/1.1');
    })
    .on('stream', (stream, fields) => {
      open += 1;
      busiest = Math.max(busiest, open);
      stream.on('error', ignore).on('close', () => (open -= 1));
      const sessionNumber = sessions.findIndex((each) => each === stream.session) + 1;
      const seen = { stream, fields, body: () => readAll(stream), sessionNumber };
      requests.push(seen);
      act(seen);
    });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    sessions,
    requests,
    http1,
    busiest: () => busiest,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

const readAll = async (stream: ServerHttp2Stream): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const ignore = (): void => undefined;
