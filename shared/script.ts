// Talking to Redis in scripts: runs one by its digest. Every script of ours may run twice: the client resends what was not answered.
import { createHash } from 'node:crypto';
import type { Redis } from './redis.ts';

/** A script and its digest. Its KEYS, ARGV and return values stand at its head. */
export type Script = { readonly lua: string; readonly sha1: string };

type Argument = string | number | Buffer;

export const defineScript = (lua: string): Script => ({
  lua,
  sha1: createHash('sha1').update(lua).digest('hex'),
});

/** EVALSHA, and EVAL where this server has not seen the script yet. Replies are strings and numbers. */
export const runScript = async (
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> => {
  try {
    return await redis.evalsha(script.sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await redis.eval(script.lua, keys.length, ...keys, ...args);
  }
};

/** The fields of a hash, from the reply that has them one after the other. */
export const fieldsIn = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])));

/** Epoch ms by the clock of Redis, the one that scripts go by. */
export const redisNow = async (redis: Redis): Promise<number> => {
  const [seconds = 0, microseconds = 0] = await redis.time();
  return seconds * 1000 + Math.floor(microseconds / 1000);
};
