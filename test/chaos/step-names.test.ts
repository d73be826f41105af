import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { loadStepNames } from '../../chaos/step-names.ts';
import { record } from '../../shared/scripts/record.ts';
import { seal } from '../../shared/scripts/seal.ts';

const command = (...words: readonly string[]): Buffer =>
  Buffer.from(
    [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ''].join('\r\n'),
  );

test('knows our scripts by digest and by text', async () => {
  const names = await loadStepNames();
  expect(names.nameOf(command('evalsha', seal.sha1, '0'))).toBe('seal');
  expect(names.nameOf(command('EVALSHA', record.sha1, '0'))).toBe('record');
  expect(names.nameOf(command('eval', seal.lua, '0'))).toBe('seal');
});

test('knows a foreign script by its queue and what it says of itself, once it has been sent whole', async () => {
  const names = await loadStepNames();
  const text = '--[[\n  Move next job to be processed to active, lock it\n]]\nreturn 1';
  const sha1 = createHash('sha1').update(text).digest('hex');
  const nameOf = (word: string, script: string, queue: string): string =>
    names.nameOf(command(word, script, '2', `ff:${queue}:wait`, `ff:${queue}:active`));
  expect(nameOf('evalsha', sha1, 'slices')).toBe(`slices: ${sha1}`);
  expect(nameOf('eval', text, 'slices')).toBe('slices: move next job to be processed');
  expect(nameOf('evalsha', sha1, 'deliveries')).toBe('deliveries: move next job to be processed');
});

test('calls other commands by their name', async () => {
  const names = await loadStepNames();
  expect(names.nameOf(command('HGETALL', 'evalsha'))).toBe('hgetall');
});
