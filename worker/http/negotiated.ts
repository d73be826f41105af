// A carrier for a request that may go over HTTP/2: what it travels on is known once ALPN (RFC 7301) has decided.
import type { Dial } from '../guard/dial.ts';
import type { Carrier, Question, Receiver } from './carrier.ts';
import type { Http2Sessions, Opening, Passenger } from './http2-sessions.ts';

type Asked = {
  readonly question: Question;
  readonly keepAlive: boolean;
  readonly receiver: Receiver;
};

export class Negotiated implements Carrier, Passenger {
  opening: Opening | undefined;
  readonly #sessions: Http2Sessions;
  readonly #onEnd: () => void;
  #carrier: Carrier | undefined;
  #asked: Asked | undefined;

  /** `onEnd` is called once its request has ended. */
  constructor(sessions: Http2Sessions, onEnd: () => void) {
    this.#sessions = sessions;
    this.#onEnd = onEnd;
  }

  get protocol(): Carrier['protocol'] {
    return this.#carrier?.protocol ?? 'h2';
  }

  get dial(): Dial | undefined {
    return this.#carrier?.dial ?? this.opening?.dial;
  }

  get served(): number {
    return this.#carrier?.served ?? 0;
  }

  get isAwaitingHead(): boolean {
    return this.#carrier?.isAwaitingHead ?? false;
  }

  set isAwaitingHead(isAwaiting: boolean) {
    if (this.#carrier !== undefined) this.#carrier.isAwaitingHead = isAwaiting;
  }

  ask(question: Question, keepAlive: boolean, receiver: Receiver): void {
    this.#asked = { question, keepAlive, receiver };
    this.#sessions.place(this, !keepAlive);
  }

  travelOn(carrier: Carrier): void {
    this.#carrier = carrier;
    const asked = this.#asked;
    if (asked !== undefined) carrier.ask(asked.question, asked.keepAlive, asked.receiver);
  }

  fail(error: Error): void {
    this.#asked?.receiver.onBroken(error);
  }

  beginRequest(): void {
    this.#carrier?.beginRequest();
  }

  hold(): void {
    this.#carrier?.hold();
  }

  release(): void {
    this.#carrier?.release();
  }

  endRequest(canServeAgain: boolean): void {
    this.#sessions.leave(this);
    this.#carrier?.endRequest(canServeAgain);
    this.#onEnd();
  }
}
