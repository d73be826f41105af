import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { findNginx, startNginx } from '../../bench/nginx.ts';
import { responseBody } from '../../bench/responder.ts';
import { readHost } from '../../shared/config.ts';

const withFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fetchfleet-test-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('is found in the folder of the search path that has it', () =>
  withFolder(async (folder) => {
    const program = path.join(folder, 'nginx');
    await writeFile(program, '');
    expect(findNginx(`/nowhere:${folder}`)).toBeUndefined();
    await chmod(program, 0o755);
    expect(findNginx(`/nowhere:${folder}`)).toBe(program);
  }));

const program = findNginx(readHost().searchPath);

(program === undefined ? describe.skip : describe)('where it is installed', () => {
  test('answers with the same document as the responder', () =>
    withFolder(async (folder) => {
      const target = await startNginx(program ?? '', folder);
      const { headers, body } = await request(target.origin);
      expect(headers['content-type']).toBe('application/json');
      await expect(body.text()).resolves.toBe(responseBody);
      await expect(target.cpuSeconds()).resolves.toBeGreaterThanOrEqual(0);
      await target.stop();
    }));
});
