// One request as one stream of an HTTP/2 session.
import { constants } from 'node:http2';
import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import type { HeaderList } from '../../shared/result.ts';
import type { Dial } from '../guard/dial.ts';
import { RefusedStreamError, StreamError } from './carrier.ts';
import type { Carrier, Question, Receiver } from './carrier.ts';
import type { Http2Session } from './http2-session.ts';

export class Http2Stream implements Carrier {
  readonly protocol = 'h2';
  isAwaitingHead = false;
  readonly #session: Http2Session;
  #stream: ClientHttp2Stream | undefined;
  #isWhole = false;

  /** `session` must have room. */
  constructor(session: Http2Session) {
    this.#session = session;
  }

  get dial(): Dial {
    return this.#session.dial;
  }

  get served(): number {
    return this.#session.served;
  }

  ask(question: Question, _keepAlive: boolean, receiver: Receiver): void {
    if (!receiver.onSending()) return;
    try {
      this.#stream = this.#session.request(toFields(question), question.body);
    } catch (error) {
      receiver.onBroken(error as Error);
      return;
    }
    this.#listen(this.#stream, receiver);
  }

  beginRequest(): void {
    this.isAwaitingHead = true;
  }

  hold(): void {
    this.#stream?.pause();
  }

  release(): void {
    this.#stream?.resume();
  }

  endRequest(): void {
    this.isAwaitingHead = false;
    this.#stream?.close(this.#isWhole ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_CANCEL);
  }

  #listen(stream: ClientHttp2Stream, receiver: Receiver): void {
    const session = this.#session;
    const onFields = (_parsed: object, _flags: number, ...rest: unknown[]): void => {
      session.onHeard();
      const { status, headers } = readFields(rest[0]);
      receiver.onFields(status, headers);
    };
    let broken: Error | undefined;
    stream
      .on('response', onFields)
      .on('headers', onFields)
      .on('data', (chunk: Buffer) => {
        session.onHeard();
        receiver.onChunk(chunk);
      })
      .on('end', () => {
        // Node ends the body of a stream that was reset, too.
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
        this.#isWhole = true;
        receiver.onWhole();
      })
      .on('error', (error: Error) => (broken = error))
      .on('close', () => {
        session.onStreamEnd();
        if (!this.#isWhole) receiver.onBroken(this.#reasonOf(stream.rstCode ?? 0, broken));
      });
  }

  #reasonOf(rstCode: number, error: Error | undefined): Error {
    if (rstCode === constants.NGHTTP2_HTTP_1_1_REQUIRED) this.#session.onHttp1Required();
    const reason = resetNames.get(rstCode) ?? String(rstCode);
    if (refusals.has(rstCode)) return new RefusedStreamError(reason);
    const isOfStream = error === undefined || ('code' in error && error.code === 'ERR_HTTP2_STREAM_ERROR');
    return isOfStream ? new StreamError(reason) : error;
  }
}

const refusals: ReadonlySet<number> = new Set([
  constants.NGHTTP2_REFUSED_STREAM,
  constants.NGHTTP2_HTTP_1_1_REQUIRED,
]);

const resetNames: ReadonlyMap<number, string> = new Map([
  [constants.NGHTTP2_NO_ERROR, 'NO_ERROR'],
  [constants.NGHTTP2_PROTOCOL_ERROR, 'PROTOCOL_ERROR'],
  [constants.NGHTTP2_INTERNAL_ERROR, 'INTERNAL_ERROR'],
  [constants.NGHTTP2_FLOW_CONTROL_ERROR, 'FLOW_CONTROL_ERROR'],
  [constants.NGHTTP2_STREAM_CLOSED, 'STREAM_CLOSED'],
  [constants.NGHTTP2_FRAME_SIZE_ERROR, 'FRAME_SIZE_ERROR'],
  [constants.NGHTTP2_REFUSED_STREAM, 'REFUSED_STREAM'],
  [constants.NGHTTP2_CANCEL, 'CANCEL'],
  [constants.NGHTTP2_COMPRESSION_ERROR, 'COMPRESSION_ERROR'],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, 'ENHANCE_YOUR_CALM'],
  [constants.NGHTTP2_HTTP_1_1_REQUIRED, 'HTTP_1_1_REQUIRED'],
]);

/** Names are lower case on HTTP/2 (RFC 9113 §8.2); node adds :scheme and :authority. */
const toFields = ({ method, path, headers, body }: Question): OutgoingHttpHeaders => {
  const fields: OutgoingHttpHeaders = Object.create(null) as OutgoingHttpHeaders;
  fields[constants.HTTP2_HEADER_METHOD] = method;
  fields[constants.HTTP2_HEADER_PATH] = path;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    fields[(headers[at] ?? '').toLowerCase()] = headers[at + 1];
  }
  if (body !== undefined) fields[constants.HTTP2_HEADER_CONTENT_LENGTH] = body.length;
  return fields;
};

/** From node's flat list, where no order and no repetition is lost; its types do not tell of that. */
const readFields = (raw: unknown): { status: number; headers: HeaderList } => {
  const list = Array.isArray(raw) ? (raw as string[]) : [];
  const headers: string[] = [];
  let status = 0;
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at] ?? '';
    if (name === constants.HTTP2_HEADER_STATUS) status = Number(list[at + 1]);
    else headers.push(name, list[at + 1] ?? '');
  }
  return { status, headers };
};
