// The header fields a request goes out with: the user's in their case and order, after our defaults.
import { acceptEncoding } from '../../shared/codings.ts';

/** Names us to the servers asked. */
export const userAgent = 'Fetchfleet/0.1.0';

/** Flat list name, value, name, value … of what undici does not add itself (host, connection, content-length). */
export const toFields = (headers: Readonly<Record<string, string>>): readonly string[] => {
  const names = Object.keys(headers);
  if (names.length === 0) return ownFields;
  const fields = ['accept-encoding', acceptEncoding];
  let hasUserAgent = false;
  let hasAccept = false;
  for (const name of names) {
    const lower = name.toLowerCase();
    if (lower === 'user-agent') hasUserAgent = true;
    else if (lower === 'accept') hasAccept = true;
    fields.push(name, headers[name] ?? '');
  }
  if (!hasAccept) fields.unshift('accept', '*/*');
  if (!hasUserAgent) fields.unshift('user-agent', userAgent);
  return fields;
};

const ownFields = ['user-agent', userAgent, 'accept', '*/*', 'accept-encoding', acceptEncoding];

// What may follow a redirect to another origin: nothing that identifies or authorizes anybody.
const safeAcrossOrigins = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-language',
  'content-type',
  'pragma',
  'user-agent',
]);

export const keepSafeFields = (fields: readonly string[]): string[] =>
  filterFields(fields, (name) => safeAcrossOrigins.has(name));

/** Leaves out what described the body of a request that has none any more. */
export const dropContentFields = (fields: readonly string[]): string[] =>
  filterFields(fields, (name) => !name.startsWith('content-'));

const filterFields = (fields: readonly string[], keeps: (lowerName: string) => boolean): string[] => {
  const kept: string[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? '';
    if (keeps(name.toLowerCase())) kept.push(name, fields[at + 1] ?? '');
  }
  return kept;
};
