// The one place where errors of sockets, TLS, the parser and the guard become failures. Knows no request.
import { maxCodings } from '../../shared/content-coding.ts';
import type { CodingFault } from '../../shared/content-coding.ts';
import { failure } from '../../shared/failure.ts';
import type { Failure, FailureCode } from '../../shared/failure.ts';
import type { Dial } from '../guard/dial.ts';
import { BlockedAddressError } from '../guard/judgement.ts';
import { ProxyError } from '../guard/proxy-handshake.ts';
import { HeadTooLargeError, maxHeadBytes } from './head-limit.ts';
import { NameError } from '../guard/resolver.ts';

/** A failure, and whether another try could end otherwise. */
export type Fault = { readonly failure: Failure; readonly isTransient: boolean };

const transientCodes: ReadonlySet<FailureCode> = new Set([
  'dns_failed',
  'connect_failed',
  'timed_out',
  'connection_lost',
]);

export const fault = (
  code: FailureCode,
  message?: string,
  isTransient = transientCodes.has(code),
): Fault => ({
  failure: failure(code, message),
  isTransient,
});

/** Why no connection came about; `step` is where the dial stood. */
export const dialFault = (error: Error, step: Dial['step'] | undefined): Fault => {
  if (error instanceof BlockedAddressError) return fault('blocked_address', error.message);
  if (error instanceof NameError) return fault('dns_failed', error.message, error.isTransient);
  if (error instanceof ProxyError) return fault('connect_failed', error.message, error.isTransient);
  const code = codeOf(error);
  if (code === 'UND_ERR_INVALID_ARG') return fault('invalid_request', error.message);
  if (step === 'tls') {
    return lostCodes.has(code)
      ? fault('connect_failed', `the connection ended during the TLS handshake (${code})`)
      : fault('tls_failed', `the TLS handshake failed: ${tlsMessage(error)} (${code})`);
  }
  return fault('connect_failed', `the connection could not be opened (${code})`);
};

/** Why a whole body could not be decoded. */
export const codingFault = (reason: CodingFault, coding: string, maxBodyBytes: number): Fault => {
  if (reason === 'too_large')
    return fault('body_too_large', `the body unfolds (${coding}) to more than ${maxBodyBytes} bytes`);
  return reason === 'corrupt'
    ? fault('invalid_response', `the body is not what its Content-Encoding says (${coding})`)
    : fault('invalid_response', `the body has more than ${maxCodings} content codings`);
};

/** How much of a response had come when its connection broke. */
export type Progress = {
  readonly hasHead: boolean;
  readonly receivedBytes: number;
  /** Of Content-Length. */
  readonly declaredBytes: number | undefined;
};

export const headTooLarge = fault(
  'invalid_response',
  `the response head is larger than ${maxHeadBytes} bytes`,
);

/** Why an exchange that had begun did not end with a whole response. */
export const exchangeFault = (error: Error, progress: Progress): Fault => {
  const code = codeOf(error);
  if (error instanceof HeadTooLargeError) return headTooLarge;
  if (code.startsWith('UND_ERR_INVALID_ARG') || code.startsWith('ERR_HTTP2_INVALID'))
    return fault('invalid_request', error.message);
  if (isLost(code, error, progress)) return fault('connection_lost', lostMessage(progress));
  if (code.startsWith('HPE_')) return fault('invalid_response', `the answer is not valid HTTP/1.1 (${code})`);
  if (/^(ERR_)?HTTP2_/.test(code))
    return fault('invalid_response', `the answer is not valid HTTP/2 (${code})`);
  return fault('invalid_response', `the answer is not a valid response (${error.message})`);
};

const lostCodes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_HTTP2_SESSION_ERROR',
  'HTTP2_REFUSED_STREAM',
  'HTTP2_HTTP_1_1_REQUIRED',
  'HTTP2_INTERNAL_ERROR',
  'HTTP2_CANCEL',
  'HTTP2_NO_ERROR',
  'HTTP2_ENHANCE_YOUR_CALM',
]);

const isLost = (code: string, error: Error, { hasHead, receivedBytes, declaredBytes }: Progress): boolean => {
  if (lostCodes.has(code) || code === 'HPE_INVALID_EOF_STATE') return true;
  // undici says "bad response" or "bad upgrade" of what it cannot match to a request.
  if (code === 'UND_ERR_SOCKET') return !error.message.startsWith('bad ');
  // undici reports a parse error as this too, once there was a Content-Length.
  return (
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' &&
    hasHead &&
    declaredBytes !== undefined &&
    receivedBytes < declaredBytes
  );
};

const lostMessage = ({ hasHead, receivedBytes, declaredBytes }: Progress): string => {
  if (!hasHead) return 'the connection ended before a response had come';
  const whole = declaredBytes === undefined ? '' : ` of ${declaredBytes}`;
  return `the connection ended after ${receivedBytes}${whole} bytes of the body`;
};

const tlsMessage = (error: Error): string => error.message.split('\n')[0]?.slice(0, 200) ?? '';

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;
