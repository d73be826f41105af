// A request that is not valid, in a batch that is to have it fail (`onInvalid`) instead of being refused as a whole.
import { idSchema } from '../../shared/request.ts';
import { maxUrlLength } from '../../shared/url-rule.ts';
import { isObject } from './document.ts';
import type { FieldError } from './field-errors.ts';

/** What its result will tell of it. */
export type RefusedEntry = {
  /** As it was written, where it was a text at all; controls are percent-encoded. */
  readonly url: string;
  readonly id?: string;
  readonly refusal: string;
};

const toldErrors = 5;

/** `written` is what was to be a request, undefined where that could not be read. */
export const toRefusedEntry = (written: unknown, errors: readonly FieldError[]): RefusedEntry => {
  const { url, id } = isObject(written) ? written : { url: written, id: undefined };
  const known = idSchema.safeParse(id);
  const reasons = errors.map(({ pointer, message }) => (pointer === '' ? message : `${pointer}: ${message}`));
  const more = reasons.length > toldErrors ? ['…'] : [];
  return {
    url: typeof url === 'string' ? toText(url) : '',
    ...(known.success && { id: known.data }),
    refusal: [...reasons.slice(0, toldErrors), ...more].join('; '),
  };
};

const toText = (url: string): string =>
  url
    .slice(0, maxUrlLength)
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f]/g, encodeURIComponent);
