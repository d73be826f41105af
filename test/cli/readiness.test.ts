import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { untilReady } from '../../cli/readiness.ts';

test('asks until the API says that it is ready', async () => {
  const asked: string[] = [];
  const api = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.statusCode = asked.length < 3 ? 503 : 200;
    response.end();
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  await untilReady(`http://127.0.0.1:${(api.address() as AddressInfo).port}`, new AbortController().signal);
  expect(asked).toEqual(['/readyz', '/readyz', '/readyz']);
  api.close();
});

test('gives up when it is told to', async () => {
  await expect(untilReady('http://127.0.0.1:1', AbortSignal.timeout(100))).rejects.toThrow(/abort/i);
});
