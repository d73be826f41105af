import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort, startService, untilReady } from '../../bench/service.ts';
import { isRunning } from '../support/run-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { listenResponder } from '../support/responder.ts';

const alive = { hasEnded: () => false };

test('is ready when the address answers 200', async () => {
  await expect(untilReady(await listenResponder(), [alive])).resolves.toBeUndefined();
});

test('does not wait for a process that has ended', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  await expect(untilReady(url, [alive, { hasEnded: () => true }])).rejects.toThrow('ended at its start');
});

test('finds a port that can be listened on, and that no outgoing connection will get', async () => {
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(server.address()).toMatchObject({ port });
  server.close();
});

const folder = temporaryFolder();

const script = async (text: string): Promise<string> => {
  const file = path.join(folder, `${randomUUID()}.mjs`);
  await writeFile(file, text);
  return file;
};

test('hears what a service says, and that it has ended without saying it', async () => {
  const service = startService(await script(`console.log('{"level":30,"msg":"at work"}')`), {});
  await expect(service.says('"at work"')).resolves.toBeUndefined();
  await expect(service.says('"done"')).rejects.toThrow('ended before it said');
  await waitFor(() => service.hasEnded());
});

test('ends a service in order, or as a crash does', async () => {
  const deaf = await script(
    `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')`,
  );
  const service = startService(deaf, {});
  await service.says('up');
  await service.kill();
  expect(isRunning(service.pid)).toBe(false);
  const polite = startService(await script(`setInterval(() => {}, 1000); console.log('up')`), {});
  await polite.says('up');
  await expect(polite.stop()).resolves.toBeUndefined();
  expect(isRunning(polite.pid)).toBe(false);
  const orderly = startService(
    await script(
      `process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up')`,
    ),
    {},
  );
  await orderly.says('up');
  await expect(orderly.stop()).resolves.toBe(3);
  await expect(orderly.stop()).resolves.toBe(3);
});

test('tells every line to who asks for them, and gives Node.js its arguments', async () => {
  const lines: string[] = [];
  const service = startService(
    await script(`console.log(process.execArgv.includes('--title=odd') ? 'odd' : 'even')`),
    {},
    { onLine: (line) => lines.push(line), nodeArguments: ['--title=odd'] },
  );
  await service.says('odd');
  expect(lines).toEqual(['odd']);
});
