import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { testApi } from '../support/api.ts';
import { sendBytes } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const api = testApi();

const lines = async (name: string): Promise<string[]> =>
  (await api.call('GET', '/metrics')).text.split('\n').filter((line) => line.startsWith(name));

test('counts calls by method and status, once they have ended', async () => {
  await api.call('GET', '/livez');
  await api.call('GET', '/livez');
  await api.call('PUT', '/livez');
  await waitFor(async () => (await lines('fetchfleet_api_calls_total')).length >= 2);
  const seen = await lines('fetchfleet_api_calls_total{method="PUT"');
  expect(seen).toEqual(['fetchfleet_api_calls_total{method="PUT",status="405"} 1']);
});

test('counts those under way, and those whose caller went away', async () => {
  const id = await api.submit(['https://example.com/']);
  const { socket } = sendBytes(api.port(), `GET /v1/batches/${id}?wait=60 HTTP/1.1\r\nHost: a\r\n\r\n`);
  const open = async (): Promise<number> =>
    Number((await lines('fetchfleet_api_open_calls'))[0]?.split(' ')[1]);
  await waitFor(async () => (await open()) === 2);
  socket.destroy();
  await once(socket, 'close');
  await waitFor(async () => (await open()) === 1);
  expect(await lines('fetchfleet_api_calls_total{method="GET",status="none"')).toEqual([
    'fetchfleet_api_calls_total{method="GET",status="none"} 1',
  ]);
});
