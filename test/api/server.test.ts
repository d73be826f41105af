import { expect, test } from '@jest/globals';
import { testApi } from '../support/api.ts';
import { sendBytes } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const api = testApi();

test('answers what is not HTTP with a problem, and closes', async () => {
  const answer = await sendBytes(api.port(), 'HELLO\r\n\r\n').closed;
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer).toContain('Content-Type: application/problem+json');
  expect(answer).toContain('"code":"http_invalid"');
});

test('says how large a head may be', async () => {
  const answer = await sendBytes(api.port(), `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
    .closed;
  expect(answer).toContain('431 Request Header Fields Too Large');
  expect(answer).toContain('larger than 16384 bytes');
});

test('does not write into an answer under way', async () => {
  const id = await api.submit(['https://example.com/']);
  const { socket, received, closed } = sendBytes(
    api.port(),
    `GET /v1/batches/${id} HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n`,
  );
  await closed;
  expect(received().match(/HTTP\/1\.1/g)?.length).toBeLessThanOrEqual(2);
  socket.destroy();
});

const head = (length: number): string =>
  `POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n`;

test('asks for a body only once it has seen that it will take it', async () => {
  const body = '{"urls":["https://example.com/"]}';
  const taken = sendBytes(api.port(), `${head(body.length)}Expect: 100-continue\r\n\r\n`);
  await waitFor(() => taken.received().includes('100 Continue'));
  taken.socket.write(body);
  await waitFor(() => taken.received().includes('202 Accepted'));
  taken.socket.destroy();

  const refused = await sendBytes(api.port(), `${head(2 ** 31)}Expect: 100-continue\r\n\r\n`).closed;
  expect(refused).not.toContain('100 Continue');
  expect(refused).toMatch(/^HTTP\/1\.1 413 /);
  expect(refused).toContain('Connection: close');
});

test('takes 1,000 idle connections and still answers the others', async () => {
  const idle = Array.from({ length: 1000 }, () =>
    sendBytes(api.port(), 'GET /livez HTTP/1.1\r\nHost: a\r\n'),
  );
  await Promise.all(idle.map(({ socket }) => waitFor(() => !socket.connecting)));
  const begun = performance.now();
  expect((await api.call('GET', '/livez')).status).toBe(200);
  expect(performance.now() - begun).toBeLessThan(1000);
  for (const { socket } of idle) socket.destroy();
});
