// One page of results as JSON.
import type { ResultPage } from '../../shared/result-pages.ts';
import { writeExcerpt, type ViewOptions } from './result-view.ts';

export const defaultPageLimit = 100;
export const maxPageLimit = 1000;

/** `{"results":[…],"next":…,"isLast":…}`; `next` is the `after` of the page that follows. */
export const writePage = async (page: ResultPage, options: ViewOptions): Promise<string> => {
  const results: string[] = [];
  for (const excerpt of page.excerpts) results.push(...(await writeExcerpt(excerpt, options)));
  return `{"results":[${results.join(',')}],"next":${page.next},"isLast":${page.isLast}}`;
};
