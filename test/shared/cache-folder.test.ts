import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { isOurs, openCacheFolder } from '../../shared/cache-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

test('makes a folder under the cache home, closed to others', async () => {
  const made = await openCacheFolder(folder);
  expect(made).toBe(path.join(folder, 'fetchfleet'));
  expect(statSync(made).mode & 0o777).toBe(0o700);
});

test('goes on to the next place where the cache home cannot be written', async () => {
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  expect(await openCacheFolder(file)).not.toContain(file);
});

test('trusts no folder that others can write to', async () => {
  const open = path.join(folder, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(await isOurs(open)).toBe(false);
});
