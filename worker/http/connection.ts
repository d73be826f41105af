// One socket at a time, held by an undici Client of its own, and one request at a time on it.
import { Client, errors } from 'undici';
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { Connect, Dial } from '../guard/dial.ts';
import { PlainSocket } from '../guard/plain-socket.ts';
import type { ByteReader } from '../guard/plain-socket.ts';
import type { Carrier, Question, Receiver } from './carrier.ts';
import type { HeadReader } from './head-reader.ts';
import { makeHoldable } from './holdable.ts';
import type { Holdable } from './holdable.ts';
import { countHead, limitHead } from './head-limit.ts';
import type { HeadWatch } from './head-limit.ts';
import { longestIdleMs } from './reuse-policy.ts';
import { UndiciHandler } from './undici-handler.ts';

/** Who opened a connection, and gets it back after each request. */
export type ConnectionKeeper = {
  readonly origin: string;
  readonly connect: Connect;
  readonly heads: HeadReader;
  /** `canServeAgain` when the response ended whole and nobody asked for a close. */
  giveBack(connection: Connection, canServeAgain: boolean): void;
  onDisconnect(connection: Connection, error: Error): void;
};

/** A socket that is open already. */
export type ReadySocket = { readonly socket: Socket; readonly dial: Dial };

/** Dials when it is first asked, unless it was given a socket. */
export class Connection implements Carrier, HeadWatch, ByteReader {
  readonly protocol = 'http/1.1';
  readonly #keeper: ConnectionKeeper;
  readonly client: Client;
  /** The dial of the socket in use; undefined before the first. */
  dial: Dial | undefined;
  /** Requests that the socket in use has carried. */
  served = 0;
  isIdle = false;
  /** When it was given back last, on the clock of its keeper. */
  idleSince = 0;
  /** A request was written and its response is awaited. */
  isAsked = false;
  isAwaitingHead = false;
  headBytes = 0;
  #dials = 0;
  #handler: UndiciHandler | undefined;
  #ready: ReadySocket | undefined;
  #holdable: Holdable | undefined;

  constructor(keeper: ConnectionKeeper, ready?: ReadySocket) {
    this.#keeper = keeper;
    this.#ready = ready;
    this.client = new Client(keeper.origin, { ...clientOptions, connect: this.#connect });
    this.client.on('disconnect', (_origin, _targets, error) => keeper.onDisconnect(this, error));
  }

  ask({ method, path, headers, body }: Question, keepAlive: boolean, receiver: Receiver): void {
    this.#handler ??= new UndiciHandler(receiver, this.#keeper.heads);
    this.#handler.receiver = receiver;
    // undici only reads the list, though its types do not say so.
    const question = { method, path, headers: headers as string[], body: body ?? null };
    this.client.dispatch(keepAlive ? question : { ...question, reset: true }, this.#handler);
  }

  /** A request is being written. */
  beginRequest(): void {
    this.served += 1;
    this.isAsked = true;
    this.isAwaitingHead = true;
    this.headBytes = 0;
  }

  /** Its response ended, or is not awaited any more. */
  endRequest(canServeAgain: boolean): void {
    this.isAsked = false;
    this.isAwaitingHead = false;
    this.#keeper.giveBack(this, canServeAgain);
  }

  hold(): void {
    this.#holdable?.hold();
  }

  release(): void {
    this.#holdable?.release();
  }

  onBytes(socket: PlainSocket, bytes: Buffer): number {
    const isFirst = this.isAwaitingHead && this.headBytes === 0;
    countHead(socket, this, bytes.length);
    return isFirst ? (this.#handler?.onFirstBytes(bytes) ?? 0) : 0;
  }

  /** undici keeps the fields of a head, or of trailers, as views of the bytes until the last of them has come. */
  keepsBytes(): boolean {
    return this.isAsked && this.#handler?.receiver.isInSizedBody !== true;
  }

  destroy(): void {
    this.dial?.cancel();
    if (!this.client.destroyed) this.client.destroy(destroyed, ignore);
  }

  // undici calls this again by itself when an idle socket turns out dead before the request was written.
  readonly #connect = (target: buildConnector.Options, callback: buildConnector.Callback): void => {
    this.#dials += 1;
    if (this.#dials > maxDials) return callback(new Error('the host keeps closing new connections'), null);
    this.served = 0;
    if (this.#ready !== undefined) return this.#takeReady(this.#ready, callback);
    this.dial = this.#keeper.connect(target, (...outcome) => {
      if (outcome[0] === null) this.#listen(outcome[1]);
      callback(...outcome);
    });
  };

  #listen(socket: Socket): void {
    if (socket instanceof PlainSocket) {
      socket.reader = this;
      this.#holdable = socket;
    } else {
      limitHead(socket, this);
      this.#holdable = makeHoldable(socket);
    }
  }

  #takeReady({ socket, dial }: ReadySocket, callback: buildConnector.Callback): void {
    this.#ready = undefined;
    this.dial = dial;
    this.#listen(socket);
    // Later, as a dial would: undici is not prepared to be called back at once.
    queueMicrotask(() => callback(null, socket));
  }
}

const maxDials = 3;
// Deadlines are ours (undici's are ±500 ms), so its timers are off, and so is the limit on heads.
const clientOptions = {
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: longestIdleMs,
  keepAliveMaxTimeout: longestIdleMs,
  maxHeaderSize: 1_048_576,
  pipelining: 1,
} as const;

/** The error that undici would make each time, with a trace of the stack that takes 15 µs. Nobody is told of it. */
const destroyed = new errors.ClientDestroyedError();

const ignore = (): void => undefined;
