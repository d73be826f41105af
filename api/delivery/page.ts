// One page of results as JSON.
import type { ResultPage } from '../../shared/result-pages.ts';
import { writeResults, type ViewOptions } from './result-view.ts';

export const defaultPageLimit = 100;
export const maxPageLimit = 1000;

/** `{"results":[…],"next":…,"isLast":…}`; `next` is the `after` of the page that follows. */
export const writePage = async (page: ResultPage, options: ViewOptions): Promise<string> => {
  const results = await writeResults(page.results, options);
  return `{"results":[${results.join(',')}],"next":${page.next},"isLast":${page.isLast}}`;
};
