// A call of a script, and reading its arguments. A rule says what is to come of one.
import type { ModelBatch, World } from './world.ts';
import { batchOf } from './world.ts';

export type Argument = string | number | Buffer;

export type ScriptCall = {
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
};

/** Changes the world as the script is to, and returns what it is to reply. */
export type Rule = (world: World, call: ScriptCall) => unknown;

export const textOf = ({ args }: ScriptCall, at: number): string => String(args[at] ?? '');
export const numberOf = (call: ScriptCall, at: number): number => Number(textOf(call, at));
export const bytesOf = ({ args }: ScriptCall, at: number): Buffer => {
  const bytes = args[at];
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(String(bytes ?? ''));
};

/** The batch whose keys a script was given. */
export const ofKeys = (world: World, { keys }: ScriptCall): ModelBatch =>
  batchOf(world, /\{(.*)\}/.exec(keys[0] ?? '')?.[1] ?? '');

/** The unsigned 32-bit numbers in an argument. */
export const wordsOf = (call: ScriptCall, at: number): number[] => wordsIn(bytesOf(call, at));

const wordsIn = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(i * 4));

/** The indexes in an argument of runs (shared/index-runs.ts). */
export const indexesOf = (call: ScriptCall, at: number): number[] => indexesIn(bytesOf(call, at));

/** The indexes in runs. */
export const indexesIn = (runs: Buffer): number[] => {
  const words = wordsIn(runs);
  return words.flatMap((first, i) =>
    i % 2 === 0 ? Array.from({ length: words[i + 1] ?? 0 }, (_, offset) => first + offset) : [],
  );
};

export const unrecordedFrom = 0x8000_0000;
