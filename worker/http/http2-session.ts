// One HTTP/2 connection (RFC 9113) over a socket that is open already: how many requests it takes, and whether it lives.
import http2 from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { Dial } from '../guard/dial.ts';
import { maxHeadBytes } from './head-limit.ts';

/** Who opened a session. */
export type Http2Keeper = {
  readonly origin: string;
  /** The host's settings have come: requests may be sent. Called at most once. */
  onReady(session: Http2Session): void;
  /** It has no request under way any more. */
  onIdle(session: Http2Session): void;
  /** It takes no more requests, now or ever. `error` is set where it broke. */
  onClosed(session: Http2Session, error: Error | undefined): void;
  /** The host wants HTTP/1.1 after all (HTTP_1_1_REQUIRED). */
  onHttp1Required(): void;
};

export class Http2Session {
  readonly dial: Dial;
  /** Requests carried so far. */
  served = 0;
  isIdle = false;
  #open = 0;
  #isClosed = false;
  #heardAt = performance.now();
  #pingAfterMs = firstPingMs;
  #watch: NodeJS.Timeout | undefined;
  readonly #keeper: Http2Keeper;
  readonly #session: ClientHttp2Session;

  constructor(keeper: Http2Keeper, socket: Socket, dial: Dial) {
    this.#keeper = keeper;
    this.dial = dial;
    const options = { createConnection: () => socket, settings };
    this.#session = http2.connect(keeper.origin, options);
    this.#session.once('remoteSettings', () => keeper.onReady(this));
    this.#session.on('error', (error: Error) => this.#close(error));
    // GOAWAY without an error lets requests under way end; node refuses those that the host will not look at.
    this.#session.on('goaway', () => this.#close(undefined));
    this.#session.on('close', () => {
      clearTimeout(this.#watch);
      this.#close(undefined);
    });
    this.#session.setTimeout(idleMs, () => this.#onQuiet());
  }

  /** Whether one more request may be sent on it now (SETTINGS_MAX_CONCURRENT_STREAMS). */
  hasRoom(): boolean {
    // Node closes the streams of a session first and tells of its end later.
    return !this.#isClosed && !this.#session.closed && !this.#session.destroyed && this.#open < this.room();
  }

  /** How many requests it takes at once. */
  room(): number {
    return Math.min(this.#session.remoteSettings.maxConcurrentStreams ?? mostStreams, mostStreams);
  }

  /** To be called only while it has room. The stream's end must be told by `onStreamEnd`. */
  request(fields: OutgoingHttpHeaders, body: Uint8Array | undefined): ClientHttp2Stream {
    const stream = this.#session.request(fields, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    this.served += 1;
    this.#open += 1;
    this.#watchOver();
    return stream;
  }

  /** Something came from the host. */
  onHeard(): void {
    this.#heardAt = performance.now();
  }

  onHttp1Required(): void {
    this.#keeper.onHttp1Required();
  }

  onStreamEnd(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    clearTimeout(this.#watch);
    this.#watch = undefined;
    this.#keeper.onIdle(this);
  }

  destroy(error?: Error): void {
    this.#close(error);
    clearTimeout(this.#watch);
    this.#session.destroy(error);
  }

  #close(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#keeper.onClosed(this, error);
  }

  #onQuiet(): void {
    if (this.#open === 0) this.destroy();
  }

  /** A silent session is asked whether it lives: at once where it lay idle, ever more rarely while requests are slow. */
  #watchOver(): void {
    if (this.#watch !== undefined) return;
    this.#pingAfterMs = firstPingMs;
    this.#arm(firstPingMs);
  }

  #arm(afterMs: number): void {
    this.#watch = setTimeout(() => this.#ping(), afterMs);
  }

  #ping(): void {
    const quietMs = performance.now() - this.#heardAt;
    if (this.#session.destroyed) return;
    if (quietMs < this.#pingAfterMs - 1) return this.#arm(this.#pingAfterMs - quietMs);
    this.#watch = setTimeout(() => this.destroy(new StaleSessionError()), pingTimeoutMs);
    this.#session.ping(() => {
      this.onHeard();
      clearTimeout(this.#watch);
      this.#watch = undefined;
      if (this.#open === 0) return;
      this.#pingAfterMs *= 2;
      this.#arm(this.#pingAfterMs);
    });
  }
}

/** A session whose host does not even answer a PING. */
export class StaleSessionError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor() {
    super('the HTTP/2 connection has gone silent');
  }
}

const mostStreams = 1000;
const idleMs = 10_000;
const firstPingMs = 1000;
const pingTimeoutMs = 1500;
// The window lets one body of a megabyte come without waiting for our word.
const settings = { enablePush: false, initialWindowSize: 1_048_576, maxHeaderListSize: maxHeadBytes * 2 };
