// Header fields as a flat list, name (lower case), value, name, value …, and how to look into one.
import type { HeaderList } from '../../shared/result.ts';

/** The value of the first field of this lower-case name. */
export const findField = (headers: HeaderList, name: string): string | undefined => {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return headers[at + 1];
  }
  return undefined;
};

/** All values of a field, joined as RFC 9110 §5.3 allows; undefined when there is none. */
export const joinField = (headers: HeaderList, name: string): string | undefined => {
  let joined: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name)
      joined = joined === undefined ? headers[at + 1] : `${joined}, ${headers[at + 1]}`;
  }
  return joined;
};

export const countField = (headers: HeaderList, name: string): number => {
  let count = 0;
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === name) count += 1;
  return count;
};
