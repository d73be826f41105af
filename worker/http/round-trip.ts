// One request and its response on one connection. Knows neither redirects nor retries nor deadlines.
import type { HeaderList } from '../../shared/result.ts';
import { BodyIntake } from './body-intake.ts';
import { RefusedStreamError } from './carrier.ts';
import type { Carrier, Question, Receiver } from './carrier.ts';
import { isTooLarge } from './head-limit.ts';
import { dialFault, exchangeFault, fault, headTooLarge } from './failure-of.ts';
import type { Fault } from './failure-of.ts';
import { findField } from './header-list.ts';
import type { SpillOwner } from './spilled-body.ts';

/** Told of each step; each call may end the round trip with `abandon`. */
export type RoundTripListener = {
  onSent(trip: RoundTrip): void;
  /** The response head is there; may set `wantsBody` to false. */
  onHead(trip: RoundTrip): void;
  /** Its body goes on, after it was held. */
  onReleased(trip: RoundTrip): void;
  /** Once, unless abandoned: `fault` is set, or the response is whole. */
  onEnd(trip: RoundTrip): void;
};

export type Departure = Pick<RoundTrip, 'connection' | 'keepAlive' | 'startedAt'> & {
  readonly question: Question;
};

const maxInformational = 10;
const maxDiscardedBytes = 65_536;

// A class because every request allocates one.
export class RoundTrip implements Receiver, SpillOwner {
  readonly connection: Carrier;
  readonly keepAlive: boolean;
  phase: 'connect' | 'headers' | 'body' | 'storing' | 'ended' = 'connect';
  /** On the clock of performance.now(), as the other times. */
  readonly startedAt: number;
  sentAt = 0;
  headAt = 0;
  /** When the last byte of the body came. */
  heardAt = 0;
  /** Whether the body waits until what came of it is stored, and for how long it did, ms. */
  isHeld = false;
  heldMs = 0;
  isReused = false;
  status = 0;
  headers: HeaderList = [];
  readonly body: BodyIntake;
  /** Where the store keeps the body, if it is not in memory. */
  bodyRef: string | undefined;
  /** Whether the store could not keep it. */
  isBodyLost = false;
  fault: Fault | undefined;
  /** Whether the host said that it has not processed the request. */
  wasRefused = false;
  wantsBody = true;
  #declaredBytes: number | undefined;
  #discardedBytes = 0;
  #heldAt = 0;
  #informational = 0;
  readonly #question: Question;
  readonly #listener: RoundTripListener;

  constructor({ connection, keepAlive, question, startedAt }: Departure, listener: RoundTripListener) {
    this.connection = connection;
    this.keepAlive = keepAlive;
    this.startedAt = startedAt;
    this.#question = question;
    this.body = new BodyIntake(question, this);
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
    if (this.phase === 'storing') this.phase = 'ended';
    else this.#end(false);
    this.body.discard();
  }

  onSending(): boolean {
    if (this.#isOver) return false;
    this.isReused = this.connection.served > 0;
    this.connection.beginRequest();
    this.phase = 'headers';
    this.sentAt = performance.now();
    this.#listener.onSent(this);
    return true;
  }

  onFields(status: number, headers: HeaderList): void {
    if (this.#isOver) return;
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
    this.#goOn(this.body.expect(this.#declaredBytes));
  }

  onChunk(chunk: Buffer): void {
    if (this.#isOver) return;
    this.heardAt = performance.now();
    if (this.wantsBody) return this.#goOn(this.body.append(chunk));
    this.#discardedBytes += chunk.length;
    if (this.#discardedBytes > maxDiscardedBytes) this.stopReading();
  }

  onWhole(): void {
    if (this.#isOver) return;
    this.#end(this.keepAlive && this.#question.method !== 'HEAD' && !this.#asksForClose());
    this.#conclude();
  }

  onBroken(error: Error): void {
    if (this.#isOver) return;
    if (this.sentAt === 0) return this.#fail(dialFault(error, this.connection.dial?.step));
    // undici counts the body of a 304 against its Content-Length, which tells of the body a 200 would have (RFC 9110 §8.6).
    if (this.status !== 0 && !this.#hasBody() && 'code' in error && error.code === lengthMismatch) {
      return this.stopReading();
    }
    this.wasRefused = error instanceof RefusedStreamError;
    const progress = {
      hasHead: this.status !== 0,
      receivedBytes: this.wantsBody ? this.body.received : this.#discardedBytes,
      declaredBytes: this.#declaredBytes,
    };
    this.#fail(exchangeFault(error, progress));
  }

  /** Takes the response as whole although its unwanted body goes on. */
  stopReading(): void {
    if (this.#isOver) return;
    this.#end(false);
    this.#conclude();
  }

  onRoom(): void {
    if (!this.isHeld) return;
    this.#release();
    this.#listener.onReleased(this);
  }

  #fail(reason: Fault): void {
    this.fault = reason;
    this.stopReading();
  }

  /** Whether it needs its connection no longer. */
  get #isOver(): boolean {
    return this.phase === 'ended' || this.phase === 'storing';
  }

  #end(canServeAgain: boolean): void {
    this.phase = 'ended';
    if (this.isHeld) this.#release();
    this.connection.endRequest(canServeAgain);
  }

  /** What came of the body is kept, or the first that there was of it. */
  #goOn(tooLarge: Fault | undefined): void {
    if (tooLarge !== undefined) return this.#fail(tooLarge);
    if (this.body.isTruncated) return this.stopReading();
    if (this.body.isFull && !this.isHeld) this.#hold();
  }

  #hold(): void {
    this.isHeld = true;
    this.#heldAt = performance.now();
    this.connection.hold();
  }

  #release(): void {
    this.isHeld = false;
    this.heardAt = performance.now();
    this.heldMs += this.heardAt - this.#heldAt;
    this.connection.release();
  }

  #conclude(): void {
    if (this.fault !== undefined) this.body.discard();
    else if (this.body.isSpilled) return this.#store();
    this.#listener.onEnd(this);
  }

  /** The last byte has come, and the connection is free. */
  #store(): void {
    this.phase = 'storing';
    const end = (ref: string | undefined): void => {
      if (this.phase !== 'storing') return;
      this.phase = 'ended';
      this.bodyRef = ref;
      this.isBodyLost = ref === undefined;
      if (this.isBodyLost) this.body.discard();
      this.#listener.onEnd(this);
    };
    this.body.keep().then(end, () => end(undefined));
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

  #asksForClose(): boolean {
    return findField(this.headers, 'connection')?.toLowerCase().includes('close') ?? false;
  }
}

const lengthMismatch = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
