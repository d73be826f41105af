// One request and its response on one connection. Knows neither redirects nor retries nor deadlines.
import type { HeaderList } from '../../shared/result.ts';
import { BodyBuffer } from './body-buffer.ts';
import { RefusedStreamError } from './carrier.ts';
import type { Carrier, Question, Receiver } from './carrier.ts';
import { isTooLarge } from './head-limit.ts';
import { dialFault, exchangeFault, fault, headTooLarge } from './failure-of.ts';
import type { Fault } from './failure-of.ts';
import { findField } from './header-list.ts';

/** Told of each step; each call may end the round trip with `abandon`. */
export type RoundTripListener = {
  onSent(trip: RoundTrip): void;
  /** The response head is there; may set `wantsBody` to false. */
  onHead(trip: RoundTrip): void;
  /** Once, unless abandoned: `fault` is set, or the response is whole. */
  onEnd(trip: RoundTrip): void;
};

export type Departure = Pick<RoundTrip, 'connection' | 'keepAlive' | 'startedAt'> & {
  readonly question: Question;
};

const maxInformational = 10;
const maxDiscardedBytes = 65_536;

// A class because every request allocates one.
export class RoundTrip implements Receiver {
  readonly connection: Carrier;
  readonly keepAlive: boolean;
  phase: 'connect' | 'headers' | 'body' | 'ended' = 'connect';
  /** On the clock of performance.now(), as the other times. */
  readonly startedAt: number;
  sentAt = 0;
  headAt = 0;
  /** When the last byte of the body came. */
  heardAt = 0;
  isReused = false;
  status = 0;
  headers: HeaderList = [];
  readonly body = new BodyBuffer();
  fault: Fault | undefined;
  /** Whether the host said that it has not processed the request. */
  wasRefused = false;
  wantsBody = true;
  /** Whether there was more of the body than was taken. */
  isTruncated = false;
  #declaredBytes: number | undefined;
  #receivedBytes = 0;
  #informational = 0;
  readonly #question: Question;
  readonly #listener: RoundTripListener;

  constructor({ connection, keepAlive, question, startedAt }: Departure, listener: RoundTripListener) {
    this.connection = connection;
    this.keepAlive = keepAlive;
    this.startedAt = startedAt;
    this.#question = question;
    this.#listener = listener;
  }

  start(): void {
    this.connection.ask(this.#question, this.keepAlive, this);
  }

  get isInSizedBody(): boolean {
    return this.#declaredBytes !== undefined && findField(this.headers, 'transfer-encoding') === undefined;
  }

  /** Whether its connection still waits for the addresses of the name. */
  isResolving(): boolean {
    return this.connection.dial?.step === 'dns';
  }

  /** Ends it without a word to the listener; the connection is closed. */
  abandon(): void {
    if (this.phase === 'ended') return;
    this.#end(false);
  }

  onSending(): boolean {
    if (this.phase === 'ended') return false;
    this.isReused = this.connection.served > 0;
    this.connection.beginRequest();
    this.phase = 'headers';
    this.sentAt = performance.now();
    this.#listener.onSent(this);
    return true;
  }

  onFields(status: number, headers: HeaderList): void {
    if (this.phase === 'ended') return;
    if (status < 200) return this.#countInformational();
    this.headAt = performance.now();
    this.heardAt = this.headAt;
    this.phase = 'body';
    this.status = status;
    this.connection.isAwaitingHead = false;
    this.headers = headers;
    if (isTooLarge(this.headers)) return this.#fail(headTooLarge);
    this.#declaredBytes = this.#bodyLength();
    this.#listener.onHead(this);
    if (!this.wantsBody || this.#declaredBytes === undefined) return;
    this.body.expected = Math.min(this.#declaredBytes, this.#question.maxBodyBytes);
    this.#checkSize(this.#declaredBytes);
  }

  onChunk(chunk: Buffer): void {
    if (this.phase === 'ended') return;
    this.heardAt = performance.now();
    this.#receivedBytes += chunk.length;
    if (!this.wantsBody) {
      if (this.#receivedBytes > maxDiscardedBytes) this.stopReading();
      return;
    }
    this.#keep(chunk);
    this.#checkSize(this.#receivedBytes);
  }

  onWhole(): void {
    if (this.phase === 'ended') return;
    this.#end(this.keepAlive && this.#question.method !== 'HEAD' && !this.#asksForClose());
    this.#listener.onEnd(this);
  }

  onBroken(error: Error): void {
    if (this.phase === 'ended') return;
    if (this.sentAt === 0) return this.#fail(dialFault(error, this.connection.dial?.step));
    // undici counts the body of a 304 against its Content-Length, which tells of the body a 200 would have (RFC 9110 §8.6).
    if (this.status !== 0 && !this.#hasBody() && 'code' in error && error.code === lengthMismatch) {
      return this.stopReading();
    }
    this.wasRefused = error instanceof RefusedStreamError;
    const progress = {
      hasHead: this.status !== 0,
      receivedBytes: this.#receivedBytes,
      declaredBytes: this.#declaredBytes,
    };
    this.#fail(exchangeFault(error, progress));
  }

  /** Takes the response as whole although its unwanted body goes on. */
  stopReading(): void {
    if (this.phase === 'ended') return;
    this.abandon();
    this.#listener.onEnd(this);
  }

  #fail(reason: Fault): void {
    this.fault = reason;
    this.stopReading();
  }

  #end(canServeAgain: boolean): void {
    this.phase = 'ended';
    this.connection.endRequest(canServeAgain);
  }

  #countInformational(): void {
    this.#informational += 1;
    if (this.#informational > maxInformational) {
      this.#fail(
        fault(
          'invalid_response',
          `more than ${maxInformational} informational responses came instead of an answer`,
        ),
      );
    }
  }

  #hasBody(): boolean {
    return this.#question.method !== 'HEAD' && this.status !== 204 && this.status !== 304;
  }

  /** Of the body that follows; undefined when there is none or its length is not declared. */
  #bodyLength(): number | undefined {
    const declared = this.#hasBody() ? findField(this.headers, 'content-length') : undefined;
    return declared === undefined ? undefined : Number(declared);
  }

  #keep(chunk: Buffer): void {
    const room = this.#question.maxBodyBytes - this.body.length;
    if (chunk.length <= room) this.body.append(chunk);
    else if (this.#question.truncates) this.body.append(chunk.subarray(0, room));
  }

  #checkSize(bytes: number): void {
    const { maxBodyBytes, truncates } = this.#question;
    if (Math.max(bytes, this.#declaredBytes ?? 0) <= maxBodyBytes) return;
    if (truncates) return this.#truncate();
    const what =
      this.phase === 'body' && this.#receivedBytes === 0
        ? `${bytes} bytes`
        : `more than ${maxBodyBytes} bytes`;
    this.#fail(fault('body_too_large', `the body has ${what}; at most ${maxBodyBytes} are allowed`));
  }

  /** Takes what has come for the whole, once nothing more may be kept. */
  #truncate(): void {
    if (this.body.length < this.#question.maxBodyBytes) return;
    this.isTruncated = true;
    this.stopReading();
  }

  #asksForClose(): boolean {
    return findField(this.headers, 'connection')?.toLowerCase().includes('close') ?? false;
  }
}

const lengthMismatch = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
