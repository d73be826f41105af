// Pages of results for many who want the same at the same moment, as those do who hear together that a batch has ended.
import type { BatchRecord } from '../../shared/batch.ts';
import type { ResultPage } from '../../shared/result-pages.ts';
import type { ResultStore } from '../../shared/result-store.ts';

/**
 * A page of at most `limit` results after a cursor, read when `batch` had been read: of one that has ended there is
 * nothing that it leaves out. Who asks with the same record, while it is being read, gets the same page; the last one of
 * a batch that has ended is kept as long as the record.
 */
export type SharedPages = (batch: BatchRecord, after: number, limit: number) => Promise<ResultPage>;

export const createSharedPages = (results: Pick<ResultStore, 'page'>): SharedPages => {
  const underWay = new WeakMap<BatchRecord, Map<string, Promise<ResultPage>>>();
  return (batch, after, limit) => {
    const pages = underWay.get(batch) ?? new Map<string, Promise<ResultPage>>();
    underWay.set(batch, pages);
    const place = `${after}:${limit}`;
    const known = pages.get(place);
    if (known !== undefined) return known;
    const page = results.page(batch.id, { after, limit });
    pages.set(place, page);
    page.then(
      ({ isLast }) => isLast || pages.delete(place),
      () => pages.delete(place),
    );
    return page;
  };
};
