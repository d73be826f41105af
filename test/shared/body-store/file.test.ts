import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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

test('stores a body part after part, seen by nobody before it is kept', async () => {
  const id = newBatchId();
  const draft = store().draft(id, 7);
  expect(await store().batches()).not.toContain(id);
  const part = Buffer.from('one ');
  await draft.write(part);
  part.fill('x');
  await draft.write(Buffer.from('two'));
  expect(await readdir(path.join(folder.path, 'bodies', id, '0'))).toEqual([
    expect.stringMatching(/^7-[0-9a-f]{16}\.partial$/),
  ]);
  const ref = await draft.keep();
  expect((await store().read(id, ref)).toString()).toBe('one two');
  const empty = await store().draft(id, 8).keep();
  expect(await store().read(id, empty)).toHaveLength(0);
});

test('leaves nothing of a draft that is discarded, kept or not', async () => {
  const id = newBatchId();
  const [never, begun, kept] = [1, 2, 3].map((index) => store().draft(id, index));
  await begun?.write(Buffer.from('x'));
  await kept?.write(Buffer.from('y'));
  const ref = await kept?.keep();
  for (const draft of [never, begun, kept]) await draft?.discard();
  expect(await readdir(path.join(folder.path, 'bodies', id, '0'))).toEqual([]);
  await expect(store().read(id, ref ?? '')).rejects.toThrow('ENOENT');
});

test('says why a draft cannot be written, kept or put, and discards it quietly', async () => {
  const blocked = path.join(folder.path, 'a-file');
  await writeFile(blocked, '');
  const bodies = createFileBodyStore(blocked);
  const id = newBatchId();
  await expect(bodies.draft(id, 1).write(Buffer.from('x'))).rejects.toThrow('ENOTDIR');
  await expect(bodies.draft(id, 1).keep()).rejects.toThrow('ENOTDIR');
  await expect(bodies.put(id, 1, Buffer.from('x'))).rejects.toThrow('ENOTDIR');
  await bodies.draft(id, 1).discard();
});

test('removes one body, and minds none that is gone', async () => {
  const id = newBatchId();
  const [gone, kept] = [
    await store().put(id, 1, Buffer.from('x')),
    await store().put(id, 2, Buffer.from('y')),
  ];
  await store().remove(id, gone);
  await store().remove(id, gone);
  await expect(store().read(id, gone)).rejects.toThrow('ENOENT');
  expect((await store().read(id, kept)).toString()).toBe('y');
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
