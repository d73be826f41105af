import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startChild, type Child } from '../../bench/child.ts';

const script = `process.on('message', (question) => {
  if (question === 'die') process.exit(1);
  if (question === 'fail') process.send({ error: 'it failed' });
  else if (question !== 'be silent') process.send({ value: [question, process.argv[2]] });
});
process.send({ value: 'hello' });`;

const folder = { path: '' };
const started: Child[] = [];

beforeAll(async () => {
  folder.path = await mkdtemp(path.join(tmpdir(), 'fetchfleet-test-'));
  await writeFile(path.join(folder.path, 'echo.mjs'), script);
});
afterEach(() => Promise.all(started.splice(0).map((child) => child.stop())));
afterAll(() => rm(folder.path, { recursive: true }));

const start = async (): Promise<Child> => {
  const child = await startChild(path.join(folder.path, 'echo.mjs'), ['argument']);
  started.push(child);
  return child;
};

test('greets, then answers what it is asked', async () => {
  const child = await start();
  expect(child.greeting).toBe('hello');
  await expect(child.ask('who', 5000)).resolves.toEqual(['who', 'argument']);
});

test('answers each of those who ask at the same time', async () => {
  const child = await start();
  const answers = Promise.all(['who', 'where'].map((question) => child.ask(question, 5000)));
  await expect(answers).resolves.toEqual([
    ['who', 'argument'],
    ['where', 'argument'],
  ]);
});

test.each([
  ['fail', 5000, 'it failed'],
  ['die', 5000, 'its process ended'],
  ['be silent', 50, 'no answer within 50 ms'],
])('asked to %s, does not keep anybody waiting', async (question, timeoutMs, message) => {
  const child = await start();
  await expect(child.ask(question, timeoutMs)).rejects.toThrow(message);
});
