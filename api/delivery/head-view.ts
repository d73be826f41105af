// A distinct head of a stored response, turned into what results show of it once and not once a result.
import type { HeaderList } from '../../shared/result.ts';
import { kindOfAscii } from './body-text.ts';
import { codingOf } from './decoded-body.ts';
import { parseMediaType, type MediaType } from './media-type.ts';
import { firstValue, toHeadersView } from './response-headers.ts';

export type HeadView = {
  /** JSON of the header fields as callers see them. */
  readonly json: string;
  /** JSON of the Content-Type as it came, or null. */
  readonly contentTypeJson: string;
  readonly media: MediaType;
  /** Whether the bytes of the body stand under a content coding that can be undone. */
  readonly isEncoded: boolean;
  /** As `kindOfAscii` of a body that stands under no content coding. */
  readonly asciiIs: 'json' | 'text' | undefined;
};

/** `head` as segments keep it: a name or a value a line. */
export const viewHead = (head: string): HeadView => {
  const known = heads.get(head);
  if (known !== undefined) return known;
  const view = toHeadView(head === '' ? [] : head.split('\n'));
  if (head.length > longestRemembered) return view;
  if (heads.size >= mostRemembered) heads.clear();
  heads.set(head, view);
  return view;
};

export const toHeadView = (headers: HeaderList): HeadView => {
  const contentType = firstValue(headers, 'content-type');
  const media = parseMediaType(contentType);
  const isEncoded = codingOf(headers) !== undefined;
  return {
    json: JSON.stringify(toHeadersView(headers)),
    contentTypeJson: contentType === undefined ? 'null' : JSON.stringify(contentType),
    media,
    isEncoded,
    asciiIs: isEncoded ? undefined : kindOfAscii(media),
  };
};

// Neighbouring segments have the same heads: a host's change with the second of its Date. Together at most some MB.
const mostRemembered = 512;
const longestRemembered = 2048;
const heads = new Map<string, HeadView>();
