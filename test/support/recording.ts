// What a version of this service left behind, as a file that people can read: its keys in Redis, and the bodies it stored.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Redis } from '../../shared/redis.ts';

export type Recording = {
  /** For the reader: what there is of each batch. */
  readonly about: string;
  readonly target: { readonly address: string; readonly port: number };
  readonly batches: Readonly<Record<string, string>>;
  /** The submission of the completed batch, and the Idempotency-Key it came with. */
  readonly submitted: { readonly key: string; readonly body: string };
  readonly keys: readonly RecordedKey[];
  /** Path under the data directory → content. */
  readonly files: Readonly<Record<string, string>>;
};

/** Without the prefix of its run. */
export type RecordedKey = { readonly name: string; readonly expiresInMs?: number } & Value;

type Value =
  | { readonly type: 'string'; readonly value: Text }
  | { readonly type: 'hash'; readonly fields: Readonly<Record<string, Text>> }
  | { readonly type: 'zset'; readonly scores: Readonly<Record<string, string>> }
  | { readonly type: 'list'; readonly members: readonly string[] };

/** Bytes that are no text are base64. */
type Text = string | { readonly base64: string };

export const recordingFolder = path.resolve(import.meta.dirname, 'recorded');

export const readRecording = (file: string): Recording =>
  JSON.parse(readFileSync(path.join(recordingFolder, file), 'utf8')) as Recording;

/** Every key under the prefix, but BullMQ's stream of events, which nobody reads. */
export const recordKeys = async (redis: Redis, prefix: string): Promise<RecordedKey[]> => {
  const keys: RecordedKey[] = [];
  for (const name of (await redis.keys(`${prefix}:*`)).toSorted()) {
    const value = await readValue(redis, name);
    if (value === undefined) continue;
    const ttl = await redis.pttl(name);
    keys.push({ name: name.slice(prefix.length), ...(ttl > 0 && { expiresInMs: ttl }), ...value });
  }
  return keys;
};

const readValue = async (redis: Redis, name: string): Promise<Value | undefined> => {
  const type = await redis.type(name);
  if (type === 'string') return { type, value: toText((await redis.getBuffer(name)) ?? Buffer.alloc(0)) };
  if (type === 'hash') {
    const fields = Object.entries(await redis.hgetallBuffer(name)).toSorted(([a], [b]) => a.localeCompare(b));
    return { type, fields: Object.fromEntries(fields.map(([field, bytes]) => [field, toText(bytes)])) };
  }
  if (type === 'list') return { type, members: await redis.lrange(name, 0, -1) };
  if (type !== 'zset') return undefined;
  const flat = await redis.zrange(name, '0', '-1', 'WITHSCORES');
  const members = flat.flatMap((member, at) => (at % 2 === 0 ? [[member, flat[at + 1] ?? '0']] : []));
  return { type, scores: Object.fromEntries(members) as Record<string, string> };
};

/** Puts all of it under the prefix, and under the data directory. */
export const restore = async (
  recording: Recording,
  { redis, prefix, dataDir }: { redis: Redis; prefix: string; dataDir: string },
): Promise<void> => {
  for (const key of recording.keys) {
    const name = `${prefix}${key.name}`;
    if (key.type === 'string') await redis.set(name, toBytes(key.value));
    else if (key.type === 'hash')
      await redis.hset(
        name,
        ...Object.entries(key.fields).flatMap(([field, text]) => [field, toBytes(text)]),
      );
    else if (key.type === 'list') await redis.rpush(name, ...key.members);
    else await redis.zadd(name, ...Object.entries(key.scores).flatMap(([member, score]) => [score, member]));
    if (key.expiresInMs !== undefined) await redis.pexpire(name, key.expiresInMs);
  }
  for (const [file, text] of Object.entries(recording.files)) {
    const at = path.join(dataDir, file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
};

const toText = (bytes: Buffer): Text => {
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes) && !/[^\x20-\x7e]/.test(text);
  return isText ? text : { base64: bytes.toString('base64') };
};

const toBytes = (text: Text): Buffer =>
  typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.base64, 'base64');
