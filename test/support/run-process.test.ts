import { expect, test } from '@jest/globals';
import { isRunning, runNode } from './run-process.ts';
import { sourceScript } from './source-script.ts';

test('keeps what a process says and how it ended', async () => {
  const child = runNode(['-e', 'console.log("out"); console.error("err"); process.exitCode = 3']);
  expect(await child.exit).toBe(3);
  expect(child.output().split('\n').toSorted()).toEqual(['', 'err', 'out']);
});

test('runs a TypeScript source unbuilt', async () => {
  const child = runNode(sourceScript('test/support/fixtures/echo.ts'), { env: { WORD: 'hello' } });
  await child.says('hello from TypeScript');
  expect(await child.exit).toBe(0);
});

test('passes signals on, and knows when a process is gone', async () => {
  const child = runNode(['-e', 'console.log("up"); setInterval(() => {}, 1000)']);
  await child.says('up');
  expect(isRunning(child.pid)).toBe(true);
  child.signal('SIGTERM');
  expect(await child.exit).toBe('SIGTERM');
  expect(isRunning(child.pid)).toBe(false);
});

test('tells what a process said instead', async () => {
  const child = runNode(['-e', 'console.log("something else")']);
  await child.exit;
  await expect(child.says('a greeting', 20)).rejects.toThrow('something else');
});
