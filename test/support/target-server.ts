// A server on raw sockets that does exactly what a test says, right or wrong. Every animal has a listener of its own.
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/** One request as it came over the wire. */
export type SeenRequest = {
  readonly method: string;
  readonly target: string;
  /** Field lines as sent: name and value, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** 1 for the first request of its socket. */
  readonly nth: number;
  /** 1 for the first socket of the server. */
  readonly socketNumber: number;
};

/** How a server behaves. Timers it sets with `visit.after` end with the server. */
export type Animal = {
  /** What it is, for the reader. */
  readonly about: string;
  readonly onConnect?: (visit: Visit) => void;
  readonly onRequest?: (visit: Visit, request: SeenRequest) => void;
};

export type Visit = {
  readonly socket: net.Socket;
  readonly origin: string;
  /** Writes text as Latin-1, or bytes; nothing if the socket has gone. */
  readonly send: (...parts: (string | Uint8Array)[]) => void;
  readonly after: (ms: number, act: () => void) => void;
  /** A whole response with a Content-Length. */
  readonly reply: (body?: string | Uint8Array, fields?: readonly string[], status?: string) => void;
};

export type TargetServer = {
  readonly origin: string;
  readonly port: number;
  readonly requests: SeenRequest[];
  /** Sockets accepted so far. */
  sockets(): number;
  openSockets(): number;
  close(): Promise<void>;
};

export type TargetOptions = {
  readonly address?: string;
  /** Key and certificate, PEM: speaks TLS. */
  readonly tls?: tls.TlsOptions;
};

export const openTarget = async (animal: Animal, options: TargetOptions = {}): Promise<TargetServer> => {
  const timers = new Set<NodeJS.Timeout>();
  const open = new Set<net.Socket>();
  const requests: SeenRequest[] = [];
  let accepted = 0;
  const after = (ms: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };
  const welcome = (socket: net.Socket): void => {
    accepted += 1;
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => open.delete(socket)).on('error', ignore);
    const visit = createVisit(socket, origin(), after);
    animal.onConnect?.(visit);
    readRequests(socket, accepted, (request) => {
      requests.push(request);
      animal.onRequest?.(visit, request);
    });
  };
  const server =
    options.tls === undefined
      ? net.createServer(welcome)
      : tls.createServer(options.tls, welcome).on('tlsClientError', ignore);
  server.listen(0, options.address ?? '127.0.0.1');
  await once(server, 'listening');
  const { port, address } = server.address() as net.AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  const origin = (): string => `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  return {
    origin: origin(),
    port,
    requests,
    sockets: () => accepted,
    openSockets: () => open.size,
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

const createVisit = (socket: net.Socket, origin: string, after: Visit['after']): Visit => {
  const send: Visit['send'] = (...parts) => {
    for (const part of parts) {
      if (!socket.writable) return;
      socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
    }
  };
  return {
    socket,
    origin,
    send,
    after,
    reply: (body = '', fields = [], status = '200 OK') => {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      send(head(status, [...fields, `content-length: ${bytes.length}`]), bytes);
    },
  };
};

/** A response head with its empty line. */
export const head = (status: string, fields: readonly string[] = []): string =>
  `HTTP/1.1 ${[status, ...fields].join('\r\n')}\r\n\r\n`;

const readRequests = (
  socket: net.Socket,
  socketNumber: number,
  onRequest: (request: SeenRequest) => void,
): void => {
  let pending = Buffer.alloc(0);
  let nth = 0;
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [start = '', ...lines] = pending.subarray(0, end).toString('latin1').split('\r\n');
      const fields = lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
      });
      const length = Number(fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      const body = pending.subarray(end + 4, end + 4 + length);
      pending = pending.subarray(end + 4 + length);
      const [method = '', target = ''] = start.split(' ');
      nth += 1;
      onRequest({ method, target, fields, body, nth, socketNumber });
    }
  });
};

const ignore = (): void => undefined;
