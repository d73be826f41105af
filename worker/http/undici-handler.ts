// What undici tells of the requests of one connection, passed on to whoever asked.
// In the older of the two forms that undici knows: it makes the newer out of it, which costs 4 µs a request, of 75.
import type { Dispatcher } from 'undici';
import type { Receiver } from './carrier.ts';
import type { HeadReader } from './head-reader.ts';
import { abbreviate } from './known-head.ts';
import type { KnownHead } from './known-head.ts';

export class UndiciHandler implements Dispatcher.DispatchHandler {
  /** Who is told; set before each request. */
  receiver: Receiver;
  readonly #heads: HeadReader;
  /** What the awaited head came in, from its first byte on. */
  #came: Buffer | undefined;
  #known: KnownHead | undefined;

  constructor(receiver: Receiver, heads: HeadReader) {
    this.receiver = receiver;
    this.#heads = heads;
  }

  /** The first bytes of a response; answers how many of them undici is to be spared. What follows those may be changed. */
  onFirstBytes(bytes: Buffer): number {
    this.#came = bytes;
    this.#known = this.#heads.recognize(bytes);
    return this.#known === undefined ? 0 : abbreviate(this.#known, bytes);
  }

  onConnect(abort: (error: Error) => void): void {
    this.#forgetHead();
    if (!this.receiver.onSending()) abort(abandoned);
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    const fields = this.#known?.fields ?? this.#heads.read(headers, this.#came);
    this.#forgetHead();
    this.receiver.onFields(status, fields);
    return true;
  }

  #forgetHead(): void {
    this.#came = undefined;
    this.#known = undefined;
  }

  onData(chunk: Buffer): boolean {
    this.receiver.onChunk(chunk);
    return true;
  }

  onComplete(): void {
    this.receiver.onWhole();
  }

  onError(error: Error): void {
    this.receiver.onBroken(error);
  }
}

const abandoned = new Error('abandoned');
