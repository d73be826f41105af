// What a request travels on, and what it is told on the way: the seam between the protocols and all that is above them.
import type { ConnectionUse, HeaderList } from '../../shared/result.ts';
import type { BodyDraft } from '../../shared/body-store.ts';
import type { Dial } from '../guard/dial.ts';

/** What is asked. `path` is origin-form, or absolute-form for a proxy; `headers` is name, value, name, value … */
export type Question = {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Uint8Array | undefined;
  readonly maxBodyBytes: number;
  /** Whether a larger body is taken up to there, instead of a fault. */
  readonly truncates: boolean;
  /** Where the body goes that is too large for memory; without it all of it is kept there. */
  readonly drafts?: Drafts | undefined;
};

export type Drafts = {
  /** Bytes of a body that are kept in memory at most. */
  readonly above: number;
  open(): BodyDraft;
};

/** Told what becomes of a question. Either `onWhole` or `onBroken` is the last call. */
export type Receiver = {
  /** Whether nothing but a body of known length is still to come. */
  readonly isInSizedBody: boolean;
  /** The request is about to be written; false when nobody wants it any more. */
  onSending(): boolean;
  /** A response head, informational ones included; names in lower case. */
  onFields(status: number, headers: HeaderList): void;
  onChunk(chunk: Buffer): void;
  onWhole(): void;
  onBroken(error: Error): void;
};

/** Carries one request at a time. */
export type Carrier = {
  readonly protocol: NonNullable<ConnectionUse['protocol']>;
  /** The dial of the socket in use; undefined before the first. */
  readonly dial: Dial | undefined;
  /** Requests that its socket has carried, this one included once it is sent. */
  readonly served: number;
  /** Whether the head of a response is being waited for. */
  isAwaitingHead: boolean;
  /** `keepAlive`: the socket is to stay open afterwards. */
  ask(question: Question, keepAlive: boolean, receiver: Receiver): void;
  /** The request is being written. */
  beginRequest(): void;
  /** Leaves what comes next of the response where it is; what has been read already may still be handed on. */
  hold(): void;
  /** Ends the hold, if there is one. */
  release(): void;
  /** Its response ended, or is not awaited any more; `canServeAgain` when it ended whole and nobody asked for a close. */
  endRequest(canServeAgain: boolean): void;
};

/** An HTTP/2 stream that was reset; `code` is `HTTP2_` and the name of RFC 9113 §7. */
export class StreamError extends Error {
  override readonly name: string = 'StreamError';
  readonly code: string;
  constructor(reason: string) {
    super(`the stream was reset: ${reason}`);
    this.code = `HTTP2_${reason}`;
  }
}

/** The host has not processed the request at all, so that even a POST may be sent again. */
export class RefusedStreamError extends StreamError {
  override readonly name = 'RefusedStreamError';
}
