// Header fields of a stored response, as callers see them. Pure.
import type { HeaderList } from '../../shared/result.ts';

export type HeadersView = Readonly<Record<string, string | readonly string[]>>;

/** Lower-case names; repeated fields joined by ", " (RFC 9110 §5.3), but Set-Cookie always a list. */
export const toHeadersView = (headers: HeaderList): HeadersView => {
  // Without a prototype, a field named __proto__ is a field like any other.
  const view = Object.create(null) as Record<string, string | string[]>;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    const before = view[name];
    if (name === 'set-cookie') view[name] = Array.isArray(before) ? [...before, value] : [value];
    else view[name] = before === undefined ? value : `${String(before)}, ${value}`;
  }
  return view;
};

/** The first value of a field; undefined where it is absent. `name` in lower case. */
export const firstValue = (headers: HeaderList = [], name: string): string | undefined => {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return headers[at + 1];
  }
  return undefined;
};

/** All values of a field, joined by ", "; undefined where it is absent. `name` in lower case. */
export const joinValues = (headers: HeaderList = [], name: string): string | undefined => {
  let joined: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] !== name) continue;
    const value = headers[at + 1] ?? '';
    joined = joined === undefined ? value : `${joined}, ${value}`;
  }
  return joined;
};
