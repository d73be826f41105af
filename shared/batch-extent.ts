// How far a batch has come, as those who walk its results have to know it.
import type { BatchKeys } from './keys.ts';
import type { Redis } from './redis.ts';

/** Read in one step, so that a batch seen as ended has no result that was not seen. */
export type Extent = {
  readonly segments: number;
  readonly hasEnded: boolean;
  readonly closedAs: 'cancelled' | 'expired' | undefined;
  readonly total: number;
  /** Results of it were opened again: what a segment holds may be an old result. */
  readonly wasRetried: boolean;
  /** There is no such batch, or none any more. */
  readonly isGone: boolean;
};

/** Of a meta hash; `toExtent` reads what HMGET says of them. */
export const extentFields = ['segments', 'endedAt', 'closedAs', 'total', 'retry'];

export const readExtent = async (redis: Redis, keys: BatchKeys): Promise<Extent> =>
  toExtent(await redis.hmget(keys.meta, ...extentFields));

export const extentIn = (fields: Readonly<Record<string, string>>): Extent =>
  toExtent(extentFields.map((name) => fields[name] ?? null));

export const toExtent = ([segments, endedAt, closedAs, total, retry]: readonly (
  | string
  | null
)[]): Extent => ({
  segments: Number(segments ?? 0),
  hasEnded: typeof endedAt === 'string',
  closedAs: closedAs === 'cancelled' || closedAs === 'expired' ? closedAs : undefined,
  total: Number(total ?? 0),
  wasRetried: typeof retry === 'string',
  isGone: typeof total !== 'string',
});
