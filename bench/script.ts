// Where the scripts of this project are, built or, under a loader for TypeScript, as they are.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file of an entry point, `api/main` for one. */
export const scriptPath = (name: string): string =>
  fileURLToPath(new URL(`../${name}${path.extname(import.meta.url)}`, import.meta.url));
