// What a target answers with: the same bytes whoever serves them.
import { gzipSync } from 'node:zlib';

export type DocumentName = 'small' | 'large' | 'gzip';

export type TargetDocument = {
  readonly type: string;
  /** The content coding of `bytes`; undefined where they are plain. */
  readonly coding: string | undefined;
  readonly bytes: Buffer;
};

/** Small JSON (321 bytes), large bytes (1 MB), and JSON in gzip (58 kB in some 5 kB). */
export const documentOf = (name: DocumentName): TargetDocument => {
  if (name === 'small') return { type: 'application/json', coding: undefined, bytes: Buffer.from(smallBody) };
  if (name === 'large')
    return { type: 'application/octet-stream', coding: undefined, bytes: noise(1_000_000) };
  return { type: 'application/json', coding: 'gzip', bytes: gzipSync(JSON.stringify(records(400))) };
};

const blank = JSON.stringify({
  id: 12_345,
  name: 'a small document',
  tags: ['one', 'two', 'three'],
  note: '',
});
/** 321 bytes of JSON. */
export const smallBody = blank.replace('"note":""', `"note":"${'x'.repeat(321 - blank.length)}"`);

/** Bytes that no storage can make smaller, the same in every run (a linear congruential generator). */
const noise = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  let state = 12_345;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
};

const records = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    name: `record ${id}`,
    price: ((id * 7919) % 10_007) / 100,
    tags: ['one', 'two', 'three'].slice(id % 3),
    note: 'a line of text as it comes in many documents',
  }));
