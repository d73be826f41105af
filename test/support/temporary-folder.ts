// A folder for one test file, removed after its tests.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from '@jest/globals';

/** To be called at the top of a test file. */
export const temporaryFolder = (): string => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'fetchfleet-test-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
