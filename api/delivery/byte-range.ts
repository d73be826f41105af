// Which bytes of a body are asked for (RFC 9110 §14). Pure.

/** First and last byte, both included. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * What a Range field asks of so many bytes; undefined for the whole, also where it asks for several parts, for other
 * units than bytes, or for nothing that makes sense.
 */
export const parseRange = (
  field: string | undefined,
  bytes: number,
): ByteRange | 'unsatisfiable' | undefined => {
  const [, first = '', last = '', suffix = ''] =
    /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/i.exec(field?.trim() ?? '') ?? [];
  if (first === '' && suffix === '') return undefined;
  const start = first === '' ? Math.max(0, bytes - Number(suffix)) : Number(first);
  const end = last === '' ? bytes - 1 : Number(last);
  if (last !== '' && end < start) return undefined;
  return start < bytes ? { start, end: Math.min(end, bytes - 1) } : 'unsatisfiable';
};
