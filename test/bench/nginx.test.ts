import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { documentOf, smallBody } from '../../bench/document.ts';
import { findDelayModule, startNginx } from '../../bench/nginx.ts';
import { findPrograms } from '../../bench/programs.ts';
import { readHost } from '../../shared/config.ts';

const withFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fetchfleet-test-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

const [program] = findPrograms('nginx', readHost().searchPath);

(program === undefined ? describe.skip : describe)('where it is installed', () => {
  test('answers with the same document as the responder', () =>
    withFolder(async (folder) => {
      const target = await startNginx(program ?? '', folder);
      const { headers, body } = await request(target.origin);
      expect(headers['content-type']).toBe('application/json');
      await expect(body.text()).resolves.toBe(smallBody);
      await expect(target.cpuSeconds()).resolves.toBeGreaterThanOrEqual(0);
      await target.stop();
    }));

  test('answers with another document, in its coding', () =>
    withFolder(async (folder) => {
      const target = await startNginx(program ?? '', folder, { document: 'gzip' });
      const { headers, body } = await request(`${target.origin}/7`);
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
      expect(Buffer.from(await body.arrayBuffer())).toEqual(documentOf('gzip').bytes);
      await target.stop();
    }));

  test('takes its time where it has the module for that', () =>
    withFolder(async (folder) => {
      const module = await findDelayModule(program ?? '');
      if (module === undefined) return;
      const target = await startNginx(program ?? '', folder, { delay: { ms: 100, module } });
      const startedAt = performance.now();
      const { headers, body } = await request(`${target.origin}/7`);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(90);
      expect(headers['content-length']).toBe(String(smallBody.length));
      await expect(body.text()).resolves.toBe(smallBody);
      await target.stop();
    }));
});
