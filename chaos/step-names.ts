// What a command to Redis is a step of: our scripts by their names, BullMQ's by what they say they do, others as they are called.
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { wordsOf } from './resp.ts';

export type StepNames = {
  /** The name of a command as it was sent. A script is known from the first time on that it was sent whole. */
  nameOf(command: Buffer): string;
};

export const loadStepNames = async (): Promise<StepNames> => {
  const known = await loadScripts();
  return {
    nameOf(command) {
      const [word = '', script = ''] = wordsOf(command, 2);
      const name = word.toLowerCase();
      if (name === 'evalsha') return known.get(script) ?? `script ${script.slice(0, 8)}`;
      if (name !== 'eval') return name;
      const sha1 = createHash('sha1').update(script).digest('hex');
      const own = known.get(sha1) ?? foreignName(script);
      known.set(sha1, own);
      return own;
    },
  };
};

/** Digest → name of every script of ours. */
const loadScripts = async (): Promise<Map<string, string>> => {
  const folder = new URL('../shared/scripts/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /\.[jt]s$/.test(file));
  const modules = await Promise.all(
    files.map(async (file) => (await import(new URL(file, folder).href)) as Record<string, unknown>),
  );
  const exported = modules.flatMap((each) => Object.entries(each));
  return new Map(exported.flatMap(([name, value]) => (isScript(value) ? [[value.sha1, name]] : [])));
};

const isScript = (value: unknown): value is { readonly sha1: string } =>
  typeof value === 'object' && value !== null && 'lua' in value && 'sha1' in value;

/** BullMQ's scripts begin with a comment. */
const foreignName = (script: string): string => {
  const about = /^--\[\[\s*(.*?)(\]\]|$)/m.exec(script)?.[1] ?? script.slice(0, 40);
  return `queue: ${about.trim().split(/\s+/).slice(0, 6).join(' ').toLowerCase()}`;
};
