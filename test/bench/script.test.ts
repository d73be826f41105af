import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { scriptPath } from '../../bench/script.ts';

test('finds an entry point beside this build, or beside the sources', () => {
  expect(existsSync(scriptPath('bench/target-server'))).toBe(true);
});
