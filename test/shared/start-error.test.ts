import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { ConfigError } from '../../shared/config.ts';
import { exitCodes, explainStartFailure, StartError } from '../../shared/start-error.ts';

const listen = (host: string, port: number): Promise<ReturnType<typeof createServer>> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, host, () => resolve(server));
  });

test('a port in use is one line that says what to do', async () => {
  const holder = await listen('127.0.0.1', 0);
  const { port } = holder.address() as AddressInfo;
  const error: unknown = await listen('127.0.0.1', port).catch((caught: unknown) => caught);
  expect(explainStartFailure(error)).toEqual({
    text: `port ${port} of 127.0.0.1 is in use: stop what listens there, or set FETCHFLEET_PORT to another`,
    exitCode: exitCodes.misconfigured,
  });
  holder.close();
});

test('an address that is not of this machine is one line that says what to do', async () => {
  const error: unknown = await listen('192.0.2.1', 0).catch((caught: unknown) => caught);
  expect(explainStartFailure(error).text).toBe(
    '192.0.2.1 is not an address of this machine: set FETCHFLEET_HOST to one that is',
  );
});

test.each([new ConfigError(['FETCHFLEET_PORT must be a number']), new StartError('no Redis: install one')])(
  'what the operator must mend is told without a stack',
  (error) => {
    expect(explainStartFailure(error)).toEqual({ text: error.message, exitCode: 78 });
  },
);

test('a bug is told with its stack', () => {
  const { text, exitCode } = explainStartFailure(new TypeError('no such thing'));
  expect(exitCode).toBe(1);
  expect(text).toMatch(/TypeError: no such thing\n +at /);
});
