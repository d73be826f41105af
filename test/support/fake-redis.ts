// A server that speaks just enough of the Redis protocol to be greeted and asked for INFO, and says what a test wants.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export type FakeRedis = { readonly url: string; received(): string; close(): Promise<void> };

/** `info` is the text of INFO, or an error line such as `NOPERM …`. */
export const startFakeRedis = async (info: { text: string } | { error: string }): Promise<FakeRedis> => {
  const reply = 'error' in info ? `-${info.error}\r\n` : `$${info.text.length}\r\n${info.text}\r\n`;
  const received: string[] = [];
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text: string) => {
      received.push(text);
      for (const [, name = ''] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        socket.write(name === 'info' ? reply : name === 'hello' ? '-NOPROTO unsupported\r\n' : '+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received.join(''),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
};
