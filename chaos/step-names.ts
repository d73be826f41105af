// What a command to Redis is a step of: our scripts by their names, BullMQ's by their queue and what
// they say they do, others as they are called.
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { wordsOf } from './resp.ts';

export type StepNames = {
  /** The name of a command as it was sent. A script is known from the first time on that it was sent whole. */
  nameOf(command: Buffer): string;
};

export const loadStepNames = async (): Promise<StepNames> => {
  const known = await loadScripts();
  const foreign = new Map<string, string>();
  return {
    nameOf(command) {
      const [word = '', script = '', , key = ''] = wordsOf(command, 4);
      const name = word.toLowerCase();
      if (!name.startsWith('eval')) return name;
      const sha1 = name === 'eval' ? createHash('sha1').update(script).digest('hex') : script;
      const own = known.get(sha1);
      if (own !== undefined) return own;
      if (name === 'eval') foreign.set(sha1, wordsAbout(script));
      return `${key.split(':')[1]}: ${foreign.get(sha1) ?? sha1}`;
    },
  };
};

/** Digest → name of every script of ours. */
export const loadScripts = async (): Promise<ReadonlyMap<string, string>> => {
  const folder = new URL('../shared/scripts/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /\.[jt]s$/.test(file));
  const exported: [string, unknown][] = [];
  for (const file of files)
    exported.push(...Object.entries((await import(new URL(file, folder).href)) as object));
  return new Map(exported.flatMap(([name, value]) => (isScript(value) ? [[value.sha1, name]] : [])));
};

const isScript = (value: unknown): value is { readonly sha1: string } =>
  typeof value === 'object' && value !== null && 'lua' in value && 'sha1' in value;

/** BullMQ's scripts begin with a comment. */
const wordsAbout = (script: string): string => {
  const about = /^--\[\[\s*(.*?)(\]\]|$)/m.exec(script)?.[1] ?? script.slice(0, 40);
  return about.trim().split(/\s+/).slice(0, 6).join(' ').toLowerCase();
};
