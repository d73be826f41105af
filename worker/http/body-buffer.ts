// Gathers the chunks of one body into contiguous bytes.

const smallestBytes = 4096;
/** Room is made for at most so many times what has come, whatever a head says will. */
const trust = 16;
const empty: Buffer = Buffer.alloc(0);

/**
 * Holds a lone chunk as it is, and copies from the second on: a server that sends ten million chunks of one byte
 * must not cost ten million Buffer objects.
 */
export class BodyBuffer {
  length = 0;
  /** How long it will be, where its head says so. */
  expected = 0;
  #buffer = empty;
  #isOwn = false;

  append(chunk: Buffer): void {
    if (this.length === 0) {
      this.#buffer = chunk;
    } else {
      this.#reserve(this.length + chunk.length);
      chunk.copy(this.#buffer, this.length);
    }
    this.length += chunk.length;
  }

  bytes(): Uint8Array {
    return this.#buffer.length === this.length ? this.#buffer : this.#buffer.subarray(0, this.length);
  }

  #reserve(needed: number): void {
    if (this.#isOwn && this.#buffer.length >= needed) return;
    const grown = Buffer.allocUnsafeSlow(this.#roomFor(needed));
    this.#buffer.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
    this.#isOwn = true;
  }

  #roomFor(needed: number): number {
    if (this.expected >= needed) return Math.min(this.expected, needed * trust);
    return Math.max(needed, this.length * 2, smallestBytes);
  }
}
