// A server that speaks just enough of the Redis protocol to be greeted and asked for INFO, and says what a test wants.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export type FakeRedis = {
  readonly url: string;
  received(): string;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
};

/** What a command is answered with, as it goes over the wire, by its name in small letters; others are answered with OK. */
export type FakeReplies = Readonly<Record<string, () => string | Promise<string>>>;

/** `info` is the text of INFO, or an error line such as `NOPERM …`. */
export const startFakeRedis = async (
  info: { text: string } | { error: string },
  replies: FakeReplies = {},
): Promise<FakeRedis> => {
  const reply = 'error' in info ? `-${info.error}\r\n` : `$${info.text.length}\r\n${info.text}\r\n`;
  const received: string[] = [];
  const all: FakeReplies = { info: () => reply, hello: () => '-NOPROTO unsupported\r\n', ...replies };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let answered = Promise.resolve();
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text: string) => {
      received.push(text);
      for (const [, name = ''] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        answered = answered.then(async () => {
          socket.write((await all[name.toLowerCase()]?.()) ?? '+OK\r\n');
        });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received.join(''),
    cut: () => sockets.forEach((socket) => socket.destroy()),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
};
