import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
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

test('goes to one of many that find the same dead holder, one a moment after the other', async () => {
  const dead = JSON.stringify({ pid: 2 ** 30, startedAt: '1' });
  const files = Array.from({ length: 100 }, (_, i) => path.join(folder, `contested-${i}`));
  const contest = async (file: string): Promise<number> => {
    writeFileSync(file, dead);
    const takers: Promise<unknown>[] = [];
    for (let i = 0; i < 4; i++) {
      takers.push(lockFolder(file));
      await nextTurn();
    }
    const answers = await Promise.allSettled(takers);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(StartError);
    return answers.filter(({ status }) => status === 'fulfilled').length;
  };
  expect(await Promise.all(files.map(contest))).toEqual(files.map(() => 1));
});

test('is whole whenever it is there', async () => {
  const file = path.join(folder, 'whole');
  const seen = new Set<string>();
  const look = (): void => {
    if (existsSync(file)) seen.add(readFileSync(file, 'utf8'));
  };
  for (let times = 0; times < 200; times++) {
    const taking = { isOver: false };
    const taken = lockFolder(file).finally(() => (taking.isOver = true));
    for (; !taking.isOver; await nextTurn()) look();
    look();
    await (await taken).release();
  }
  expect([...seen]).toEqual([expect.stringMatching(`^\\{"pid":${process.pid},.*\\}$`)]);
});

test('leaves nothing behind but itself', async () => {
  const file = path.join(folder, 'alone', 'lock');
  mkdirSync(path.dirname(file));
  writeFileSync(file, '{"pid":');
  const lock = await lockFolder(file);
  expect(readdirSync(path.dirname(file))).toEqual(['lock']);
  await lock.release();
  expect(readdirSync(path.dirname(file))).toEqual([]);
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
