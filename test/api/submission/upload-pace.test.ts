import { expect, test } from '@jest/globals';
import { testApi } from '../../support/api.ts';
import { sendBytes } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';

const api = testApi({ pace: { windowMs: 150, minBytes: 200 } });
const text = `{"urls":["https://example.com/${'x'.repeat(3900)}"]}`;

const begin = (): ReturnType<typeof sendBytes> =>
  sendBytes(
    api.port(),
    `POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`,
  );

test('ends an upload that trickles', async () => {
  const { socket, closed } = begin();
  let at = 0;
  const dripping = setInterval(() => socket.write(text[at++] ?? ''), 20);
  const answer = await closed;
  clearInterval(dripping);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain('"code":"request_timeout"');
  expect(answer).toContain('Connection: close');
  expect(api.log.filter((line) => line.includes('"level":50'))).toEqual([]);
});

test('leaves an upload alone that takes long, but moves', async () => {
  const { socket, received } = begin();
  let at = 0;
  const moving = setInterval(() => {
    socket.write(text.slice(at, at + 400));
    at += 400;
  }, 50);
  await waitFor(() => received().includes('\r\n\r\n'));
  clearInterval(moving);
  expect(received()).toMatch(/^HTTP\/1\.1 202 /);
  socket.destroy();
});
