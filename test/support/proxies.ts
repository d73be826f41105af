// Forward proxies on loopback that lead to loopback only: HTTP (in the clear or over TLS) and SOCKS 5.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tlsAnimals } from './animals/tls.ts';

export type TestProxy = {
  /** `host:port`. */
  readonly authority: string;
  /** What was asked of it, in order: `CONNECT 127.0.0.1:1`, `GET http://…`, `SOCKS 127.0.0.1:1`. */
  readonly asked: string[];
  /** Credentials that it was shown, as `user:password`. */
  readonly shown: (string | undefined)[];
  /** Connections it has accepted. */
  sockets(): number;
  close(): Promise<void>;
};

export type ProxyManners = {
  /** `user:password` that it wants. */
  readonly wants?: string;
  /** Answers this to CONNECT, or this code of SOCKS, instead of connecting. */
  readonly refusesWith?: number;
};

type Log = { readonly asked: string[]; readonly shown: (string | undefined)[] };

export const openHttpProxy = (
  manners: ProxyManners & { readonly tls?: boolean } = {},
): Promise<TestProxy> => {
  const server = manners.tls === true ? https.createServer({ ...tlsAnimals.good.tls }) : http.createServer();
  const log: Log = { asked: [], shown: [] };
  const admits = (request: http.IncomingMessage): boolean => {
    log.asked.push(`${request.method} ${request.url}`);
    const given = request.headers['proxy-authorization']?.replace('Basic ', '');
    log.shown.push(given === undefined ? undefined : Buffer.from(given, 'base64').toString());
    return manners.wants === undefined || log.shown.at(-1) === manners.wants;
  };
  server.on('connect', (request, near: net.Socket) => {
    near.on('error', ignore);
    if (!admits(request)) near.end('HTTP/1.1 407 Credentials\r\nproxy-authenticate: Basic\r\n\r\n');
    else if (manners.refusesWith !== undefined) near.end(`HTTP/1.1 ${manners.refusesWith} No\r\n\r\n`);
    else
      lead(near, Number(request.url?.split(':').at(-1)), () => near.write('HTTP/1.1 200 Connected\r\n\r\n'));
  });
  server.on('request', (request, response) => {
    if (admits(request)) forward(request, response);
    else response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
  });
  return listen(server, log);
};

const forward = (request: http.IncomingMessage, response: http.ServerResponse): void => {
  const { port, pathname, search } = new URL(request.url ?? '');
  const { method } = request;
  const { 'proxy-authorization': _, ...headers } = request.headers;
  const onward = http.request({
    host: '127.0.0.1',
    port,
    method,
    path: pathname + search,
    headers,
    agent: false,
  });
  onward.on('error', () => response.writeHead(502).end());
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  request.pipe(onward);
};

export const openSocksProxy = (manners: ProxyManners = {}): Promise<TestProxy> => {
  const log: Log = { asked: [], shown: [] };
  const server = net.createServer((near) => {
    near.on('error', ignore);
    void serveSocks(near, manners, log).catch(() => near.destroy());
  });
  return listen(server, log);
};

const serveSocks = async (near: net.Socket, manners: ProxyManners, log: Log): Promise<void> => {
  const [, count = 0] = await read(near, 2);
  const methods = await read(near, count);
  const method = manners.wants === undefined ? 0 : 2;
  if (!methods.includes(method)) return void near.end(Buffer.from([5, 255]));
  near.write(Buffer.from([5, method]));
  if (method === 2) {
    const [, userLength = 0] = await read(near, 2);
    const user = await read(near, userLength);
    const [passwordLength = 0] = await read(near, 1);
    log.shown.push(`${user.toString()}:${(await read(near, passwordLength)).toString()}`);
    if (log.shown.at(-1) !== manners.wants) return void near.end(Buffer.from([1, 1]));
    near.write(Buffer.from([1, 0]));
  }
  const [, , , type = 0] = await read(near, 4);
  const address = await read(near, type === 4 ? 16 : 4);
  const port = (await read(near, 2)).readUInt16BE();
  log.asked.push(`SOCKS ${type === 4 ? address.toString('hex') : address.join('.')}:${port}`);
  if (manners.refusesWith !== undefined)
    return void near.end(Buffer.from([5, manners.refusesWith, 0, 1, 0, 0, 0, 0, 0, 0]));
  lead(near, port, () => near.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
};

const read = async (socket: net.Socket, length: number): Promise<Buffer> => {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes !== null) return bytes;
    await once(socket, 'readable');
  }
};

const lead = (near: net.Socket, port: number, onConnect: () => void): void => {
  const far = net.connect(port, '127.0.0.1', () => {
    onConnect();
    near.pipe(far).pipe(near);
  });
  far.on('error', () => near.destroy());
  near.on('close', () => far.destroy());
};

const listen = async (server: net.Server, log: Log): Promise<TestProxy> => {
  const open = new Set<net.Socket>();
  let accepted = 0;
  server.on('connection', (socket: net.Socket) => {
    accepted += 1;
    open.add(socket.on('error', ignore).on('close', () => open.delete(socket)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    authority: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    ...log,
    sockets: () => accepted,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

const ignore = (): void => undefined;
