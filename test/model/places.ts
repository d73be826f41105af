// What each key must hold, by the model, and how it is read.
import { queueKey } from '../../shared/queue.ts';
import { isThere, parts, timeFields, type Meta, type ModelBatch, type Part, type World } from './world.ts';

/** Of hashes with packed values only the names are read; words are the unsigned 32-bit numbers in a string. */
export type Reading = 'hash' | 'names' | 'scores' | 'list' | 'set' | 'text' | 'words';

export type Value = string | number | { readonly at: number } | { readonly lasted: number };

export type Expected = {
  readonly reading: Reading;
  readonly value: readonly Value[];
  readonly vanishes?: number | undefined;
  readonly of?: { readonly batch: ModelBatch; readonly part: Part };
};

export type Places = ReadonlyMap<string, Expected>;

/** What some keys must hold, or all there are. Keys of which the model knows nothing are left out. */
export const placesOf = (world: World, among?: ReadonlySet<string>): Places => {
  const places = new Map<string, Expected>();
  const add = (key: string, expected: () => Expected): void => {
    if (among?.has(key) ?? true) places.set(key, expected());
  };
  for (const batch of world.batches.values()) {
    for (const [i, part] of parts.entries()) add(batch.all[i] ?? '', () => partOf(batch, part));
  }
  addShared(world, add);
  for (const [key, ids] of world.listed) add(key, () => scores([...ids].flatMap((id) => [id, 0])));
  for (const [key, known] of world.idempotency) {
    add(key, () => ({ reading: 'hash', value: fieldsOfKey(known), vanishes: known.vanishes }));
  }
  for (const key of among ?? []) {
    if (!places.has(key) && isOfOwner(key)) places.set(key, { reading: 'text', value: [] });
  }
  return places;
};

/** Where the model has none, there must be none. */
const isOfOwner = (key: string): boolean => /:(?:batches|idempotency):/.test(key);

type Add = (key: string, expected: () => Expected) => void;

const addShared = (world: World, add: Add): void => {
  const { keys, jobs } = world;
  const queue = (name: string): string => queueKey(keys.queuePrefix, name);
  add(keys.outbox, () => times(world.outbox));
  add(keys.deadlines, () => times(world.deadlines));
  add(keys.workers, () => times(world.workers));
  add(keys.retained, () => times(world.retained));
  add(keys.unfinished, () => scores([...world.unfinished].flatMap((name) => [name, 0])));
  add(keys.clock, () => ({ reading: 'text', value: world.clock === undefined ? [] : [world.clock] }));
  add(keys.results, () => ({ reading: 'hash', value: [...world.results].flat() }));
  add(keys.truce, () => once(world.truce));
  add(queue('active'), () => ({ reading: 'list', value: jobs.active }));
  add(queue('wait'), () => ({ reading: 'list', value: jobs.wait }));
  add(queue('stalled'), () => ({ reading: 'set', value: [...jobs.stalled] }));
  add(queue('stalled-check'), () => once(world.looked));
  add(queue('prioritized'), () => scores([...jobs.inLine].flatMap((id) => [id, jobs.all.get(id)?.tag ?? 0])));
};

const scores = (value: readonly Value[]): Expected => ({ reading: 'scores', value });
const times = (set: ReadonlyMap<string, number>): Expected =>
  scores([...set].flatMap(([id, at]): Value[] => [id, { at }]));
const once = (until: number | undefined): Expected => ({
  reading: 'text',
  value: until === undefined ? [] : [1],
  vanishes: until,
});

const fieldsOfKey = ({ fingerprint, batch, until, digest }: Known): Value[] => [
  'fingerprint',
  fingerprint,
  'batch',
  batch,
  ...(until === undefined ? [] : ['until', { at: until }]),
  ...(digest === undefined ? [] : ['digest', digest]),
];

type Known = World['idempotency'] extends Map<string, infer Key> ? Key : never;

const partOf = (batch: ModelBatch, part: Part): Expected => ({
  ...contentOf[part](batch),
  vanishes: isThere(batch, part) ? batch.vanishes.get(part) : undefined,
  of: { batch, part },
});

const contentOf: Readonly<Record<Part, (batch: ModelBatch) => Expected>> = {
  meta: ({ meta }) => ({ reading: 'hash', value: meta === undefined ? [] : fieldsOf(meta) }),
  slices: ({ slices }) => ({ reading: 'names', value: [...slices.keys()] }),
  index: ({ index }) => ({ reading: 'words', value: index }),
  segments: ({ segments }) => ({ reading: 'names', value: [...segments.keys()] }),
  claims: ({ claims }) => ({ reading: 'hash', value: [...claims].flat() }),
  attempts: ({ attempts }) => ({ reading: 'names', value: [...attempts] }),
  suspects: ({ suspects }) => ({ reading: 'hash', value: [...suspects].flat() }),
  appended: ({ appended }) => ({ reading: 'words', value: appended }),
  appends: ({ appends }) => ({ reading: 'hash', value: [...appends].flat() }),
};

const timeNames = new Set<string>(timeFields);

const fieldsOf = ({ given, ...own }: Meta): Value[] => {
  const fields: Value[] = Object.entries(given).flat();
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) continue;
    if (name === 'paceBeforeMs') fields.push(name, { lasted: Number(value) });
    else fields.push(name, timeNames.has(name) ? { at: Number(value) } : value);
  }
  return fields;
};
