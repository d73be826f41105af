import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { tryPort } from '../../cli/port.ts';

test('a free port stays free, a taken one is reported', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await expect(tryPort('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  await new Promise((resolve) => holder.close(resolve));
  await tryPort('127.0.0.1', port);
  await expect(tryPort('127.0.0.1', port)).resolves.toBeUndefined();
});
