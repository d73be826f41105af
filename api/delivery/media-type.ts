// What a stored body's Content-Type says of how to show it. Pure; types come from strangers and are often wrong.
import contentType from 'content-type';

export type MediaType = {
  /** Lower case, without parameters; empty where there is none to be read. */
  readonly type: string;
  readonly charset?: string;
};

export const parseMediaType = (field: string | undefined): MediaType => {
  if (field === undefined) return { type: '' };
  try {
    const { type, parameters } = contentType.parse(field);
    const charset = parameters['charset'];
    return charset === undefined ? { type } : { type, charset };
  } catch {
    return { type: /^\s*([^\s;]+)/.exec(field)?.[1]?.toLowerCase() ?? '' };
  }
};

/** What bytes are whose coding could not be undone, whatever they hold. */
export const encodedType: MediaType = { type: 'application/octet-stream' };

export const isJsonType = (type: string): boolean =>
  type === 'application/json' || type === 'text/json' || type.endsWith('+json');

const textTypes = new Set([
  '', // says nothing: text where it is valid UTF-8
  'application/xml',
  'application/javascript',
  'application/ecmascript',
  'application/x-javascript',
  'application/x-www-form-urlencoded',
  'application/x-ndjson',
  'application/jsonlines',
  'application/yaml',
  'application/x-yaml',
  'application/toml',
  'application/graphql',
  'application/sql',
]);

export const isTextType = (type: string): boolean =>
  type.startsWith('text/') || type.endsWith('+xml') || textTypes.has(type) || isJsonType(type);

// What a browser shows without running anything of it.
const inertTypes =
  /^(?:text\/(?:plain|csv)|(?:image\/(?!svg)|audio\/|video\/|font\/).+|application\/(?:json|pdf|zip|gzip|octet-stream|x-ndjson|x-tar))$/;

/** The Content-Type to serve a stranger's body with: its own where that cannot do harm. */
export const safeContentType = (field: string | undefined): string => {
  const { type, charset } = parseMediaType(field);
  if (!inertTypes.test(type)) return 'application/octet-stream';
  return charset !== undefined && type.startsWith('text/') && /^[\w.:-]{1,40}$/.test(charset)
    ? `${type}; charset=${charset}`
    : type;
};
