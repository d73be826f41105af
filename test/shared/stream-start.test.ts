import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { startOf } from '../../shared/stream-start.ts';

test('shows how a stream begins, and leaves it whole', async () => {
  const stream = Readable.from([Buffer.from('one '), Buffer.from('two')]);
  expect(Buffer.from(await startOf(stream)).toString()).toMatch(/^one /);
  expect(Buffer.concat(await stream.toArray()).toString()).toBe('one two');
});

test('an empty stream begins with nothing, and one that fails rejects', async () => {
  expect(await startOf(Readable.from([]))).toHaveLength(0);
  const broken = new Readable({ read: () => broken.destroy(new Error('EIO')) });
  await expect(startOf(broken)).rejects.toThrow('EIO');
});
