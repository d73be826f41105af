// A document as the tests look at it: its tables, and the files it links to.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export type Document = {
  readonly text: string;
  /** The rows of the table with this header, as lines. */
  rowsUnder(header: string): string[];
  /** Links to files that do not exist, or to headings that they do not have. */
  brokenLinks(): string[];
};

export const readDocument = (file: string): Document => {
  const text = readFileSync(file, 'utf8');
  return {
    text,
    rowsUnder(header) {
      const lines = (text.split(`${header}\n`)[1] ?? '').split('\n');
      return lines.slice(1, lines.indexOf(''));
    },
    brokenLinks() {
      const links = [...text.matchAll(/\]\((?!http)([^)]+)\)/g)].map((match) => match[1] ?? '');
      return links.filter((link) => !leadsSomewhere(file, link));
    },
  };
};

const leadsSomewhere = (from: string, link: string): boolean => {
  const [file = '', heading] = link.split('#');
  const target = file === '' ? from : path.join(path.dirname(from), file);
  if (!existsSync(target)) return false;
  return heading === undefined || headingsOf(readFileSync(target, 'utf8')).includes(heading);
};

/** As GitHub makes anchors of them. */
const headingsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
