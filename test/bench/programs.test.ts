import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { findPrograms } from '../../bench/programs.ts';

test('are found in the folders of the search path that have them', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fetchfleet-test-'));
  try {
    const program = path.join(folder, 'nginx');
    await writeFile(program, '');
    expect(findPrograms('nginx', `/nowhere:${folder}`)).toEqual([]);
    await chmod(program, 0o755);
    expect(findPrograms('nginx', `/nowhere:${folder}:${folder}`)).toEqual([program]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
