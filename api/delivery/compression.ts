// Content codings of what we send, by Accept-Encoding (RFC 9110 §12.5.3). Quick ones: results repeat themselves a lot.
import { promisify } from 'node:util';
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  type BrotliCompress,
  type Gzip,
} from 'node:zlib';
import type { Response } from 'express';

export type SentCoding = 'gzip' | 'br';

/** The coding to send in, which it notes in the head; undefined for none. */
export const chooseCoding = (response: Response): SentCoding | undefined => {
  response.vary('Accept-Encoding');
  // Who says nothing may be unable to undo any.
  if (response.req.headers['accept-encoding'] === undefined) return undefined;
  const accepted = response.req.acceptsEncodings('gzip', 'br', 'identity');
  if (accepted !== 'gzip' && accepted !== 'br') return undefined;
  response.set('Content-Encoding', accepted);
  return accepted;
};

const gzipOptions = { level: 1 };
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } };

export const openEncoder = (coding: SentCoding): Gzip | BrotliCompress =>
  coding === 'gzip' ? createGzip(gzipOptions) : createBrotliCompress(brotliOptions);

const inGzip = promisify<string, object, Buffer>(gzip);
const inBrotli = promisify<string, object, Buffer>(brotliCompress);

/** Below, a coding saves next to nothing. */
const leastCharacters = 1024;

/** Sends a line of JSON, or of another type, compressed where that is of use and accepted. */
export const sendCompressed = async (
  response: Response,
  text: string,
  type = 'application/json',
): Promise<void> => {
  response.vary('Accept-Encoding').type(type);
  const line = `${text}\n`;
  const coding = line.length < leastCharacters ? undefined : chooseCoding(response);
  if (coding === undefined) return void response.send(line);
  response.send(await (coding === 'gzip' ? inGzip(line, gzipOptions) : inBrotli(line, brotliOptions)));
};
