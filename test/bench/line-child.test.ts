import { expect, test } from '@jest/globals';
import { startLineChild } from '../../bench/line-child.ts';

const start = (program: string): ReturnType<typeof startLineChild> =>
  startLineChild(process.execPath, ['-e', program]);

const echo = `
  console.log('{"value":"hello"}');
  require('node:readline').createInterface(process.stdin).on('line', (line) => {
    if (line === '"die"') throw new Error('it died');
    if (line === '"fail"') console.log('{"error":"not this"}');
    else if (line !== '"hang"') console.log(JSON.stringify({ value: JSON.parse(line) }));
  });`;

test('greets, and answers one question after the other', async () => {
  const child = await start(echo);
  expect(child.greeting).toBe('hello');
  await expect(child.ask({ a: 1 }, 5000)).resolves.toEqual({ a: 1 });
  await expect(child.ask('fail', 5000)).rejects.toThrow('not this');
  await expect(child.ask([2], 5000)).resolves.toEqual([2]);
  await child.stop();
});

test('fails a question that is not answered in time', async () => {
  const child = await start(echo);
  await expect(child.ask('hang', 50)).rejects.toThrow('no answer within 50 ms');
  await child.stop();
});

test('fails a question whose answer dies with the program', async () => {
  const child = await start(echo);
  await expect(child.ask('die', 5000)).rejects.toThrow('Node.js v');
  await expect(child.ask('again', 5000)).rejects.toThrow('Node.js v');
});

test('tells at last why a program cannot start', async () => {
  await expect(start('process.stderr.write("first\\nno such module\\n"); process.exit(1)')).rejects.toThrow(
    'no such module',
  );
  await expect(startLineChild('/nowhere/python3', [])).rejects.toThrow('ENOENT');
});
