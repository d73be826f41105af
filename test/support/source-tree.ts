// The source files and what they import, read with regular expressions: enough for our own formatted code.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const sourceFolders = ['api', 'worker', 'shared', 'cli', 'client', 'web', 'bench', 'chaos'] as const;

/** `imports` are repository paths for our own files, package names for others (`node:fs` for Node's). */
export type SourceFile = {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
};

/** Every TypeScript file under the folders, by path. */
export const readSources = (folders: readonly string[] = sourceFolders): readonly SourceFile[] =>
  folders
    .flatMap(filesUnder)
    .filter((file) => /\.tsx?$/.test(file))
    .toSorted()
    .map((file) => {
      const text = readFileSync(file, 'utf8');
      return { path: file, text, imports: importsOf(file, text) };
    });

/** Text without comments, for rules about what code says. */
export const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');

/** The first cycle found, as the paths around it; undefined where there is none. Type-only imports count. */
export const findCycle = (sources: readonly SourceFile[]): readonly string[] | undefined => {
  const importsBy = new Map(sources.map((source) => [source.path, source.imports]));
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    const cycle = firstOf(importsBy.get(file) ?? [], (next) => visit(next, [...trail, file]));
    done.add(file);
    return cycle;
  };
  return firstOf([...importsBy.keys()], (file) => visit(file, []));
};

const firstOf = <In, Out>(values: readonly In[], find: (value: In) => Out | undefined): Out | undefined => {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
};

const filesUnder = (folder: string): string[] => {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((file) => path.join(folder, file))
      .filter((file) => !file.includes('node_modules'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

const importPatterns = [
  /^(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
];

/** What a file with this text imports: see SourceFile. */
export const importsOf = (file: string, text: string): string[] => {
  const code = withoutComments(text);
  const written = importPatterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => match[1] ?? ''),
  );
  return [...new Set(written)].map((name) =>
    name.startsWith('.') ? path.join(path.dirname(file), name) : packageOf(name),
  );
};

const packageOf = (name: string): string =>
  name.startsWith('node:') ? name : name.split('/', name.startsWith('@') ? 2 : 1).join('/');
