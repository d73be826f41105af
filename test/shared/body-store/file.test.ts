import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newBatchId } from '../../../shared/batch.ts';
import type { BodyStore } from '../../../shared/body-store.ts';
import { createFileBodyStore } from '../../../shared/body-store/file.ts';

const folder = { path: '' };
const store = (): BodyStore => createFileBodyStore(path.join(folder.path, 'bodies'));

beforeAll(async () => {
  folder.path = await mkdtemp(path.join(tmpdir(), 'fetchfleet-bodies-'));
});
afterAll(() => rm(folder.path, { recursive: true }));

test('gives back the bytes it was given, whole and as a stream', async () => {
  const id = newBatchId();
  const bytes = Buffer.from([0, 1, 255, 10, 13, 0]);
  const ref = await store().put(id, 70_001, bytes);
  expect(await store().read(id, ref)).toEqual(bytes);
  expect(Buffer.concat((await store().stream(id, ref).toArray()) as Buffer[])).toEqual(bytes);
  const part = await store().stream(id, ref, { start: 2, end: 3 }).toArray();
  expect(Buffer.concat(part as Buffer[])).toEqual(bytes.subarray(2, 4));
});

test('two workers that fetched the same request keep two bodies', async () => {
  const id = newBatchId();
  const [first, second] = await Promise.all([
    store().put(id, 5, Buffer.from('one')),
    store().put(id, 5, Buffer.from('two')),
  ]);
  expect((await store().read(id, first)).toString()).toBe('one');
  expect((await store().read(id, second)).toString()).toBe('two');
});

test('removes every body of a batch and leaves the others', async () => {
  const [gone, kept] = [newBatchId(), newBatchId()];
  const refs = [
    await store().put(gone, 0, Buffer.from('x')),
    await store().put(kept, 0, Buffer.from('y')),
  ] as const;
  await store().removeAll(gone);
  await store().removeAll(gone);
  await expect(store().read(gone, refs[0])).rejects.toThrow('ENOENT');
  expect((await store().read(kept, refs[1])).toString()).toBe('y');
  expect(await store().batches()).toContain(kept);
  expect(await store().batches()).not.toContain(gone);
});

test('removes a batch that a worker goes on to write bodies of', async () => {
  const [bodies, id] = [store(), newBatchId()];
  const writing = { isOver: false };
  const writers = Array.from({ length: 300 }, (_, index) =>
    bodies.put(id, index * 4096, Buffer.from('x')).catch(() => 'its folder was removed'),
  );
  const written = Promise.all(writers).then(() => (writing.isOver = true));
  while (!writing.isOver) await bodies.removeAll(id);
  await written;
  await bodies.removeAll(id);
  expect(await bodies.batches()).not.toContain(id);
});

test('there are no batches before the first body', async () => {
  expect(await createFileBodyStore(path.join(folder.path, 'nowhere')).batches()).toEqual([]);
});

test('a reference cannot lead out of the folder of the batch', () => {
  expect(() => store().stream(newBatchId(), '../../../etc/passwd')).toThrow('not a reference');
});

test('leaves no partial file behind', async () => {
  const id = newBatchId();
  const ref = await store().put(id, 1, Buffer.alloc(100_000));
  expect(await readdir(path.join(folder.path, 'bodies', id, path.dirname(ref)))).toEqual([
    path.basename(ref),
  ]);
});
