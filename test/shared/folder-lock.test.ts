import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { lockFolder } from '../../shared/folder-lock.ts';
import { StartError } from '../../shared/start-error.ts';
import { runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder();

test('refuses a folder that a live process holds, and names the process', async () => {
  const file = path.join(folder, 'held');
  const holder = runNode(sourceScript('test/support/fixtures/hold-lock.ts'), { env: { LOCK: file } });
  await holder.says('locked');
  await expect(lockFolder(file)).rejects.toThrow(StartError);
  await expect(lockFolder(file)).rejects.toThrow(`in use by process ${holder.pid}`);
  holder.signal('SIGKILL');
  await holder.exit;
  await (await lockFolder(file)).release();
});

test('is worth nothing once its holder was killed, though nobody clears the dead process away', async () => {
  const file = path.join(folder, 'zombie');
  const script = sourceScript('test/support/fixtures/hold-lock.ts').map((word) => `'${word}'`);
  const neglectful = spawn('/bin/sh', ['-c', `'${process.execPath}' ${script.join(' ')} & exec sleep 60`], {
    env: { LOCK: file },
    stdio: 'ignore',
  });
  const { pid } = await waitFor(
    () => existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }),
  );
  process.kill(pid, 'SIGKILL');
  await expect(lockFolder(file)).resolves.toBeDefined();
  expect(() => process.kill(pid, 0)).not.toThrow();
  neglectful.kill('SIGKILL');
});

test('can be taken again after it was released', async () => {
  const file = path.join(folder, 'released');
  await (await lockFolder(file)).release();
  await expect(lockFolder(file)).resolves.toBeDefined();
});

test('is not fooled by another process that was given the pid of the dead holder', async () => {
  const file = path.join(folder, 'reused');
  await lockFolder(file);
  const holder = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...holder, pid: 1 }));
  await expect(lockFolder(file)).resolves.toBeDefined();
});

test('takes over a lock file that a crash left half written', async () => {
  const file = path.join(folder, 'torn');
  writeFileSync(file, '{"pid":');
  await expect(lockFolder(file)).resolves.toBeDefined();
});
