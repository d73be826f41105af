// How to run a TypeScript file of this project unbuilt.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = path.resolve(import.meta.dirname, '../..');

/** Arguments for `node` that run `file`, a path from the root such as `api/main.ts`. */
export const sourceScript = (file: string): readonly string[] => [
  '--import',
  pathToFileURL(path.join(root, 'test/support/typescript.mjs')).href,
  path.resolve(root, file),
];
